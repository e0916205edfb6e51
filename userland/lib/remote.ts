// How rsh and rshd talk: the client sends one line, the command; the server
// answers with frames, a letter and a number and then so many bytes, and ends
// with the exit status. Bytes in, frames out; it knows no socket.
//
//   o 12     twelve bytes of standard output follow
//   e 5      five of standard error
//   x 0      the command has ended, with status 0: the last frame

import { bytes, text } from "kettle";
import { joined, NOTHING } from "./http.ts";

/** The port of the old rsh, called "shell" in /etc/services. */
export const SHELL_PORT = 514;
/** A longer command is refused. */
export const COMMAND_BYTES_MAX = 4096;
/** A frame's first line is shorter than this. */
const HEAD_BYTES_MAX = 16;
const NEWLINE = 10;

export type Frame =
  | { kind: "output" | "error"; data: Uint8Array }
  | { kind: "exit"; status: number };

export function dataFrame(kind: "o" | "e", data: Uint8Array): Uint8Array {
  return joined(bytes(`${kind} ${data.length}\n`), data);
}

export function exitFrame(status: number): Uint8Array {
  return bytes(`x ${status}\n`);
}

/** The command at the front of what has arrived; null: not all of it is there. */
export function commandIn(data: Uint8Array): string | null {
  const end = data.indexOf(NEWLINE);
  return end < 0 ? null : text(data.subarray(0, end));
}

/** Takes bytes as they come and gives the frames that are whole. */
export class FrameReader {
  #rest: Uint8Array = NOTHING;

  /** Throws if this is no frame. */
  take(arrived: Uint8Array): Frame[] {
    this.#rest = joined(this.#rest, arrived);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) {
      frames.push(frame);
    }
    return frames;
  }

  #next(): Frame | null {
    const end = this.#rest.indexOf(NEWLINE);
    if (end < 0 && this.#rest.length < HEAD_BYTES_MAX) return null;
    const head = text(this.#rest.subarray(0, Math.max(end, 0)));
    const [, letter = "", digits = ""] = /^([oex]) (\d{1,9})$/.exec(head) ?? [];
    if (letter === "") throw new RangeError("it does not speak as rshd does");
    const number = Number(digits);
    if (letter === "x") {
      return this.#used({ kind: "exit", status: number }, end);
    }
    const data = this.#rest.subarray(end + 1, end + 1 + number);
    if (data.length < number) return null;
    const kind = letter === "o" ? "output" : "error";
    return this.#used({ kind, data }, end + number);
  }

  /** `last`: where its last byte is. */
  #used(frame: Frame, last: number): Frame {
    this.#rest = this.#rest.subarray(last + 1);
    return frame;
  }
}
