// Whether the cursor of a terminal is at the beginning of a line, from the bytes
// that are shown: letters move it on, CR and LF bring it back, escape sequences
// mostly leave it, and the alternate screen puts it back where it was. Linux's
// terminals count columns for the same reason; its consoles know these sequences.

const ESCAPE = 27, NEWLINE = 10, RETURN = 13, BRACKET = 91;
const TEXT = 0, AFTER_ESCAPE = 1, SEQUENCE = 2;
/** `ESC [ … H`: to the first column, or to another. */
const FIRST_COLUMN = /^(?:\d*(?:;1?)?)$/;
/** Longest parameters that are looked at. */
const PARAMETERS_MAX = 32;

export class TtyLine {
  atStart = true;
  /** The same on the screen that the alternate one covers. */
  #below = true;
  #state = TEXT;
  #parameters = "";

  /** These bytes are shown. */
  feed(bytes: Uint8Array): void {
    const isText = this.#state === TEXT && !bytes.includes(ESCAPE);
    let at = isText ? bytes.lastIndexOf(NEWLINE) : 0;
    for (at = Math.max(at, 0); at < bytes.length; at++) this.#byte(bytes[at]!);
  }

  #byte(byte: number): void {
    if (byte === ESCAPE) this.#state = AFTER_ESCAPE;
    else if (this.#state === TEXT) this.#letter(byte);
    else if (this.#state === SEQUENCE) this.#inSequence(byte);
    else if (byte === BRACKET) {
      this.#state = SEQUENCE;
      this.#parameters = "";
    } else this.#state = TEXT;
  }

  #letter(byte: number): void {
    if (byte === NEWLINE || byte === RETURN) this.atStart = true;
    else if (byte >= 32 || byte === 9) this.atStart = false;
  }

  #inSequence(byte: number): void {
    if (byte >= 0x40) return this.#ended(String.fromCharCode(byte));
    if (this.#parameters.length >= PARAMETERS_MAX) return;
    this.#parameters += String.fromCharCode(byte);
  }

  #ended(letter: string): void {
    this.#state = TEXT;
    const parameters = this.#parameters;
    if (letter === "H" || letter === "f") {
      this.atStart = FIRST_COLUMN.test(parameters);
    } else if (letter === "G") this.atStart = /^1?$/.test(parameters);
    else if (parameters !== "?1049") return;
    else if (letter === "h") this.#below = this.atStart;
    else if (letter === "l") this.atStart = this.#below;
  }
}
