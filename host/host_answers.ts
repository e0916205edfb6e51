// Answers what programs ask at /dev/host. What can be asked is a table, name →
// function, which whoever runs the world hands in: the page, the terminal. An
// answer enters the world as an input does; in a run that is done again the
// answers of then come by themselves, and nothing is asked twice.

import type { Driver } from "./driver.ts";
import type { Ask } from "../kernel/host_port.ts";
import type { Machine } from "../kernel/kernel.ts";

/** The line a program wrote: checked no further than that it is an object. */
export type Asked = Readonly<Record<string, unknown>>;
/** Gives what becomes the answer's JSON, now or later; an error's message becomes `{"error": …}`. */
export type Answer = (
  asked: Asked,
  withdrawn: AbortSignal,
) => object | Promise<object>;
export type Answers = Readonly<Record<string, Answer>>;

export interface HostAnswersOptions {
  driver: Pick<Driver, "input" | "future">;
  machine: Machine;
  answers: Answers;
}

export class HostAnswers {
  readonly #options: HostAnswersOptions;
  /** What is being answered, by number. */
  #underWay = new Map<number, AbortController>();

  constructor(options: HostAnswersOptions) {
    this.#options = options;
    options.machine.attachHost({
      asked: (ask) => this.#take(ask),
      withdrawn: (id) => this.#withdraw(id),
    });
    this.branched();
  }

  /** The inputs to come are dropped: what they would have answered is asked. */
  branched(): void {
    for (const ask of this.#options.machine.asks) this.#take(ask);
  }

  #take(ask: Ask): void {
    if (this.#underWay.has(ask.id) || this.#comesByItself(ask.id)) return;
    const control = new AbortController();
    this.#underWay.set(ask.id, control);
    this.#answer(ask, control.signal);
  }

  #comesByItself(id: number): boolean {
    const { driver, machine } = this.#options;
    return driver.future.some(({ answer, machine: index }) =>
      answer?.id === id && index === machine.index
    );
  }

  /** Never at once: the world is in the middle of a call. */
  async #answer({ id, text }: Ask, withdrawn: AbortSignal): Promise<void> {
    await Promise.resolve();
    const answer = await this.#answerOf(text, withdrawn);
    if (withdrawn.aborted) return;
    this.#underWay.delete(id);
    const { driver, machine } = this.#options;
    if (machine.asks.some((ask) => ask.id === id)) {
      driver.input(() => machine.answerHost(id, answer));
    }
  }

  async #answerOf(text: string, withdrawn: AbortSignal): Promise<string> {
    try {
      const asked = JSON.parse(text) as Asked;
      return JSON.stringify(await this.#rowOf(asked)(asked, withdrawn));
    } catch (error) {
      return JSON.stringify({ error: (error as Error).message });
    }
  }

  #rowOf({ ask }: Asked): Answer {
    const { answers } = this.#options;
    if (Object.hasOwn(answers, String(ask))) return answers[String(ask)]!;
    const names = Object.keys(answers).join(", ") || "nothing";
    throw new Error(`nobody answers ${ask} here, only: ${names}`);
  }

  #withdraw(id: number): void {
    this.#underWay.get(id)?.abort();
    this.#underWay.delete(id);
  }
}
