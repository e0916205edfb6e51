/// <reference lib="dom" />
// Who answers `grade`, typed in the machine on the page: a worker in a sandbox of
// its own, made for one report and thrown away. If a program holds it, that is the
// answer; the visitor's machine goes on meanwhile.

import type { CompilerClient } from "../machine/compiler_client.ts";
import type { Action } from "../disk/disk_desk.ts";
import { Sandbox } from "../machine/sandbox.ts";
import type { FromRunner, ToRunner } from "../protocol.ts";
import type { FromGrader, ToGrader } from "./messages.ts";

const GRADER = "grader.js";

type Values = Record<string, unknown>;

export class GradeDesk {
  readonly #compiler: CompilerClient;
  readonly #onTell: (text: string, actions: Action[]) => void;
  #text: Promise<string> | null = null;

  constructor(
    compiler: CompilerClient,
    onTell: (text: string, actions: Action[]) => void,
  ) {
    this.#compiler = compiler;
    this.#onTell = onTell;
  }

  /** `args`, and the `files` of the visitor. */
  async grade({ args, files }: Values): Promise<Values> {
    const text = await (this.#text ??= fetchText().catch((error) => {
      this.#text = null;
      throw error;
    }));
    const own = files as Record<string, Uint8Array>;
    return await this.#graded(text, { kind: "grade", args, files: own });
  }

  #graded(text: string, question: ToGrader): Promise<Values> {
    return new Promise<Values>((resolve, reject) => {
      const end = (act: () => void) => {
        sandbox.close();
        act();
      };
      // The sandbox carries whatever is said; here it is a grader's talk.
      const send = (message: ToGrader) =>
        sandbox.send(message as unknown as ToRunner);
      const hear = (message: FromGrader) => {
        if (message.kind === "compile") this.#compile(message, send);
        else if (message.kind === "graded") {
          const { text, status, links = [] } = message;
          end(() => resolve({ text, status }));
          if (links.length > 0) this.#offer(links);
        } else if (message.kind === "failed") {
          end(() => reject(new Error(message.text)));
        }
      };
      const sandbox: Sandbox = new Sandbox(text, {
        onMessage: (message: FromRunner) =>
          hear(message as unknown as FromGrader),
        onHang: () => end(() => reject(new Error(HELD))),
        onFault: (text) => end(() => reject(new Error(text))),
      });
      send(question);
    });
  }

  /** In a tab of its own: this machine stays as it is. */
  #offer(links: readonly { rule: string; link: string }[]): void {
    const rules = links.map(({ rule }) => rule).join(", ");
    const open = (link: string) => () =>
      void globalThis.open(`${location.origin}${location.pathname}#${link}`);
    const actions = links.map(({ rule, link }) => ({
      name: links.length === 1 ? "Look there" : `Look: ${rule}`,
      act: open(link),
    }));
    this.#onTell(`Graded. Failed: ${rules}.`, actions);
  }

  async #compile(
    { id, path, source }: Extract<FromGrader, { kind: "compile" }>,
    send: (message: ToGrader) => void,
  ): Promise<void> {
    const { file } = await this.#compiler.compile(path, source);
    send({ kind: "compiled", id, file });
  }
}

const HELD =
  "it worked for 2 s without a call, so it was stopped: time does not pass inside JavaScript";

async function fetchText(): Promise<string> {
  const response = await fetch(GRADER);
  if (!response.ok) throw new Error(`${GRADER}: ${response.status}`);
  return await response.text();
}
