// Backslash escapes of echo and printf, and text put together from characters
// and from bytes that need not be UTF-8. Knows nothing of formats.

import { bytes } from "kettle";
import { join } from "./text.ts";

const LETTERS = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ['"', '"'],
]);

/** Collects text and single bytes; `stopped` after `\c`. */
export class ByteText {
  #pieces: Uint8Array[] = [];
  stopped = false;

  add(piece: string | Uint8Array): void {
    if (this.stopped || piece.length === 0) return;
    this.#pieces.push(typeof piece === "string" ? bytes(piece) : piece);
  }

  addByte(byte: number): void {
    this.add(Uint8Array.of(byte & 255));
  }

  bytes(): Uint8Array {
    return join(this.#pieces);
  }
}

/**
 * Adds text with its escapes replaced: `\n`, `\t`, `\0101` and so on; `\c` stops
 * all output. `octal` says what an octal number looks like: `\0ooo` (echo and
 * %b) or `\ooo` (a printf format).
 */
export function addEscaped(
  output: ByteText,
  source: string,
  octal: "\\0ooo" | "\\ooo",
): void {
  const pattern = octal === "\\ooo"
    ? /\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|([^]))/y
    : /\\(?:0([0-7]{0,3})|x([\da-fA-F]{1,2})|([^]))/y;
  let at = 0;
  while (at < source.length && !output.stopped) {
    const next = source.indexOf("\\", at);
    output.add(source.slice(at, next < 0 ? source.length : next));
    if (next < 0) return;
    pattern.lastIndex = next;
    const match = pattern.exec(source);
    at = next + (match?.[0].length ?? 1);
    if (match === null) output.add("\\");
    else addEscape(output, match);
  }
}

function addEscape(output: ByteText, match: RegExpExecArray): void {
  const [whole, octal, hex, letter] = match;
  if (octal !== undefined) output.addByte(parseInt(octal || "0", 8));
  else if (hex !== undefined) output.addByte(parseInt(hex, 16));
  else if (letter === "c") output.stopped = true;
  else output.add(LETTERS.get(letter!) ?? whole);
}
