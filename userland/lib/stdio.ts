// What most small programs do with files: go through the operands, read each
// from its beginning, complain about one that fails and carry on with the next.
// Works on bytes, so what passes through is not touched; nothing here takes more
// time than the number of bytes, however long a line is.

import {
  close,
  exit,
  fstat,
  open,
  read,
  type Routine,
  SysError,
  write,
} from "kettle";
import { decode, encode } from "./lossless.ts";
import { failure, quoted, strerror } from "./strerror.ts";
import { join } from "./text.ts";

export const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

/**
 * Writes `name: what failed: why` to standard error and gives the status 1.
 * `about` says what failed, in place of the path: `cannot stat 'x'`.
 */
export function* complain(
  name: string,
  problem: unknown,
  about?: string,
): Routine<number> {
  if (problem instanceof Error && !(problem instanceof SysError)) throw problem;
  const message = !(problem instanceof SysError)
    ? problem
    : about === undefined
    ? failure(problem)
    : `${about}: ${strerror(problem)}`;
  yield* write(2, `${name}: ${message}\n`);
  return 1;
}

/** How a program speaks of inputs that fail. */
export interface InputWords {
  /** What could not be opened; the name alone if not given. */
  open?: (file: string) => string;
  /** What could not be read; as `open` if not given. */
  read?: (file: string) => string;
  /** What standard input is called. */
  stdin?: string;
  /** The status then; 1 if not given. */
  trouble?: number;
}

/**
 * Calls `body` with each named file opened for reading; no names, or `-`, mean
 * standard input. Gives 0, or the status for trouble if any of them failed. A
 * write that fails ends the program.
 */
export function* eachInput(
  name: string,
  files: string[],
  body: (fd: number, file: string) => Routine<unknown>,
  words: InputWords = {},
): Routine<number> {
  const { trouble = 1, open: named = quoted, read: reading = named } = words;
  let status = 0;
  for (const file of files.length === 0 ? ["-"] : files) {
    let fd = -1;
    try {
      fd = file === "-" ? 0 : yield* open(file, "r");
      yield* body(fd, file);
    } catch (error) {
      if (isWriteError(error)) yield* endWriting(name, error, trouble);
      const called = file === "-" ? words.stdin ?? file : file;
      yield* complain(name, error, (fd < 0 ? named : reading)(called));
      status = trouble;
    }
    if (fd > 0) yield* close(fd);
  }
  return status;
}

/** Two descriptors of one file with something in it: reading one while writing the other may have no end. */
export function* isSameFile(fd: number, other: number): Routine<boolean> {
  const [a, b] = [yield* fstat(fd), yield* fstat(other)];
  return a.type === "file" && b.type === "file" && a.ino === b.ino &&
    a.size > 0;
}

/** True if it was writing that failed. */
export function isWriteError(error: unknown): error is SysError {
  return error instanceof SysError && error.call === "write";
}

/** Says why nothing more can be written, and ends the program. */
export function* endWriting(
  name: string,
  error: SysError,
  status = 1,
): Routine<never> {
  yield* complain(name, error, "write error");
  yield* exit(status);
  throw error;
}

/** A failure on an open file, said with the name that the user gave it. */
export function naming(error: unknown, file: string): unknown {
  if (!(error instanceof SysError)) return error;
  return `${file}: ${strerror(error)}`;
}

/** Copies everything from one descriptor to another and gives the number of bytes. */
export function* copy(from: number, to: number): Routine<number> {
  let total = 0;
  while (true) {
    const chunk = yield* read(from, CHUNK_BYTES);
    if (chunk.length === 0) return total;
    yield* write(to, chunk);
    total += chunk.length;
  }
}

/** Reads a descriptor line by line: bytes, each with its newline. Buffered. */
export class LineReader {
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** `end`: the byte at the end of each line. */
  constructor(readonly fd: number, readonly end = NEWLINE) {}

  /** The next line with its newline (the last may have none), or null. */
  *next(): Routine<Uint8Array | null> {
    const pieces: Uint8Array[] = [];
    while (true) {
      if (this.#at >= this.#chunk.length) {
        this.#chunk = yield* read(this.fd, CHUNK_BYTES);
        this.#at = 0;
        if (this.#chunk.length === 0) break;
      }
      const found = this.#chunk.indexOf(this.end, this.#at);
      const end = found < 0 ? this.#chunk.length : found + 1;
      pieces.push(this.#chunk.subarray(this.#at, end));
      this.#at = end;
      if (found >= 0) break;
    }
    return pieces.length === 0 ? null : join(pieces);
  }

  /** What was read ahead and not handed out yet. */
  rest(): Uint8Array {
    const rest = this.#chunk.subarray(this.#at);
    this.#at = this.#chunk.length;
    return rest;
  }
}

export interface TextReading {
  /** From bytes to text, losslessly: UTF-8 if not given. */
  toText?: (bytes: Uint8Array) => string;
  /** The byte after each line: a newline if not given. */
  end?: number;
  /** Written out before each read, so that nobody waits for what is known. */
  output?: Output;
}

/** Reads a descriptor line by line as text in which nothing is lost, without newlines. */
export class TextReader {
  #lines: string[] = [];
  #at = 0;
  #tail: Uint8Array[] = [];
  /** True if the line handed out last had no newline. */
  partial = false;

  constructor(readonly fd: number, readonly how: TextReading = {}) {}

  /** The next line if it was read already, else null: in a loop it spares a routine. */
  take(): string | null {
    return this.#lines[this.#at] === undefined
      ? null
      : this.#lines[this.#at++]!;
  }

  *next(): Routine<string | null> {
    const { toText = decode, end = NEWLINE, output } = this.how;
    while (this.#at >= this.#lines.length) {
      if (output !== undefined) yield* output.flush();
      const chunk = yield* read(this.fd, CHUNK_BYTES);
      if (chunk.length === 0) return this.#last(toText);
      const last = chunk.lastIndexOf(end);
      if (last < 0) {
        this.#tail.push(chunk);
        continue;
      }
      const whole = join([...this.#tail, chunk.subarray(0, last)]);
      this.#tail = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : [];
      this.#lines = toText(whole).split(String.fromCharCode(end));
      this.#at = 0;
    }
    return this.#lines[this.#at++]!;
  }

  #last(toText: (bytes: Uint8Array) => string): string | null {
    if (this.#tail.length === 0) return null;
    this.partial = true;
    const line = toText(join(this.#tail));
    this.#tail = [];
    return line;
  }
}

/** Collects what is written in small pieces and writes it in large ones. */
export class Output {
  #pieces: string[] = [];
  #length = 0;

  /** `toBytes` is for text that was made from bytes in another way than UTF-8. */
  constructor(
    readonly fd = 1,
    readonly toBytes: (text: string) => Uint8Array = encode,
  ) {}

  *write(piece: string): Routine {
    if (this.add(piece)) yield* this.flush();
  }

  /** As write, but tells whether it is time to flush: in a loop it spares a routine. */
  add(piece: string): boolean {
    this.#pieces.push(piece);
    this.#length += piece.length;
    return this.#length >= CHUNK_BYTES;
  }

  *flush(): Routine {
    if (this.#length === 0) return;
    const all = this.toBytes(this.#pieces.join(""));
    this.#pieces = [];
    this.#length = 0;
    yield* write(this.fd, all);
  }
}
