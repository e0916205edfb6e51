// hexdump [-C] [-x] [-b] [-n LENGTH] [-s OFFSET] [-v] [FILE]…: bytes as numbers. Lines
// that repeat the one before are shown as *. (For xxd FILE: hexdump -C FILE.)

import { close, open, type Program, read, type Routine } from "kettle";
import { options, refuse } from "../lib/args.ts";
import { CHUNK_BYTES, complain, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "hexdump",
  synopsis: "[-C] [-x] [-b] [-n LENGTH] [-s OFFSET] [-v] [FILE]…",
  about: "Shows bytes as numbers.",
  options: {
    "-b, --one-byte-octal": "bytes, octal",
    "-C, --canonical": "bytes, and what characters they are",
    "-x, --two-bytes-hex": "words of two bytes (as without option)",
    "-n, --length LENGTH": "so many bytes",
    "-s, --skip OFFSET": "not the first so many",
    "-v, --no-squeezing": "lines that repeat, too",
  },
};
const LINE_BYTES = 16;
type Form = "C" | "b" | "x" | "";

export default function* main(args: string[]): Program {
  const { given, operands, order } = yield* options(args, USAGE);
  const form =
    (order.findLast(({ key }) => /^[Cbx]$/.test(key))?.key ?? "") as Form;
  let left = yield* amount(given.n, Infinity, "length");
  let skip = yield* amount(given.s, 0, "offset");
  const dump = new Dump(form, given.v !== undefined, skip);
  let status = 0, opened = 0;
  for (const file of operands.length === 0 ? ["-"] : operands) {
    try {
      const fd = file === "-" ? 0 : yield* open(file, "r");
      opened++;
      while (left > 0) {
        const most = Math.min(CHUNK_BYTES, skip + left);
        const chunk = yield* read(fd, most);
        if (chunk.length === 0) break;
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        left -= rest.length;
        yield* dump.add(rest);
      }
      if (fd !== 0) yield* close(fd);
    } catch (error) {
      status = yield* complain("hexdump", error, file);
    }
  }
  if (opened === 0) {
    yield* complain("hexdump", "all input file arguments failed");
    return 1;
  }
  yield* dump.end(skip);
  return status;
}

function* amount(
  value: string | true | undefined,
  otherwise: number,
  what: string,
): Routine<number> {
  if (value === undefined) return otherwise;
  const match = /^(0[xX][\da-fA-F]+|\d+)([bkKmM]?)/.exec(String(value));
  const isWhole = match !== null && match[0].length === String(value).length;
  if (!isWhole) {
    yield* refuse(
      USAGE,
      `failed to parse ${what}: '${value}': Invalid argument`,
    );
  }
  const unit = match![2]!.toLowerCase();
  const factor = { b: 512, k: 1024, m: 1_048_576 }[unit] ?? 1;
  return Number(match![1]) * factor;
}

/** Puts bytes into lines of sixteen. */
class Dump {
  #offset: number;
  #line = new Uint8Array(LINE_BYTES);
  #length = 0;
  readonly #before = new Uint8Array(LINE_BYTES);
  #hasShown = false;
  #isSqueezed = false;
  readonly #output = new Output();

  constructor(readonly form: Form, readonly showsAll: boolean, start: number) {
    this.#offset = start;
  }

  *add(bytes: Uint8Array): Routine {
    for (let at = 0; at < bytes.length;) {
      const some = bytes.subarray(at, at + LINE_BYTES - this.#length);
      this.#line.set(some, this.#length);
      this.#length += some.length;
      at += some.length;
      if (this.#length === LINE_BYTES) yield* this.#show();
    }
    yield* this.#output.flush();
  }

  /** `missing`: so much less than was to be passed over was there. */
  *end(missing: number): Routine {
    if (this.#length > 0) yield* this.#show();
    this.#offset -= missing;
    if (this.#offset > 0) yield* this.#output.write(`${this.#place()}\n`);
    yield* this.#output.flush();
  }

  *#show(): Routine {
    const line = this.#line.subarray(0, this.#length);
    const isSame = !this.showsAll && this.#length === LINE_BYTES &&
      this.#hasShown && line.every((byte, at) => byte === this.#before[at]);
    if (!isSame) {
      const text = formed(line, this.form);
      yield* this.#output.write(`${this.#place()}${text}\n`);
    } else if (!this.#isSqueezed) yield* this.#output.write("*\n");
    this.#isSqueezed = isSame;
    this.#hasShown = true;
    this.#before.set(line);
    this.#offset += this.#length;
    this.#length = 0;
  }

  #place(): string {
    const digits = this.form === "C" ? 8 : 7;
    return this.#offset.toString(16).padStart(digits, "0");
  }
}

function formed(line: Uint8Array, form: Form): string {
  const bytes = [...line];
  if (form === "C") return canonical(bytes);
  if (form === "b") {
    const cells = bytes.map((byte) => ` ${byte.toString(8).padStart(3, "0")}`);
    return cells.join("").padEnd(LINE_BYTES * 4);
  }
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const word = bytes[at]! + 256 * (bytes[at + 1] ?? 0);
    text += word.toString(16).padStart(4, "0").padStart(form === "x" ? 8 : 5);
  }
  return text.padEnd(LINE_BYTES / 2 * (form === "x" ? 8 : 5));
}

function canonical(bytes: number[]): string {
  let numbers = "";
  for (let at = 0; at < LINE_BYTES; at++) {
    const byte = bytes[at];
    const cell = byte === undefined ? "  " : byte.toString(16).padStart(2, "0");
    numbers += `${at % 8 === 0 ? "  " : " "}${cell}`;
  }
  const shown = bytes.map((byte) =>
    byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."
  );
  return `${numbers}  |${shown.join("")}|`;
}
