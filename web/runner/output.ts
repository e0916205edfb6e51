// What the console shows, on its way to the page: gathered, sent in pieces, and
// not further ahead than the page can draw. What comes faster than that nobody
// could read: the oldest of it is left out, and the place says so. So `yes`
// drowns nobody, and how fast the page draws does not change the machine's time.

import type { FromRunner } from "../protocol.ts";
import { grouped } from "../parts/units.ts";

/** So much may be sent and not yet on the screen. */
const AHEAD_MAX = 64 * 1024;
/** So much waits to be sent; more than any screen and its scrollback need. */
const WAITING_MAX = 512 * 1024;

export class Output {
  readonly #send: (message: FromRunner) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #leftOut = 0;
  #ahead = 0;

  constructor(send: (message: FromRunner) => void) {
    this.#send = send;
  }

  add(bytes: Uint8Array): void {
    this.#waiting.push(bytes.slice());
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > WAITING_MAX) this.#leaveOut();
  }

  /** Sends what waits, unless the page is still drawing. */
  flush(): void {
    if (this.#waiting.length === 0 || this.#ahead > AHEAD_MAX) return;
    if (this.#leftOut > 0) this.#waiting.unshift(this.#note());
    const parts = this.#waiting;
    const bytes = new Uint8Array(parts.reduce((sum, it) => sum + it.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#waiting = [];
    this.#waitingBytes = this.#leftOut = 0;
    this.#ahead += bytes.length;
    this.#send({ kind: "output", bytes });
  }

  /** The page has drawn so many bytes. */
  shown(bytes: number): void {
    this.#ahead -= bytes;
    this.flush();
  }

  /** The older half goes. */
  #leaveOut(): void {
    while (this.#waitingBytes > WAITING_MAX / 2 && this.#waiting.length > 1) {
      const part = this.#waiting.shift()!;
      this.#waitingBytes -= part.length;
      this.#leftOut += part.length;
    }
  }

  #note(): Uint8Array {
    const count = grouped(this.#leftOut);
    return new TextEncoder().encode(
      `\r\n\x1b[90m… ${count} bytes came too fast to be shown …\x1b[0m\r\n`,
    );
  }
}
