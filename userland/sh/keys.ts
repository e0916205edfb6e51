// From the bytes of a keyboard to keys: UTF-8 characters, control keys, the
// escape sequences of arrows and their like, and pasted text between its marks.
// Does not know what a key does.

import { text } from "kettle";

/** `text` was typed or pasted; `name` is a key such as `left`, `ctrl-a`, `alt-b`. */
export type Key = { text: string } | { name: string };

const ESCAPE = 27;
const PASTE_END = "\x1b[201~";

const CONTROL = new Map([
  [8, "backspace"],
  [9, "tab"],
  [10, "enter"],
  [13, "enter"],
  [31, "ctrl-_"],
  [127, "backspace"],
]);
const SEQUENCES = new Map([
  ["[A", "up"],
  ["[B", "down"],
  ["[C", "right"],
  ["[D", "left"],
  ["[H", "home"],
  ["[F", "end"],
  ["OA", "up"],
  ["OB", "down"],
  ["OC", "right"],
  ["OD", "left"],
  ["OH", "home"],
  ["OF", "end"],
  ["[1~", "home"],
  ["[3~", "delete"],
  ["[4~", "end"],
  ["[5~", "page-up"],
  ["[6~", "page-down"],
  ["[7~", "home"],
  ["[8~", "end"],
  ["[1;5C", "alt-f"],
  ["[1;5D", "alt-b"],
  ["[1;3C", "alt-f"],
  ["[1;3D", "alt-b"],
  ["[1;5H", "ctrl-home"],
  ["[1;5F", "ctrl-end"],
  ["[3;3~", "alt-d"],
  ["[3;5~", "alt-d"],
]);

export class KeyDecoder {
  #pending: number[] = [];
  #pasted: number[] | null = null;

  /** True between the marks of a paste: nothing need be drawn. */
  get pasting(): boolean {
    return this.#pasted !== null;
  }

  /** Takes the next byte; gives a key when one is complete. */
  feed(byte: number): Key | null {
    if (this.#pasted !== null) return this.#paste(this.#pasted, byte);
    this.#pending.push(byte);
    const bytes = this.#pending;
    if (bytes[0] === ESCAPE) return this.#escape(bytes);
    if (bytes[0]! < 32 || bytes[0] === 127) {
      return this.#done({ name: controlName(bytes[0]!) });
    }
    if (bytes.length > 1 && (byte & 0xc0) !== 0x80) {
      // What came before is no character: it is dropped, this is a key.
      this.#pending = [];
      return this.feed(byte);
    }
    if (bytes.length < utf8Length(bytes[0]!)) return null;
    return this.#done({ text: text(Uint8Array.from(bytes)) });
  }

  #done(key: Key | null): Key | null {
    this.#pending = [];
    return key;
  }

  #escape(bytes: number[]): Key | null {
    if (bytes.length === 1) return null;
    const last = bytes.at(-1)!;
    if (bytes.length > 2 && (last < 32 || last === 127)) {
      // No sequence has this inside: it is a key of its own.
      this.#pending = [];
      return this.feed(last);
    }
    const sequence = String.fromCharCode(...bytes.slice(1));
    if (!/^[[O]/.test(sequence)) {
      const [, second] = bytes;
      if (second === ESCAPE) {
        this.#pending = [ESCAPE];
        return { name: "escape" };
      }
      const name = second! < 32 || second === 127
        ? `alt-${controlName(second!)}`
        : `alt-${sequence}`;
      return this.#done({ name });
    }
    const complete = sequence[0] === "O"
      ? sequence.length === 2
      : /^\[[\d;?]*[@-~]$/.test(sequence);
    if (!complete) return sequence.length > 16 ? this.#done(null) : null;
    if (sequence === "[200~") this.#pasted = [];
    const name = SEQUENCES.get(sequence);
    return this.#done(name === undefined ? null : { name });
  }

  #paste(pasted: number[], byte: number): Key | null {
    pasted.push(byte);
    if (byte !== PASTE_END.charCodeAt(5)) return null;
    const tail = pasted.slice(-PASTE_END.length);
    if (String.fromCharCode(...tail) !== PASTE_END) return null;
    this.#pasted = null;
    const bytes = Uint8Array.from(pasted.slice(0, -PASTE_END.length));
    return { text: text(bytes).replace(/\r\n?/g, "\n") };
  }
}

function controlName(byte: number): string {
  return CONTROL.get(byte) ?? `ctrl-${String.fromCharCode(byte + 96)}`;
}

function utf8Length(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}
