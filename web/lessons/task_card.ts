/// <reference lib="dom" />
// The small task at the end of a chapter. Whether it is done is decided by what
// the figure measured; until then the card says what is still missing.

import type { Task } from "../../lessons/chapter.ts";
import { made, setText } from "../parts/elements.ts";

export class TaskCard {
  readonly element = made("section", "card task");
  readonly #state = made("p", "task-state");

  constructor({ text }: Task) {
    this.element.setAttribute("aria-label", "Task");
    const heading = made("h2", "");
    heading.textContent = "Your turn";
    const words = made("p", "task-text");
    words.textContent = text;
    this.#state.setAttribute("role", "status");
    this.element.append(heading, words, this.#state);
  }

  /** Not asked yet: there is a question before it. */
  wait(): void {
    setText(this.#state, "After the prediction.");
  }

  /** `missing` is empty when it is done. */
  tell(missing: string, wasDone: boolean): void {
    const isDone = missing === "";
    this.element.classList.toggle("done", isDone || wasDone);
    setText(
      this.#state,
      isDone
        ? "Done. The figure above shows it."
        : wasDone
        ? `Done before. Now: ${missing}`
        : missing,
    );
  }
}
