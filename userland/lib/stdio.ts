// What most small programs do with files: go through the operands, read each
// from its beginning, complain about one that fails and carry on with the next.
// Works on bytes, so what passes through is not touched.

import { close, open, read, type Routine, SysError, write } from "kettle";

export const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

/** Writes `name: message` to standard error and gives the status 1. */
export function* complain(name: string, problem: unknown): Routine<number> {
  if (problem instanceof Error && !(problem instanceof SysError)) throw problem;
  const message = problem instanceof SysError ? problem.message : problem;
  yield* write(2, `${name}: ${message}\n`);
  return 1;
}

/**
 * Calls `body` with each named file opened for reading; no names, or `-`, mean
 * standard input. Gives 0, or 1 if any of them failed.
 */
export function* eachInput(
  name: string,
  files: string[],
  body: (fd: number, file: string) => Routine<unknown>,
): Routine<number> {
  let status = 0;
  for (const file of files.length === 0 ? ["-"] : files) {
    try {
      const fd = file === "-" ? 0 : yield* open(file, "r");
      yield* body(fd, file);
      if (fd !== 0) yield* close(fd);
    } catch (error) {
      if (file === "-" || isBrokenPipe(error)) throw error;
      status = yield* complain(name, naming(error, file));
    }
  }
  return status;
}

/** A failure on an open file, said with the name that the user gave it. */
export function naming(error: unknown, file: string): unknown {
  if (!(error instanceof SysError)) return error;
  return `${file}: ${error.message.slice(error.message.indexOf(error.code))}`;
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof SysError && error.code === "EPIPE";
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

  constructor(readonly fd: number) {}

  /** The next line with its newline (the last may have none), or null. */
  *next(): Routine<Uint8Array | null> {
    let line: Uint8Array | null = null;
    while (true) {
      if (this.#at >= this.#chunk.length) {
        this.#chunk = yield* read(this.fd, CHUNK_BYTES);
        this.#at = 0;
        if (this.#chunk.length === 0) return line;
      }
      const found = this.#chunk.indexOf(NEWLINE, this.#at);
      const end = found < 0 ? this.#chunk.length : found + 1;
      line = append(line, this.#chunk.subarray(this.#at, end));
      this.#at = end;
      if (found >= 0) return line;
    }
  }

  /** What was read ahead and not handed out yet. */
  rest(): Uint8Array {
    const rest = this.#chunk.subarray(this.#at);
    this.#at = this.#chunk.length;
    return rest;
  }
}

function append(line: Uint8Array | null, more: Uint8Array): Uint8Array {
  if (line === null) return more;
  const longer = new Uint8Array(line.length + more.length);
  longer.set(line);
  longer.set(more, line.length);
  return longer;
}

/** Collects what is written in small pieces and writes it in large ones. */
export class Output {
  #pieces: string[] = [];
  #length = 0;

  constructor(readonly fd = 1) {}

  *write(piece: string): Routine {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length >= CHUNK_BYTES) yield* this.flush();
  }

  *flush(): Routine {
    if (this.#length === 0) return;
    const all = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    yield* write(this.fd, all);
  }
}
