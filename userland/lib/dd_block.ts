// What dd makes of a block on its way (conv=ucase,swab,sync …), and what it tells of
// how much and how fast. Copies nothing.

import { clock, type Routine, write } from "kettle";
import { type Job, says } from "./dd_job.ts";
import { scaled } from "./sizes.ts";

/** What conv= makes of a block. */
export function converted(job: Job, input: Uint8Array): Uint8Array {
  let block = input;
  if (says(job, "conv", "sync") && block.length < job.blockBytes) {
    block = new Uint8Array(job.blockBytes);
    block.set(input);
  }
  if (says(job, "conv", "swab")) {
    block = block.map((_, at) => block[at ^ 1] ?? block[at]!);
  }
  const isLetter = (byte: number) => (byte | 32) >= 97 && (byte | 32) <= 122;
  if (says(job, "conv", "ucase")) {
    block = block.map((byte) => isLetter(byte) ? byte & ~32 : byte);
  }
  if (says(job, "conv", "lcase")) {
    block = block.map((byte) => isLetter(byte) ? byte | 32 : byte);
  }
  return block;
}

/** status=progress: how far it is, once a second, always in the same line. */
export class Progress {
  #toldNs: number;
  #hasTold = false;

  constructor(readonly status: string | undefined, readonly startNs: number) {
    this.#toldNs = startNs;
  }

  *tell(bytes: number): Routine {
    if (this.status !== "progress") return;
    const now = yield* clock();
    if (now - this.#toldNs < 1e9) return;
    this.#toldNs = now;
    this.#hasTold = true;
    yield* write(2, `\r${summary(bytes, now - this.startNs)}`);
  }

  *end(): Routine {
    if (this.#hasTold) yield* write(2, "\n");
  }
}

/** As GNU dd has it: bytes, in both ways to count if that is shorter, s, B/s. */
export function summary(bytes: number, ns: number): string {
  const sizes = [
    bytes >= 1000 ? [scaled(bytes, 1000)] : [],
    bytes >= 1024 ? [scaled(bytes, 1024)] : [],
  ].flat();
  const known = sizes.length === 0 ? "" : ` (${sizes.join(", ")})`;
  const rate = ns === 0 ? "Infinity B" : scaled(bytes / (ns / 1e9), 1000);
  const seconds = Number((ns / 1e9).toPrecision(6));
  return `${bytes} byte${bytes === 1 ? "" : "s"}${known} copied, ` +
    `${seconds} s, ${rate}/s`;
}
