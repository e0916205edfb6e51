/// <reference lib="dom" />
// One parameter of a scenario as a slider with its number: even steps, or over the
// logarithm where the range is wide. The number can be typed, too.

import type { Slider } from "../../scenarios/lab.ts";
import { made } from "../parts/elements.ts";

const PARTS = 200;

export class LabSlider {
  readonly element = made("div", "lab-slider");
  readonly #slider: Slider;
  readonly #range = made("input", "") as HTMLInputElement;
  readonly #number = made("input", "mono") as HTMLInputElement;

  constructor(slider: Slider, value: number, onTurn: (value: number) => void) {
    this.#slider = slider;
    const { name, min, max, unit, about } = slider;
    const id = `lab-${name}`;
    const label = made("label", "") as HTMLLabelElement;
    label.htmlFor = id;
    label.innerHTML = `<b></b> <span></span>`;
    label.firstElementChild!.textContent = name;
    label.lastElementChild!.textContent = `${unit} ${about}`.trim();
    const range = this.#range, number = this.#number;
    range.type = "range";
    range.min = "0";
    range.max = String(PARTS);
    range.setAttribute("aria-label", `${name}, ${about}`);
    range.oninput = () => {
      const turned = this.#valueAt(Number(range.value) / PARTS);
      this.set(turned);
      onTurn(turned);
    };
    number.type = "number";
    number.id = id;
    number.min = String(min);
    number.max = String(max);
    number.step = "any";
    number.onchange = () => {
      const typed = Number(number.value);
      const kept = Math.min(
        max,
        Math.max(min, Number.isFinite(typed) ? typed : min),
      );
      const turned = slider.isWhole ? Math.round(kept) : kept;
      this.set(turned);
      onTurn(turned);
    };
    this.element.append(label, range, number);
    this.set(value);
  }

  set(value: number): void {
    this.#range.value = String(Math.round(this.#partAt(value) * PARTS));
    this.#range.setAttribute("aria-valuetext", `${value} ${this.#slider.unit}`);
    this.#number.value = String(value);
  }

  #valueAt(part: number): number {
    const { min, max, isLog, isWhole } = this.#slider;
    const value = isLog ? min * (max / min) ** part : min + (max - min) * part;
    return isWhole ? Math.round(value) : Number(value.toPrecision(3));
  }

  #partAt(value: number): number {
    const { min, max, isLog } = this.#slider;
    return isLog
      ? Math.log(value / min) / Math.log(max / min)
      : (value - min) / (max - min);
  }
}
