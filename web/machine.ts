/// <reference lib="dom" />
// The page's machine: a worker in its sandbox, the visitor's files, the
// compiler. It starts the machine, starts it again when a program took the
// worker for itself, and gives the new one the files of the old.

import type { CompilerClient } from "./compiler_client.ts";
import type { FromRunner, Speed, ToRunner } from "./protocol.ts";
import { Sandbox } from "./sandbox.ts";
import type { FileStore } from "./store.ts";

/** What the machine says that is for the screen. */
export type ForScreen = Exclude<
  FromRunner,
  { kind: "compile" | "running" | "file" | "pong" }
>;

export interface MachineListener {
  onMessage(message: ForScreen): void;
  /** The machine was started again; why, in a sentence. */
  onRestart(sentence: string): void;
  /** There is no machine to be had. */
  onFault(text: string): void;
  /** The compiler works for this program, or (null) no longer. */
  onCompile(path: string | null): void;
}

/** How the console looks and how fast it goes, asked at each start. */
export interface Console {
  columns: number;
  rows: number;
  speed: Speed;
}

const STARTS_MAX = 5;

export class Machine {
  readonly #runnerText: string;
  readonly #store: FileStore;
  readonly #compiler: CompilerClient;
  readonly #listener: MachineListener;
  readonly #console: () => Console;
  #sandbox: Sandbox | null = null;
  #running = "";
  /** Starts without a prompt since the last that worked. */
  #starts = 0;

  constructor(
    runnerText: string,
    store: FileStore,
    compiler: CompilerClient,
    console: () => Console,
    listener: MachineListener,
  ) {
    this.#runnerText = runnerText;
    this.#store = store;
    this.#compiler = compiler;
    this.#console = console;
    this.#listener = listener;
  }

  /** Boots; `notice` is printed before the prompt. */
  start(notice = ""): void {
    this.#sandbox?.close();
    this.#running = "";
    this.#starts++;
    this.#sandbox = new Sandbox(this.#runnerText, {
      onMessage: (message) => this.#hear(message),
      onHang: () => this.#hang(),
      onFault: (text) => this.#fault(text),
    });
    const files = this.#store.files;
    this.send({ kind: "boot", files, notice, ...this.#console() });
  }

  send(message: ToRunner): void {
    this.#sandbox?.send(message);
  }

  #hear(message: FromRunner): void {
    switch (message.kind) {
      case "compile":
        this.#compile(message.id, message.path, message.source);
        return;
      case "running":
        this.#running = String(message.name);
        return;
      case "file":
        this.#keep(String(message.path), message.bytes);
        return;
      case "pong":
        return;
      case "ready":
        this.#starts = 0;
    }
    this.#listener.onMessage(message);
  }

  #keep(path: string, bytes: unknown): void {
    const data = bytes instanceof Uint8Array ? bytes : null;
    if (this.#store.put(path, data) || data === null) return;
    this.#listener.onMessage({
      kind: "trouble",
      title: path,
      text: "is too large to be kept: it lasts as long as this machine does.",
    });
  }

  async #compile(id: number, path: string, source: string): Promise<void> {
    this.#listener.onCompile(path);
    const asker = this.#sandbox;
    const answer = await this.#compiler.compile(path, source);
    this.#listener.onCompile(null);
    asker?.send({ kind: "compiled", id, ...answer });
  }

  #hang(): void {
    const who = this.#running === "" ? "A program" : this.#running;
    this.#again(
      `${who} held the machine for 2 s without a call, so it was stopped and a ` +
        "new machine was started. Your files in /home are as they were. Time " +
        "does not pass inside JavaScript: use yield* pause(), wait() or compute().",
    );
  }

  #fault(text: string): void {
    if (this.#starts < STARTS_MAX) this.#again(`The machine broke: ${text}.`);
    else this.#listener.onFault(text);
  }

  #again(sentence: string): void {
    this.#listener.onRestart(sentence);
    this.start(sentence);
  }
}
