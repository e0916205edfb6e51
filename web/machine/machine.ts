/// <reference lib="dom" />
// The page's machine: a worker in its sandbox, the visitor's disk, the
// compiler. It starts the machine, starts it again when a program took the
// worker for itself, and gives the new one the disk of the old.

import type { CompilerClient } from "./compiler_client.ts";
import type { OldFiles } from "../store/old_files.ts";
import type { Shared } from "../../host/share.ts";
import type { Files, FromRunner, Speed, ToRunner } from "../protocol.ts";
import { Sandbox } from "./sandbox.ts";
import type { DiskStore } from "../store/disk_store.ts";

/** What the machine says that is for the screen. */
export type ForScreen = Exclude<
  FromRunner,
  { kind: "compile" | "running" | "disk" | "looked" | "refused" | "pong" }
>;

export interface MachineListener {
  onMessage(message: ForScreen): void;
  /** The machine was started again; why, in a sentence. */
  onRestart(sentence: string): void;
  /** There is no machine to be had. */
  onFault(text: string): void;
  /** It does not boot from the disk it was given; why. */
  onRefused(text: string): void;
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
const SOURCES_AGAIN_MS = 3_000;

export class Machine {
  readonly #runnerText: string;
  readonly #store: DiskStore;
  /** For a fresh disk. */
  readonly #old: OldFiles;
  readonly #compiler: CompilerClient;
  readonly #listener: MachineListener;
  readonly #console: () => Console;
  #sandbox: Sandbox | null = null;
  #running = "";
  /** Where it comes from; null: it is the visitor's own. */
  #shared: Shared | null;
  /** What somebody sent, without anything run. */
  readonly #sharedFiles: Files;
  /** Starts without a prompt since the last that worked. */
  #starts = 0;
  /** They wait until the machine has told what it has changed. */
  #lookers: (() => void)[] = [];

  constructor(
    runnerText: string,
    store: DiskStore,
    old: OldFiles,
    compiler: CompilerClient,
    console: () => Console,
    listener: MachineListener,
    shared: Shared | null = null,
  ) {
    this.#shared = shared;
    this.#sharedFiles = filesOf(shared);
    this.#runnerText = runnerText;
    this.#store = store;
    this.#old = old;
    this.#compiler = compiler;
    this.#console = console;
    this.#listener = listener;
  }

  /** Boots; `notice` is printed before the prompt. */
  start(notice = ""): void {
    this.#sandbox?.close();
    for (const resolve of this.#lookers.splice(0)) resolve();
    this.#running = "";
    this.#starts++;
    this.#sandbox = new Sandbox(this.#runnerText, {
      onMessage: (message) => this.#hear(message),
      onHang: () => this.#hang(),
      onFault: (text) => this.#fault(text),
    });
    const { disk } = this.#store;
    const files = { ...this.#old.files, ...this.#sharedFiles };
    const shared = disk === null ? this.#shared : null;
    const console = this.#console();
    this.send({ kind: "boot", disk, files, notice, shared, ...console });
  }

  /** Done when the store has all that the machine has changed on its disk. */
  look(): Promise<void> {
    this.send({ kind: "look" });
    return new Promise((resolve) => this.#lookers.push(resolve));
  }

  send(message: ToRunner): void {
    this.#sandbox?.send(message);
  }

  /** Nothing runs any more. */
  close(): void {
    this.#sandbox?.close();
    this.#sandbox = null;
  }

  #hear(message: FromRunner): void {
    switch (message.kind) {
      case "compile":
        this.#compile(message.id, message.path, message.source);
        return;
      case "running":
        this.#running = String(message.name);
        return;
      case "disk":
        if (!this.#store.put(message.blocks)) this.#tellTooMuch();
        return;
      case "looked":
        for (const resolve of this.#lookers.splice(0)) resolve();
        return;
      case "refused":
        return this.#refused(String(message.text));
      case "pong":
        return;
      case "ready":
        this.#starts = 0;
        this.#store.booted();
        this.#bringSources();
    }
    this.#listener.onMessage(message);
  }

  /** The programs that the machine does not start with. Keys wait for them. */
  async #bringSources(): Promise<void> {
    const sandbox = this.#sandbox;
    while (sandbox === this.#sandbox) {
      try {
        const sources = await this.#compiler.sources();
        return sandbox?.send({ kind: "sources", sources });
      } catch (error) {
        this.#listener.onMessage({
          kind: "trouble",
          title: "",
          text: `The programs could not be loaded (${
            error instanceof Error ? error.message : String(error)
          }). What you type waits; it is tried again.`,
        });
        await new Promise((done) => setTimeout(done, SOURCES_AGAIN_MS));
      }
    }
  }

  #tellTooMuch(): void {
    this.#listener.onMessage({
      kind: "trouble",
      title: "",
      text: "The disk has more than 1 GiB on it. What was written last is " +
        "there as long as this machine is, and is not kept.",
    });
  }

  async #compile(id: number, path: string, source: string): Promise<void> {
    this.#listener.onCompile(path);
    const asker = this.#sandbox;
    const answer = await this.#compiler.compile(path, source);
    this.#listener.onCompile(null);
    asker?.send({ kind: "compiled", id, ...answer });
  }

  #refused(text: string): void {
    if (this.#shared === null) return this.#listener.onRefused(text);
    this.#shared = null;
    this.#again(`What was sent cannot be run: ${text}. Its files are here.`);
  }

  #hang(): void {
    this.#shared = null; // it would do so again
    const who = this.#running === "" ? "A program" : this.#running;
    this.#again(
      `${who} held the machine for 2 s without a call, so it was stopped and a ` +
        "new machine was started. Your files are as they were. Time " +
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

function filesOf(shared: Shared | null): Files {
  const encoder = new TextEncoder();
  return Object.fromEntries(
    Object.entries(shared?.files ?? {})
      .map(([path, text]) => [path, encoder.encode(text)]),
  );
}
