/// <reference lib="dom" />
// The picture of a live figure and the sentence under it: lanes, now, the steam
// over what has not happened, a ring round what was chosen; or the same as a
// table. It is told what to show, and tells what was pointed at.

import { made, setText } from "../parts/elements.ts";
import { moment } from "../parts/units.ts";
import { STATES, WAITS } from "../trace/states.ts";
import {
  drawnGhosts,
  drawnNames,
  drawnPlot,
  extentsOf,
  type Places,
  placesOf,
} from "./figure_drawing.ts";
import type { FigureRow, Why } from "./live_model.ts";

export interface Ghosts {
  rows: readonly FigureRow[];
  label: string;
}

const NARROW = "(width < 600px)";
/** Until the first layout is known. */
const PLOT_PX = 450;
const ROWS_MAX = 400;
const SPEAK_EVERY_MS = 1000;
const HEADS = ["lane", "state", "does, or waits for", "from", "to"];

export class FigureStage {
  readonly element = made("div", "live-stage");
  readonly #picture = made("div", "live-picture");
  readonly #names = svg("live-names");
  readonly #area = made("div", "live-area");
  readonly #plot = svg("live-plot");
  readonly #steam = made("div", "live-steam");
  readonly #now = made("div", "live-now");
  readonly #tag = made("span", "live-tag mono");
  readonly #ring = made("div", "live-ring");
  readonly #held = made("p", "live-held");
  readonly #ghostLabel = made("p", "live-ghosts");
  readonly #table = made("div", "live-table");
  readonly #question = made("p", "question");
  readonly #answer = made("p", "answer");
  #rows: readonly FigureRow[] = [];
  #ghosts: Ghosts | null = null;
  #places: Places = placesOf([], false);
  #toNs = 1;
  #seen = 0;
  #said = "";
  #saidAt = 0;

  constructor(
    title: string,
    onChoose: (rowId: string | null, at: number) => void,
  ) {
    const picture = this.#picture;
    picture.tabIndex = 0;
    picture.setAttribute("role", "application");
    picture.setAttribute(
      "aria-label",
      `${title}. Arrow up and down choose a lane, comma and full stop a slice, left and right a moment, T shows a table.`,
    );
    this.#held.innerHTML =
      "<b>Not happened yet</b><span>Predict, or press Play</span>";
    this.#held.hidden = true;
    this.#now.append(this.#tag);
    this.#area.append(
      this.#plot,
      this.#steam,
      this.#ring,
      this.#now,
      this.#held,
      this.#ghostLabel,
    );
    picture.append(this.#names, this.#area);
    this.#table.hidden = true;
    this.#table.tabIndex = 0;
    this.#table.setAttribute("role", "region");
    this.#table.setAttribute("aria-label", `${title}, as a table`);
    const why = made("div", "live-why");
    why.append(this.#question, this.#answer);
    this.#answer.setAttribute("aria-live", "polite");
    this.element.append(picture, this.#table, why);
    this.#area.addEventListener("click", ({ clientX, clientY }) => {
      const box = this.#area.getBoundingClientRect();
      const at = (clientX - box.left) / box.width * this.#toNs;
      const row = this.#rowAt(clientY - box.top);
      onChoose(row?.id ?? null, Math.floor(at));
    });
    matchMedia(NARROW).addEventListener("change", () => this.#redraw());
    new ResizeObserver(() => this.#redraw()).observe(this.#area);
  }

  get hasFocus(): boolean {
    return this.#picture.contains(document.activeElement);
  }

  setRows(
    rows: readonly FigureRow[],
    toNs: number,
    ghosts: Ghosts | null,
  ): void {
    this.#rows = rows;
    this.#toNs = toNs;
    this.#ghosts = ghosts;
    this.#drawnFor = 0;
    this.#redraw();
  }

  /** Now; and how far it has been seen. */
  seek(now: number, seen: number): void {
    this.#seen = seen;
    const left = now / this.#toNs * 100;
    this.#now.style.left = `${left}%`;
    this.#now.classList.toggle("turned", left > 78);
    setText(this.#tag, moment(now));
    this.#steam.style.left = `${seen / this.#toNs * 100}%`;
    if (!this.#table.hidden) this.#fillTable();
  }

  /** The future is held back until the reader has said what he thinks. */
  holdBack(isHeld: boolean): void {
    this.#held.hidden = !isHeld;
  }

  tell(why: Why | null, isChosen: boolean): void {
    const text = why === null ? "" : JSON.stringify(why);
    if (text !== this.#said) {
      this.#said = text;
      const soon = performance.now() - this.#saidAt < SPEAK_EVERY_MS;
      this.#saidAt = performance.now();
      this.#answer.setAttribute("aria-live", soon ? "off" : "polite");
      setText(this.#question, why?.question ?? "");
      this.#answer.replaceChildren(...(why?.answer ?? []).map(phrase));
    }
    this.#placeRing(isChosen ? why : null);
  }

  showTable(isTable: boolean): void {
    this.#table.hidden = !isTable;
    this.#picture.hidden = isTable;
    if (isTable) this.#fillTable();
  }

  #drawnFor = 0;

  /** Anew where the room has changed enough for other labels. */
  #redraw(): void {
    const width = this.#area.clientWidth || PLOT_PX;
    const isNarrow = matchMedia(NARROW).matches;
    const key = Math.round(width / 8) * (isNarrow ? -1 : 1);
    if (key === this.#drawnFor) return;
    this.#drawnFor = key;
    const places = placesOf(this.#rows, isNarrow);
    this.#places = places;
    const ghosts = this.#ghosts;
    this.#plot.innerHTML = drawnPlot(places, this.#toNs, width) +
      (ghosts === null
        ? ""
        : drawnGhosts(places, extentsOf(ghosts.rows), this.#toNs));
    this.#names.innerHTML = drawnNames(places);
    setText(this.#ghostLabel, ghosts?.label ?? "");
    this.#picture.style.height = `${places.height}px`;
  }

  #rowAt(y: number): FigureRow | null {
    const found = this.#places.rows.find((it) =>
      y >= it.y - 4 && y < it.y + it.height + 4
    );
    return found?.row ?? null;
  }

  #placeRing(why: Why | null): void {
    const place = this.#places.rows.find(({ row }) => row.id === why?.laneId);
    this.#ring.hidden = place === undefined || why === null;
    if (place === undefined || why === null) return;
    const end = Math.min(why.end, this.#seen);
    const left = Math.max(0, why.start / this.#toNs * 100);
    const { style } = this.#ring;
    style.left = `${left}%`;
    style.width = `${Math.max(0.4, end / this.#toNs * 100 - left)}%`;
    style.top = `${place.y}px`;
    style.height = `${place.height}px`;
  }

  #fillTable(): void {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const word of HEADS) {
      const cell = made("th", "") as HTMLTableCellElement;
      cell.scope = "col";
      cell.textContent = word;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const cells of this.#tableRows().slice(0, ROWS_MAX)) {
      const row = body.insertRow();
      cells.forEach((text, index) => {
        const cell = made(
          index === 0 ? "th" : "td",
          "",
        ) as HTMLTableCellElement;
        if (index === 0) cell.scope = "row";
        cell.textContent = text;
        row.append(cell);
      });
    }
    this.#table.replaceChildren(table);
  }

  #tableRows(): string[][] {
    return this.#rows.flatMap(({ name, slices }) =>
      slices.filter(({ start }) => start < this.#seen).map((slice) => {
        const { letter, word } = STATES[slice.state];
        const waits = WAITS.has(slice.state);
        return [
          name,
          `${letter} ${waits ? "blocked" : word}`,
          waits ? `${word} ${slice.label}` : slice.label,
          moment(slice.start),
          slice.end > this.#seen ? "not ended" : moment(slice.end),
        ];
      })
    );
  }
}

function svg(className: string): SVGSVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("class", className);
  made.setAttribute("aria-hidden", "true");
  return made;
}

function phrase({ text, style }: { text: string; style: string }): Node {
  if (style === "plain") return document.createTextNode(text);
  const made = document.createElement(style === "bold" ? "b" : "code");
  made.textContent = text;
  return made;
}
