// What programs ask the page at /dev/host, and who on the page answers: a row
// for each name. Nobody there, or a failure, is a sentence too.

import type { FromRunner, ToRunner } from "../protocol.ts";

type Asked = Extract<FromRunner, { kind: "asked" }>;
type Values = Record<string, unknown>;
/** Gives the answer's fields; an error's message becomes the answer. */
export type PageAnswer = (asked: Values) => Values | Promise<Values>;

export class PageAnswers {
  readonly #send: (message: ToRunner) => void;
  readonly #rows = new Map<string, PageAnswer>();

  constructor(send: (message: ToRunner) => void) {
    this.#send = send;
  }

  /** From now on this answers what is asked by that name. */
  add(name: string, answer: PageAnswer): void {
    this.#rows.set(name, answer);
  }

  async hear({ id, name, asked }: Asked): Promise<void> {
    const answer = await this.#answerTo(name, asked);
    this.#send({ kind: "answer", id, answer });
  }

  async #answerTo(name: string, asked: Values): Promise<Values> {
    const row = this.#rows.get(name);
    if (row === undefined) {
      return { error: `nobody on the page answers ${name}` };
    }
    try {
      return await row(asked);
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
