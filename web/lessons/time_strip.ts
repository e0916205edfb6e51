/// <reference lib="dom" />
// The time bar of a figure: play, back, on, the clock, how much it is slowed, and
// a scrubber. It knows no recording.

import { made, setText } from "../parts/elements.ts";
import { grouped, moment } from "../parts/units.ts";

export interface TimeStripListener {
  onToggle(): void;
  onStep(step: 1 | -1): void;
  /** To a part of the whole. */
  onScrub(part: number): void;
  onTable(isTable: boolean): void;
}

const PLAY_SHAPE = "M2 1l11 6-11 6z";
const PAUSE_SHAPE = "M2 1h4v12H2zM8 1h4v12H8z";
const BACK_SHAPE = "M12 1v12L4 7zM1 1h2.5v12H1z";
const ON_SHAPE = "M2 1l8 6-8 6zM10.5 1H13v12h-2.5z";
const PARTS = 1000;

export class TimeStrip {
  readonly element = made("div", "live-bar");
  readonly #listener: TimeStripListener;
  readonly #play = made("button", "play") as HTMLButtonElement;
  readonly #word = made("span", "play-word");
  readonly #clock = made("span", "live-clock mono");
  readonly #factor = made("span", "live-factor mono");
  readonly #scrub = made("input", "live-scrub") as HTMLInputElement;
  readonly #table = made("button", "small") as HTMLButtonElement;
  #axisNs = 1;

  constructor(listener: TimeStripListener) {
    this.#listener = listener;
    this.#play.type = "button";
    this.#play.title = "Play or pause (Space)";
    this.#play.append(icon(PLAY_SHAPE), this.#word);
    this.#word.textContent = "Play";
    this.#play.onclick = () => listener.onToggle();
    const back = iconButton(BACK_SHAPE, "Back to the change before (←)");
    back.onclick = () => listener.onStep(-1);
    const on = iconButton(ON_SHAPE, "On to the next change (→)");
    on.onclick = () => listener.onStep(1);
    this.#makeScrubber();
    this.#table.type = "button";
    this.#table.innerHTML = "Table <kbd>T</kbd>";
    this.#table.ariaPressed = "false";
    this.#table.onclick = () => this.toggleTable();
    this.#clock.setAttribute("role", "timer");
    this.#clock.setAttribute("aria-label", "Virtual time");
    this.element.append(
      this.#play,
      back,
      on,
      this.#clock,
      this.#factor,
      this.#scrub,
      this.#table,
    );
  }

  setLength(axisNs: number, slowed: number): void {
    this.#axisNs = axisNs;
    setText(this.#factor, slowedWords(slowed));
  }

  show(now: number): void {
    setText(this.#clock, moment(now));
    this.#scrub.value = String(Math.round(now / this.#axisNs * PARTS));
    this.#scrub.setAttribute("aria-valuetext", moment(now));
  }

  playing(isPlaying: boolean): void {
    setText(this.#word, isPlaying ? "Pause" : "Play");
    this.#play.querySelector("path")!
      .setAttribute("d", isPlaying ? PAUSE_SHAPE : PLAY_SHAPE);
  }

  toggleTable(): void {
    const isTable = this.#table.ariaPressed !== "true";
    this.#table.ariaPressed = String(isTable);
    this.#listener.onTable(isTable);
  }

  #makeScrubber(): void {
    const scrub = this.#scrub;
    scrub.type = "range";
    scrub.min = "0";
    scrub.max = String(PARTS);
    scrub.setAttribute("aria-label", "Time of the figure");
    scrub.oninput = () => this.#listener.onScrub(Number(scrub.value) / PARTS);
  }
}

/** "slowed 700×": two digits, as nobody needs more. */
export function slowedWords(factor: number): string {
  const slows = factor >= 1;
  const times = slows ? factor : 1 / factor;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(times)) - 1);
  return `${slows ? "slowed" : "sped up"} ${
    grouped(Math.round(times / unit) * unit)
  }×`;
}

function icon(path: string): Element {
  const box = document.createElement("template");
  box.innerHTML =
    `<svg viewBox="0 0 14 14" aria-hidden="true"><path d="${path}"/></svg>`;
  return box.content.firstElementChild!;
}

function iconButton(path: string, title: string): HTMLButtonElement {
  const button = made("button", "icon") as HTMLButtonElement;
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.append(icon(path));
  return button;
}
