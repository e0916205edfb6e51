/// <reference lib="dom" />
// The head of a figure: its title or a tab for each of its styles, with a line
// about the chosen one and what each took as far as it has been run.

import type { Tally } from "../../lessons/chapter.ts";
import { made, setText } from "../parts/elements.ts";
import type { FigurePlan } from "./live_figure.ts";

/** Tiny timelines: a gap; ticks; an arrow up. */
const GLYPHS: Record<string, string> = {
  block: "M0 3h5v6H0zM7 3.5h14v5H7zM23 3h5v6h-5z",
  poll:
    "M0 4h28v4H0zM4 0h1.5v12H4zM11 0h1.5v12H11zM18 0h1.5v12H18zM25 0h1.5v12H25z",
  push: "M0 7h28v5H0zM18 0l4 5h-3v7h-2V5h-3z",
};

export class FigureTabs {
  readonly element = made("header", "live-head");
  readonly #plan: FigurePlan;
  readonly #buttons = new Map<string, HTMLElement>();
  readonly #line = made("span", "live-line");
  readonly #tally = made("span", "live-tally mono");
  readonly #took = new Map<string, number>();
  #chosen = "";
  #isHidden = false;

  constructor(plan: FigurePlan, onChoose: (style: string) => void) {
    this.#plan = plan;
    const styles = Object.entries(plan.styles);
    if (styles.length > 1) this.element.append(this.#makeTabs(onChoose));
    else {
      const title = made("h2", "live-title");
      title.textContent = plan.title;
      this.element.append(title);
    }
    this.element.append(this.#line, this.#tally);
  }

  choose(style: string): void {
    this.#chosen = style;
    for (const [name, button] of this.#buttons) {
      button.setAttribute("aria-selected", String(name === style));
      button.tabIndex = name === style ? 0 : -1;
    }
    setText(this.#line, this.#plan.styles[style]?.line ?? "");
    this.#show();
  }

  /** What was measured of a style; shown at once, or when it has been played. */
  tell(style: string, value: number, isKnown: boolean): void {
    this.#took.set(style, value);
    this.#isHidden = !isKnown;
    this.#show();
  }

  reveal(): void {
    this.#isHidden = false;
    this.#show();
  }

  /** Other values: what was told is of no use. */
  forget(): void {
    this.#took.clear();
  }

  #show(): void {
    const { tally, styles } = this.#plan;
    const names = Object.entries(styles);
    const parts = names.flatMap(([style, { name }]) => {
      const value = this.#took.get(style);
      const isHeld = this.#isHidden && style === this.#chosen;
      if (value === undefined || isHeld) return [];
      const words = tallied(value, tally.unit);
      return names.length === 1 ? [words] : [`${name.toLowerCase()} ${words}`];
    });
    const all = parts.join(" · ");
    setText(this.#tally, all === "" ? "" : `${tally.word}: ${all}`);
  }

  #makeTabs(onChoose: (style: string) => void): HTMLElement {
    const list = made("div", "live-tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "How it waits");
    for (const [style, { name }] of Object.entries(this.#plan.styles)) {
      const button = made("button", "live-tab") as HTMLButtonElement;
      button.type = "button";
      button.setAttribute("role", "tab");
      const glyph = GLYPHS[style];
      button.innerHTML = glyph === undefined
        ? ""
        : `<svg viewBox="0 0 28 12" aria-hidden="true"><path d="${glyph}"/></svg>`;
      button.append(name);
      button.onclick = () => onChoose(style);
      this.#buttons.set(style, button);
      list.append(button);
    }
    list.addEventListener("keydown", (event) => this.#key(event, onChoose));
    return list;
  }

  #key(event: KeyboardEvent, onChoose: (style: string) => void): void {
    const names = [...this.#buttons.keys()];
    const step = event.key === "ArrowRight"
      ? 1
      : event.key === "ArrowLeft"
      ? -1
      : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = names.indexOf(this.#chosen) + step + names.length;
    const style = names[next % names.length]!;
    this.#buttons.get(style)?.focus();
    onChoose(style);
  }
}

function tallied(value: number, unit: Tally["unit"]): string {
  if (unit === "%") return `${Math.round(value * 100)} %`;
  if (unit === "") return String(value);
  return `${value < 1 ? value.toFixed(3) : value.toFixed(2)} ms`;
}
