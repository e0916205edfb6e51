/// <reference lib="dom" />
// The view glides to where it is sent, in 160 ms; at once for those who want
// less motion.

import type { Span } from "./viewport.ts";

const GLIDE_MS = 160;

export class Glide {
  readonly #onSpan: (span: Span) => void;
  #frame = 0;
  /** Where it is on its way to. */
  target: Span | null = null;

  constructor(onSpan: (span: Span) => void) {
    this.#onSpan = onSpan;
  }

  to(from: Span, to: Span): void {
    this.stop();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      return this.#onSpan(to);
    }
    this.target = to;
    const begin = performance.now();
    const frame = (time: number) => {
      const part = Math.min(1, Math.max(0, (time - begin) / GLIDE_MS));
      if (part < 1) this.#frame = requestAnimationFrame(frame);
      else this.target = null;
      this.#onSpan(between(from, to, 1 - (1 - part) ** 3));
    };
    this.#frame = requestAnimationFrame(frame);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.target = null;
  }
}

function between(from: Span, to: Span, part: number): Span {
  return {
    fromNs: from.fromNs + (to.fromNs - from.fromNs) * part,
    toNs: from.toNs + (to.toNs - from.toNs) * part,
  };
}
