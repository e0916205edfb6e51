/// <reference lib="dom" />
// The card that asks before the figure plays: four choices, nothing is scored.
// Afterwards the choice stays, the true one gets a check, and one sentence why.

import type { Question } from "../../lessons/chapter.ts";
import { made, setText } from "../parts/elements.ts";

export interface PredictListener {
  /** Play on: this was chosen, or −1. */
  onCheck(choice: number): void;
  onSkip(): void;
}

const CHECK =
  `<svg viewBox="0 0 14 14" aria-hidden="true"><path d="M2 7l4 4 6-8" fill="none" stroke="currentColor" stroke-width="2"/></svg>`;

/** Longer labels want two to a row. */
const LONG = 9;

export class PredictCard {
  readonly element = made("section", "card predict");
  readonly #listener: PredictListener;
  readonly #question: Question;
  readonly #choices: HTMLButtonElement[];
  readonly #check = made("button", "primary") as HTMLButtonElement;
  readonly #skip = made("button", "bare") as HTMLButtonElement;
  readonly #why = made("p", "predict-why");
  #chosen = -1;
  #isOpen = true;

  constructor(question: Question, listener: PredictListener) {
    this.#question = question;
    this.#listener = listener;
    const heading = made("h2", "");
    const first = made("span", "predict-first");
    first.textContent = "Predict first";
    heading.append(first, question.text);
    this.element.setAttribute("aria-label", "Predict");
    const row = made("div", "choices");
    const isLong = question.choices.some(({ label }) => label.length > LONG);
    row.classList.toggle("long", isLong);
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", "Choices");
    this.#choices = question.choices.map(({ label }, index) =>
      this.#makeChoice(label, index)
    );
    row.append(...this.#choices);
    this.#check.type = this.#skip.type = "button";
    this.#check.innerHTML = "Check by playing <kbd>↵</kbd>";
    this.#check.disabled = true;
    this.#check.onclick = () => this.check();
    this.#skip.textContent = "Skip";
    this.#skip.onclick = () => listener.onSkip();
    const note = made("span", "predict-note");
    note.textContent = "Nothing is scored.";
    const foot = made("div", "predict-foot");
    foot.append(this.#check, this.#skip, note);
    this.#why.setAttribute("role", "status");
    this.element.append(heading, row, foot, this.#why);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  choose(index: number): void {
    if (!this.#isOpen || this.#choices[index] === undefined) return;
    this.#chosen = index;
    this.#choices.forEach((button, i) =>
      button.ariaPressed = String(i === index)
    );
    this.#check.disabled = false;
  }

  check(): void {
    if (this.#isOpen && this.#chosen >= 0) this.#listener.onCheck(this.#chosen);
  }

  /** No more to be asked; what was chosen stays to be seen. */
  close(chosen: number): void {
    this.#chosen = chosen;
    this.#isOpen = false;
    for (const button of this.#choices) button.disabled = true;
    this.#check.hidden = this.#skip.hidden = true;
  }

  /** What came out, and why. */
  reveal(right: number): void {
    this.#choices.forEach((button, index) => {
      button.ariaPressed = String(index === this.#chosen);
      button.classList.toggle("right", index === right);
      if (index === right && button.querySelector(".yes") === null) {
        const yes = made("span", "yes");
        yes.innerHTML = `${CHECK} yes`;
        button.append(yes);
      }
    });
    const asGuessed = this.#chosen === right
      ? "As you said. "
      : this.#chosen >= 0
      ? `It is ${this.#question.choices[right]!.label}. `
      : "";
    setText(this.#why, asGuessed + this.#question.why);
  }

  #makeChoice(label: string, index: number): HTMLButtonElement {
    const button = made("button", "choice") as HTMLButtonElement;
    button.type = "button";
    button.ariaPressed = "false";
    const key = made("kbd", "");
    key.textContent = String(index + 1);
    const words = made("span", "mono");
    words.textContent = label;
    button.append(key, words);
    button.onclick = () => this.choose(index);
    return button;
  }
}
