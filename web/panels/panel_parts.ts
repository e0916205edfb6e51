/// <reference lib="dom" />
// What several panels are made of: the chip of a state, a table whose rows can be
// chosen, a sentence for those who listen. They know no view.

import { made, setText } from "../parts/elements.ts";
import { drawn, shape } from "../parts/svg.ts";
import { type State, STATES } from "../trace/states.ts";

const SPEAK_EVERY_MS = 1000;

/** The letter of a state on its fill and pattern, as on a lane. */
export function chip(state: State): SVGElement {
  const svg = shape("svg", "chip");
  svg.setAttribute("aria-hidden", "true");
  paintChip(svg, state);
  return svg;
}

/** Another state on the same chip. */
export function paintChip(svg: Element, state: State): void {
  if (svg.getAttribute("data-state") === state) return;
  svg.setAttribute("data-state", state);
  const size = { width: "100%", height: "100%", rx: 2 };
  const letter = drawn("text", "", { x: "50%", y: 12 });
  letter.textContent = STATES[state].letter;
  letter.setAttribute("style", `fill:var(--t-${state})`);
  const parts = [
    styled(drawn("rect", "", size), `fill:var(--s-${state})`),
    ...STATES[state].tile === null
      ? []
      : [styled(drawn("rect", "", size), `fill:url(#p-${state})`)],
    styled(drawn("rect", "edge", size), `stroke:var(--e-${state})`),
    styled(
      drawn("rect", "", { x: "50%", y: 2, width: 10, height: 12 }),
      `fill:var(--s-${state});transform:translateX(-5px)`,
    ),
    letter,
  ];
  svg.replaceChildren(...parts);
}

function styled(element: SVGElement, style: string): SVGElement {
  element.setAttribute("style", style);
  return element;
}

/** One row of a table. */
export interface TableRow {
  /** The same row from view to view. */
  key: string;
  cells: string[];
  state?: State;
  /** What a reader hears of its button; "" is what stands in it. */
  label?: string;
  title?: string;
}

/** Rows of words that can be chosen; without rows it is not there. */
export class ChoiceTable {
  readonly element = made("div", "rows");
  readonly #body: HTMLTableSectionElement;
  #rows: readonly TableRow[] = [];
  #chosen = "";

  constructor(
    caption: string,
    heads: readonly string[],
    onChoose: ((key: string) => void) | null,
    readonly hasChips = false,
  ) {
    const table = document.createElement("table");
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    for (const word of heads) {
      const cell = made("th", "") as HTMLTableCellElement;
      cell.scope = "col";
      cell.textContent = word;
      head.append(cell);
    }
    this.#body = table.createTBody();
    this.element.append(table);
    this.element.hidden = true;
    if (onChoose === null) return;
    this.element.classList.add("choosable");
    this.#body.addEventListener("click", ({ target }) => {
      const row = (target as Element).closest("tr");
      const key = this.#rows[row?.sectionRowIndex ?? -1]?.key;
      if (key !== undefined) onChoose(key);
    });
  }

  show(rows: readonly TableRow[]): void {
    this.#rows = rows;
    this.element.hidden = rows.length === 0;
    const { rows: shown } = this.#body;
    while (shown.length > rows.length) this.#body.deleteRow(-1);
    while (shown.length < rows.length) this.#addRow(rows[shown.length]!);
    rows.forEach((row, i) => this.#fill(shown[i]!, row));
  }

  /** The row with that key is marked. */
  choose(key: string): void {
    this.#chosen = key;
    this.#rows.forEach((row, i) => this.#mark(this.#body.rows[i]!, row));
  }

  #addRow({ cells }: TableRow): void {
    const row = this.#body.insertRow();
    const canChoose = this.element.classList.contains("choosable");
    cells.forEach((_, i) => {
      const cell = made(i === 0 ? "th" : "td", "") as HTMLTableCellElement;
      if (i === 0) cell.scope = "row";
      if (i === 0 && canChoose) {
        const button = made("button", "row-choice") as HTMLButtonElement;
        button.type = "button";
        cell.append(button);
      } else cell.append(made("span", ""));
      row.append(cell);
    });
    if (this.hasChips) row.cells[row.cells.length - 2]!.prepend(chip("event"));
  }

  #fill(element: HTMLTableRowElement, row: TableRow): void {
    row.cells.forEach((words, i) => {
      setText(element.cells[i]!.lastElementChild!, words);
    });
    const [first] = element.cells;
    const { label = "", title = "", state } = row;
    if (element.title !== title) element.title = title;
    const button = first!.lastElementChild!;
    if (label !== "" && button.getAttribute("aria-label") !== label) {
      button.setAttribute("aria-label", label);
    }
    if (state !== undefined) {
      paintChip(element.querySelector(".chip")!, state);
    }
    this.#mark(element, row);
  }

  #mark(element: HTMLTableRowElement, { key }: TableRow): void {
    const isChosen = key === this.#chosen;
    if (element.classList.toggle("chosen", isChosen) !== isChosen) return;
    const button = element.querySelector("button");
    if (button !== null && button.ariaPressed !== String(isChosen)) {
      button.ariaPressed = String(isChosen);
    }
  }
}

/** A sentence that is spoken at most once a second while time passes. */
export class Sentence {
  readonly element: HTMLElement;
  #spokenAt = 0;

  constructor(className: string) {
    this.element = made("p", className);
  }

  say(words: string, runs: boolean): void {
    if (this.element.textContent === words) return;
    const soon = performance.now() - this.#spokenAt < SPEAK_EVERY_MS;
    this.element.setAttribute("aria-live", runs && soon ? "off" : "polite");
    if (!soon) this.#spokenAt = performance.now();
    this.element.textContent = words;
  }
}

/** `1 event`, `2,000 events` */
export function counted(number: number, one: string, many: string): string {
  const digits = String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${digits} ${number === 1 ? one : many}`;
}
