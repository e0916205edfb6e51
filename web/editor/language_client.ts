/// <reference lib="dom" />
// The page's way to the language service: files given before its worker has
// come are kept for it. Without it every question has the answer "nothing", and
// one sentence says why.

import type {
  Answers,
  FromLanguage,
  Question,
  ToLanguage,
} from "./language_protocol.ts";
import type { LanguageStart } from "./language_start.ts";

/** How the service is: on its way, there, or why it will not come. */
export type LanguageState = "loading" | "ready" | { failed: string };

const NOTHING: Answers = {
  findings: [],
  completions: null,
  detail: null,
  hover: null,
  definition: null,
  parameters: null,
};

interface Asked {
  question: Question;
  resolve(value: Answers[Question]): void;
}

export class LanguageClient {
  state: LanguageState = "loading";
  readonly #onState: () => void;
  readonly #asked = new Map<number, Asked>();
  readonly #files = new Map<string, string>();
  #worker: Worker | null = null;
  #ids = 0;

  constructor(start: LanguageStart, onState: () => void) {
    this.#onState = onState;
    this.#start(start);
  }

  /** A file of the machine as it is now; null: it is gone. */
  file(path: string, text: string | null): void {
    if ((this.#files.get(path) ?? null) === text) return;
    if (text === null) this.#files.delete(path);
    else this.#files.set(path, text);
    if (this.state === "ready") this.#send({ kind: "file", path, text });
  }

  ask<Q extends Question>(
    question: Q,
    path: string,
    at = 0,
    name?: string,
  ): Promise<Answers[Q]> {
    if (this.state !== "ready") return Promise.resolve(NOTHING[question]);
    const id = ++this.#ids;
    return new Promise((resolve) => {
      this.#asked.set(id, {
        question,
        resolve: resolve as Asked["resolve"],
      });
      this.#send({ kind: "ask", id, question, path, at, name });
    });
  }

  async #start({ worker, library, failed }: LanguageStart): Promise<void> {
    failed.then((why) => this.#fail(why));
    if (worker === null) return;
    worker.onmessage = ({ data }: MessageEvent<FromLanguage>) =>
      this.#hear(data);
    this.#worker = worker;
    const known = await library.catch(() => null); // that it failed is told
    if (known !== null) this.#send({ kind: "start", library: known });
  }

  #hear(message: FromLanguage): void {
    if (message.kind === "failed") return this.#fail(message.text);
    if (message.kind === "started") return this.#started();
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    const value = message.kind === "answer" ? message.value : null;
    asked?.resolve(value ?? NOTHING[asked.question]);
  }

  #started(): void {
    for (const [path, text] of this.#files) {
      this.#send({ kind: "file", path, text });
    }
    this.#turn("ready");
  }

  #fail(why: string): void {
    if (typeof this.state === "object") return;
    this.#worker?.terminate();
    for (const { question, resolve } of this.#asked.values()) {
      resolve(NOTHING[question]);
    }
    this.#asked.clear();
    this.#turn({ failed: why });
  }

  #turn(state: LanguageState): void {
    this.state = state;
    this.#onState();
  }

  #send(message: ToLanguage): void {
    this.#worker?.postMessage(message);
  }
}
