/// <reference lib="dom" />
// The dock: the panels under the timeline, or where there is less room two of
// them under a strip of tabs, or one. It opens, closes, enlarges and remembers
// them, fetches each one's code when it is opened first, and has the machine tell
// only of those that are shown. What a panel shows is its own business.

import type { DiskDealings } from "../disk/disk_desk.ts";
import { made, setText } from "../parts/elements.ts";
import type { Status } from "../protocol.ts";
import {
  type Column,
  columnsOf,
  kindOf,
  type Room,
  shownOf,
  templateOf,
} from "./dock_layout.ts";
import { iconButton, PanelMenu } from "./dock_menu.ts";
import { recall, remember } from "./dock_memory.ts";
import {
  type Chosen,
  type PanelName,
  PANELS,
  type PanelView,
} from "./panel_list.ts";
import type { OpenPanel, PanelFile } from "./panel_place.ts";

export interface DockListener {
  /** The machine is to tell of it, or no longer. */
  onWatch(panel: PanelName, isOpen: boolean): void;
  onChoose(what: Chosen): void;
  onGoTo(atNs: number): void;
  /** It was asked for: where there is room for one part of the page, the dock is it. */
  onAsk(): void;
}

/** A panel that has been opened in this visit. */
interface Place {
  section: HTMLElement;
  body: HTMLElement;
  panel: OpenPanel<PanelName> | null;
  /** How often its file was asked for. */
  tries: number;
  /** The last view it was given: for when the state changes. */
  last: PanelView | null;
}

const ROW = matchMedia("(width >= 1180px)");
const TWO = matchMedia("(width >= 900px)");

export class Dock {
  readonly #root: HTMLElement;
  readonly #disk: DiskDealings;
  readonly #listener: DockListener;
  readonly #row = made("div", "dock-row");
  readonly #menu: PanelMenu;
  readonly #places = new Map<PanelName, Place>();
  /** Those that are open, the latest last. */
  #recent: PanelName[] = recall();
  #columns: Column[] = [];
  #watched = new Set<PanelName>();
  #large: PanelName | null = null;
  #status: Status | null = null;
  #chosen: Chosen | null = null;
  /** There is a machine to tell of something. */
  #isReady = false;

  constructor(
    root: HTMLElement,
    disk: DiskDealings,
    listener: DockListener,
  ) {
    this.#root = root;
    this.#disk = disk;
    this.#listener = listener;
    this.#menu = new PanelMenu(
      (name) => this.bring(name),
      (name) => this.toggle(name),
    );
    root.replaceChildren(this.#menu.strip, this.#row, this.#menu.more);
    const none = made("p", "hint none");
    none.textContent = "No panel is open. Choose one above.";
    root.append(this.#menu.list, none);
    document.addEventListener("keydown", (event) => this.#escape(event), {
      capture: true,
    });
    new ResizeObserver(() => this.#arrange()).observe(root);
    for (const size of [ROW, TWO]) {
      size.addEventListener("change", () => this.#arrange());
    }
  }

  /** A machine is there, this one or another: it is told what to tell of. */
  ready(): void {
    this.#isReady = true;
    this.#watched.clear();
    this.#arrange();
  }

  /** True if the letter is a panel's: it is opened or closed. */
  key(letter: string): boolean {
    const kind = PANELS.find(({ key }) => key === letter.toUpperCase());
    if (kind !== undefined) this.toggle(kind.name);
    return kind !== undefined;
  }

  /** Opens it, or closes it. */
  toggle(name: PanelName): void {
    const isSeen = this.#isShown(name) && this.#root.offsetParent !== null;
    if (isSeen) this.close(name);
    else this.bring(name);
  }

  /** Opens it, or brings it to the front. */
  bring(name: PanelName): void {
    this.#listener.onAsk();
    this.#recent = [...this.#recent.filter((it) => it !== name), name];
    this.#changed();
    this.#places.get(name)?.body.focus();
  }

  close(name: PanelName): void {
    if (this.#large === name) this.#enlarge(null);
    const hadFocus = this.#places.get(name)?.section.contains(
      document.activeElement,
    );
    const index = this.#columns.findIndex((it) => it.name === name);
    this.#recent = this.#recent.filter((it) => it !== name);
    this.#changed();
    if (hadFocus !== true) return;
    const next = this.#columns[Math.max(0, index - 1)]?.name;
    const body = next === undefined ? null : this.#places.get(next)?.body;
    (body ?? this.#menu.buttonOf(name)).focus();
  }

  /** A view of the machine, for the panel it is of. */
  show(message: PanelView): void {
    const place = this.#places.get(message.panel);
    if (place === undefined || !this.#isShown(message.panel)) return;
    place.last = message;
    place.panel?.show(message.view, this.#status);
  }

  advance(status: Status): void {
    const before = this.#status?.state;
    this.#status = status;
    if (before === status.state) return;
    for (const { panel, last } of this.#places.values()) {
      if (last !== null) panel?.show(last.view, status);
    }
  }

  /** What is chosen on the page, wherever that was done. */
  select(what: Chosen | null): void {
    this.#chosen = what;
    for (const { panel } of this.#places.values()) panel?.select?.(what);
  }

  /** Another theme. */
  repaint(): void {
    for (const { panel } of this.#places.values()) panel?.repaint?.();
  }

  // ----------------------------------------------------------- which are shown

  get #room(): Room {
    return ROW.matches ? "row" : TWO.matches ? "two" : "one";
  }

  #isShown(name: PanelName): boolean {
    return this.#columns.some((column) => column.name === name);
  }

  #changed(): void {
    remember(this.#recent);
    this.#arrange();
  }

  /** Shows those that are to be shown, as wide as they are to be. */
  #arrange(): void {
    const { clientWidth } = this.#root;
    const room = this.#room;
    const shown = shownOf(this.#recent, room, clientWidth || Infinity);
    this.#columns = columnsOf(shown, this.#columns, clientWidth || Infinity);
    const template = templateOf(this.#columns, room);
    if (this.#row.style.gridTemplateColumns !== template) {
      this.#row.style.gridTemplateColumns = template;
    }
    this.#row.hidden = shown.length === 0;
    this.#root.dataset.room = shown.length === 0 ? "none" : room;
    this.#menu.show(shown);
    if (!this.#isReady) return;
    for (const { name } of PANELS) this.#open(name, shown.includes(name));
    if (this.#large !== null && !shown.includes(this.#large)) {
      this.#enlarge(null);
    }
  }

  #open(name: PanelName, isShown: boolean): void {
    const place = this.#places.get(name);
    if (place !== undefined) place.section.hidden = !isShown;
    if (isShown && place === undefined) this.#make(name);
    if (this.#watched.has(name) === isShown) return;
    if (isShown) this.#watched.add(name);
    else this.#watched.delete(name);
    this.#listener.onWatch(name, isShown);
  }

  // ----------------------------------------------------------- making one

  #make(name: PanelName): void {
    const { title } = kindOf(name);
    const section = made("section", `panel ${name}`);
    section.id = name;
    section.setAttribute("aria-label", title);
    const body = made("div", "body");
    body.tabIndex = 0;
    const note = made("span", "note");
    section.append(this.#headOf(name, note), body);
    const place: Place = { section, body, panel: null, tries: 0, last: null };
    this.#places.set(name, place);
    const after = [...this.#row.children].find((other) =>
      orderOf(other.id) > orderOf(name)
    );
    this.#row.insertBefore(section, after ?? null);
    this.#load(name, place, note);
  }

  #headOf(name: PanelName, note: HTMLElement): HTMLElement {
    const { title } = kindOf(name);
    const head = made("div", "head");
    const heading = made("h2", "");
    heading.textContent = title;
    const large = iconButton(
      "⤢",
      `Enlarge the panel ${title}`,
      () => this.#enlarge(this.#large === name ? null : name),
    );
    large.classList.add("enlarge");
    const close = iconButton(
      "×",
      `Close the panel ${title}`,
      () => this.close(name),
    );
    close.classList.add("close");
    head.append(heading, note, large, close);
    head.ondblclick = ({ target }) => {
      if ((target as Element).closest("button") !== null) return;
      this.#enlarge(this.#large === name ? null : name);
    };
    return head;
  }

  async #load(
    name: PanelName,
    place: Place,
    note: HTMLElement,
  ): Promise<void> {
    const { title } = kindOf(name);
    const { body } = place;
    setText(body, `The panel ${title} is on its way.`);
    // A file that could not be fetched is asked for by another name: browsers remember.
    const again = place.tries++ === 0 ? "" : `?${place.tries}`;
    try {
      const { href } = new URL(`panel_${name}.js${again}`, location.href);
      const file: PanelFile<PanelName> = await import(href);
      body.replaceChildren();
      place.panel = file.open({
        body,
        disk: this.#disk,
        note: (words) => setText(note, words),
        choose: (what) => this.#listener.onChoose(what),
        goTo: (atNs) => this.#listener.onGoTo(atNs),
      });
      place.panel.select?.(this.#chosen);
      if (place.last !== null) place.panel.show(place.last.view, this.#status);
    } catch (error) {
      this.#tellFailure(name, place, note, error);
    }
  }

  #tellFailure(
    name: PanelName,
    place: Place,
    note: HTMLElement,
    error: unknown,
  ): void {
    const why = error instanceof Error ? error.message : String(error);
    const sentence = made("p", "hint");
    sentence.textContent = `The panel ${
      kindOf(name).title
    } could not be loaded (${why}). The others work without it.`;
    const again = made("button", "small") as HTMLButtonElement;
    again.type = "button";
    again.textContent = "Try again";
    again.onclick = () => this.#load(name, place, note);
    place.body.replaceChildren(sentence, again);
  }

  // ----------------------------------------------------------- enlarging

  /** Over the page below the time bar, or back in its place. */
  #enlarge(name: PanelName | null): void {
    const before = this.#large;
    this.#large = name;
    for (const [each, { section, panel }] of this.#places) {
      const isLarge = each === name;
      if (section.classList.toggle("large", isLarge) || each === before) {
        panel?.repaint?.();
      }
      const button = section.querySelector(".enlarge")!;
      button.ariaPressed = String(isLarge);
    }
    const focused = name ?? before;
    if (focused !== null) this.#places.get(focused)?.body.focus();
  }

  #escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.#large === null) return;
    if ((event.target as Element).closest?.("dialog, .tty") != null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#enlarge(null);
  }
}

function orderOf(name: string): number {
  return PANELS.findIndex((kind) => kind.name === name);
}
