/// <reference lib="webworker" />
// The worker that grades: like the machine's it has no origin, no network and no
// storage, for a student's program runs in it. It has all that comes with Kettle;
// the page compiles for it. One report, and it is done.

import { makeImage } from "../../host/base_files.ts";
import type { CompiledFile } from "../../host/compiled.ts";
import { answerGrade } from "../../host/grade_answer.ts";
import { Loader } from "../../host/loader.ts";
import type { FromGrader, ToGrader } from "./messages.ts";

/** `programs`: all sources, in the order in which they lie on a disk. */
export function start(programs: Record<string, string>): void {
  addEventListener("message", ({ data }: MessageEvent<MessagePort>) => {
    new Grader(data, programs);
  }, { once: true });
}

class Grader {
  readonly #port: MessagePort;
  readonly #programs: Record<string, string>;
  readonly #compiling = new Map<number, (file: CompiledFile) => void>();
  #ids = 0;

  constructor(port: MessagePort, programs: Record<string, string>) {
    this.#port = port;
    this.#programs = programs;
    port.onmessage = ({ data }: MessageEvent<ToGrader>) => this.#hear(data);
  }

  #hear(message: ToGrader): void {
    switch (message.kind) {
      case "ping":
        return this.#say({ kind: "pong", number: message.number });
      case "compiled":
        this.#compiling.get(message.id)?.(message.file);
        return void this.#compiling.delete(message.id);
      case "grade":
        return void this.#grade(message);
    }
  }

  async #grade(
    { args, files }: Extract<ToGrader, { kind: "grade" }>,
  ): Promise<void> {
    const decoder = new TextDecoder();
    try {
      const answer = await answerGrade(args, {
        loader: new Loader({ compile: (...it) => this.#compile(...it) }),
        image: makeImage(this.#programs),
        readFile: (path) =>
          files[path] === undefined ? null : decoder.decode(files[path]),
        look: () => "the page has a button for it",
        breathe: () => new Promise((done) => setTimeout(done)),
      });
      this.#say({ kind: "graded", ...answer });
    } catch (error) {
      this.#say({ kind: "failed", text: (error as Error).message });
    }
  }

  #compile(path: string, source: string): Promise<CompiledFile> {
    const id = ++this.#ids;
    this.#say({ kind: "compile", id, path, source });
    return new Promise((resolve) => this.#compiling.set(id, resolve));
  }

  #say(message: FromGrader): void {
    this.#port.postMessage(message);
  }
}
