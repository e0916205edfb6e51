// The real terminal joined to a machine's console: keys go in one by one, what
// the console shows comes out, a change of size is passed on. It leaves the
// terminal as it found it, however the program ends.

import process from "node:process";
import type { Machine } from "../kernel/kernel.ts";
import type { Driver } from "./driver.ts";

/** Skips to the next event; the machine does not see it. */
const F9 = "\x1b[20~";

export interface TerminalOptions {
  driver: Driver;
  machine: Machine;
}

export class Terminal {
  readonly #driver: Driver;
  readonly #machine: Machine;
  #decoder = new TextDecoder();
  #open = false;
  /** The keyboard, or what is in its place, has come to its end. */
  #ended = false;
  #endings = 0;

  constructor({ driver, machine }: TerminalOptions) {
    this.#driver = driver;
    this.#machine = machine;
    machine.console.onOutput = (bytes) => void process.stdout.write(bytes);
  }

  /** Takes the keyboard: every key goes to the machine, ^C as well. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    setRaw(true);
    this.#resize();
    process.stdin.on("data", this.#onKeys);
    process.stdout.on("error", this.#onHangUp);
    process.stdin.on("end", this.#onEnd);
    process.stdout.on("resize", this.#resize);
    process.on("exit", this.#restore);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    process.stdin.resume();
  }

  /** Gives the keyboard back. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#restore();
    process.stdin.off("data", this.#onKeys);
    process.stdin.off("end", this.#onEnd);
    process.stdout.off("resize", this.#resize);
    process.off("exit", this.#restore);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    process.stdin.pause();
  }

  readonly #onKeys = (chunk: Uint8Array): void => {
    const text = this.#decoder.decode(chunk, { stream: true });
    text.split(F9).forEach((part, index) => {
      if (index > 0) this.#driver.skip();
      if (part !== "") this.#driver.type(this.#machine, part);
    });
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#driver.state === "idle") this.idle();
  };

  /** The machine waits for keys: if there will be none, ^D says so. */
  idle(): void {
    if (!this.#ended) return;
    this.#endings += 1;
    if (this.#endings > ENDINGS_MAX) this.#driver.stop();
    else this.#driver.type(this.#machine, "\x04");
  }

  /** Nobody looks any more. */
  readonly #onHangUp = (): void => this.#driver.stop();

  readonly #resize = (): void => {
    const { columns, rows } = process.stdout; // both 0 or missing: not known
    this.#driver.input(() => this.#machine.resize(columns || 80, rows || 24));
  };

  readonly #restore = (): void => setRaw(false);

  /** It ends as if nobody looked any more; whoever keeps a disk can save it. */
  readonly #onSignal = (): void => this.#driver.stop();
}

/** Programs that may be told, one after another, that there are no more keys. */
const ENDINGS_MAX = 1_000;
const SIGNALS = ["SIGTERM", "SIGHUP"] as const;

function setRaw(raw: boolean): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(raw);
}
