// What programs ask at /dev/host, handed on to the page, which alone knows: its
// editor, its links, its lessons. The answer enters the world as an input.

import type { Driver } from "../../host/driver.ts";
import {
  type Answer,
  type Answers,
  HostAnswers,
} from "../../host/host_answers.ts";
import type { Machine } from "../../kernel/mod.ts";
import type { FromRunner } from "../protocol.ts";
import { homeFiles } from "./home_files.ts";

/** What the page can be asked. */
const NAMES = ["edit", "share", "lesson", "scenario"];

export class PageAsks {
  readonly #send: (message: FromRunner) => void;
  readonly #waiting = new Map<number, (answer: object) => void>();
  #ids = 0;
  #desk: HostAnswers | null = null;

  constructor(send: (message: FromRunner) => void) {
    this.#send = send;
  }

  /** Another world: what the one before has asked is answered to nobody. */
  enter(machine: Machine, driver: Driver): void {
    this.#waiting.clear();
    const rows = NAMES.map((name): [string, Answer] => [
      name,
      (asked) => this.#ask(name, { ...asked }),
    ]);
    const grade: Answer = (asked) =>
      this.#ask("grade", { ...asked, files: homeFiles(machine) });
    const answers: Answers = { ...Object.fromEntries(rows), grade };
    this.#desk = new HostAnswers({ driver, machine, answers });
  }

  /** What came later is gone: what it would have answered is asked. */
  branched(): void {
    this.#desk?.branched();
  }

  /** The page has answered. */
  answer(id: number, { error, ...answer }: Record<string, unknown>): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(error === undefined ? answer : { error });
  }

  #ask(name: string, asked: Record<string, unknown>): Promise<object> {
    const id = ++this.#ids;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ kind: "asked", id, name, asked });
    });
  }
}
