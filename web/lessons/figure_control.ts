/// <reference lib="dom" />
// The one thing of a figure that can be turned: a slider over its stops.

import type { Control } from "../../lessons/chapter.ts";
import { made, setText } from "../parts/elements.ts";

let count = 0;

export class FigureControl {
  readonly element = made("div", "live-control");
  readonly #control: Control;
  readonly #range = made("input", "") as HTMLInputElement;
  readonly #value = made("output", "mono");

  constructor(control: Control, onTurn: (value: number) => void) {
    this.#control = control;
    const range = this.#range;
    range.type = "range";
    range.id = `control-${++count}`;
    range.min = "0";
    range.max = String(control.stops.length - 1);
    range.step = "1";
    range.oninput = () => {
      const value = control.stops[Number(range.value)]!;
      this.choose(value);
      onTurn(value);
    };
    const label = made("label", "") as HTMLLabelElement;
    label.htmlFor = range.id;
    label.textContent = control.word;
    const track = made("div", "live-track");
    track.append(range, this.#makeStops());
    this.element.append(label, track, this.#value);
  }

  choose(value: number): void {
    const index = this.#control.stops.indexOf(value);
    this.#range.value = String(index);
    const words = this.words(value);
    this.#range.setAttribute("aria-valuetext", words);
    setText(this.#value, words);
  }

  /** 2 ms rather than 2000 µs. */
  words(value: number): string {
    const { unit } = this.#control;
    if (unit === "µs" && value >= 1000) return `${value / 1000} ms`;
    return unit === "" ? String(value) : `${value} ${unit}`;
  }

  #makeStops(): HTMLElement {
    const row = made("div", "live-stops mono");
    row.setAttribute("aria-hidden", "true");
    for (const stop of this.#control.stops) {
      const mark = made("span", "");
      mark.textContent = this.#short(stop);
      row.append(mark);
    }
    return row;
  }

  #short(value: number): string {
    const { unit, stops } = this.#control;
    const inMs = unit === "µs" && stops.at(-1)! >= 1000;
    return inMs ? String(value / 1000) : String(value);
  }
}
