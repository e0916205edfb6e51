/// <reference lib="dom" />
// A tour of the playground in five steps: a card beside what it is about. It blocks
// nothing and can be left at any time; where one was is remembered.

import { made, setText } from "../parts/elements.ts";
import { keep } from "../parts/keep.ts";

interface Stop {
  selector: string;
  /** Where there is room for one part only, this one is brought to the front. */
  pane: string;
  title: string;
  text: string;
}

const STOPS: readonly Stop[] = [
  {
    selector: "#editor",
    pane: "code",
    title: "The program",
    text:
      "A call does nothing until yield* hands it to the kernel. Change a number; your draft is kept.",
  },
  {
    selector: "section.terminal",
    pane: "terminal",
    title: "The terminal",
    text:
      "Ctrl Enter runs the program here. It is a real shell: try ls /bin, strace hello, man read.",
  },
  {
    selector: "section.timeline",
    pane: "figure",
    title: "What happened",
    text:
      "A lane for each CPU, thread, request and device. Solid works, pale waits. W and S zoom, A and D move.",
  },
  {
    selector: "section.drawer",
    pane: "figure",
    title: "Why?",
    text:
      "Click any slice, and here stands why it is so: who waits for what, since when, and which line asked.",
  },
  {
    selector: "#timebar",
    pane: "figure",
    title: "Time",
    text:
      "Play, pause, one event on, one event back. The arrows and F9 do the same. Slow it down to see a disk turn.",
  },
];
const KEY = "kettle.tour";
const GAP_PX = 12, CARD_PX = 300;

class Tour {
  readonly #card = made("div", "tour");
  readonly #ring = made("div", "tour-ring");
  readonly #count = made("p", "tour-count mono");
  readonly #title = made("h2", "");
  readonly #text = made("p", "");
  readonly #next = made("button", "primary") as HTMLButtonElement;
  readonly #before: Element | null = document.activeElement;
  #at: number;

  constructor() {
    this.#at = kept();
    const card = this.#card;
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-label", "Tour of the playground");
    this.#ring.setAttribute("aria-hidden", "true");
    this.#text.setAttribute("aria-live", "polite");
    const skip = made("button", "bare") as HTMLButtonElement;
    const back = made("button", "") as HTMLButtonElement;
    this.#next.type = skip.type = back.type = "button";
    skip.textContent = "Skip";
    back.textContent = "Back";
    this.#next.onclick = () => this.#go(1);
    back.onclick = () => this.#go(-1);
    skip.onclick = () => this.end();
    const row = made("div", "tour-buttons");
    row.append(this.#next, back, skip);
    card.append(this.#count, this.#title, this.#text, row);
    card.addEventListener("keydown", (event) => this.#key(event));
    document.body.append(this.#ring, card);
    addEventListener("resize", this.#place);
    addEventListener("hashchange", this.#leave);
    this.#show();
  }

  end(): void {
    keep(KEY, "0");
    removeEventListener("resize", this.#place);
    removeEventListener("hashchange", this.#leave);
    this.#card.remove();
    this.#ring.remove();
    if (this.#before instanceof HTMLElement) this.#before.focus();
  }

  /** Another view is opened: the tour goes on when the playground is back. */
  readonly #leave = () => {
    const isHere = document.documentElement.dataset.view === "playground";
    this.#card.hidden = this.#ring.hidden = !isHere;
  };

  #go(step: 1 | -1): void {
    const next = this.#at + step;
    if (next >= STOPS.length) return this.end();
    this.#at = Math.max(0, next);
    keep(KEY, String(this.#at));
    this.#show();
  }

  #show(): void {
    const { title, text, pane } = STOPS[this.#at]!;
    const panes = document.querySelector<HTMLElement>("#panes");
    if (panes !== null && panes.offsetHeight > 0) {
      panes.querySelector<HTMLElement>(`[data-pane="${pane}"]`)?.click();
    }
    setText(this.#count, `${this.#at + 1} of ${STOPS.length}`);
    setText(this.#title, title);
    setText(this.#text, text);
    setText(this.#next, this.#at === STOPS.length - 1 ? "Done" : "Next");
    this.#place();
    this.#next.focus();
  }

  /** Beside what it is about, and on the screen. */
  readonly #place = () => {
    const target = document.querySelector(STOPS[this.#at]!.selector);
    const box = target?.getBoundingClientRect();
    this.#ring.hidden = box === undefined || box.height === 0;
    if (box === undefined) return;
    const { style } = this.#ring;
    style.left = `${box.left + 2}px`;
    style.top = `${box.top + 2}px`;
    style.width = `${box.width - 4}px`;
    style.height = `${box.height - 4}px`;
    const width = Math.min(CARD_PX, innerWidth - 2 * GAP_PX);
    const height = this.#card.offsetHeight;
    const isRight = box.right + GAP_PX + width < innerWidth;
    const left = isRight ? box.right + GAP_PX : box.right - width - 2 * GAP_PX;
    const under = box.bottom + GAP_PX;
    const top = isRight || under + height > innerHeight
      ? box.top + GAP_PX
      : under;
    this.#card.style.left = `${Math.max(GAP_PX, left)}px`;
    this.#card.style.top = `${
      Math.max(GAP_PX, Math.min(top, innerHeight - height - GAP_PX))
    }px`;
  };

  #key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") this.end();
    else if (event.key === "ArrowRight") this.#go(1);
    else if (event.key === "ArrowLeft") this.#go(-1);
    else return;
    event.preventDefault();
  }
}

function kept(): number {
  try {
    const at = Number(localStorage.getItem(KEY));
    return Number.isInteger(at) && at > 0 && at < STOPS.length ? at : 0;
  } catch {
    return 0;
  }
}

let present: Tour | null = null;

/** Begins it, or goes on where it was left. */
export function startTour(): void {
  present?.end();
  present = new Tour();
}
