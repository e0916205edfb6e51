// The files of sed: all lines in as one sequence, text out to standard output and to
// the files of w. Knows nothing of scripts.

import { close, exit, open, readAll, type Routine, SysError } from "kettle";
import { decode } from "./lossless.ts";
import type { Input, Sink } from "./sed_machine.ts";
import { complain, isWriteError, Output, TextReader } from "./stdio.ts";

/** The lines of all files as one sequence, one read ahead to know the last. */
export class FileLines implements Input {
  number = 0;
  file = "-";
  partial = false;
  /** 2 if one could not be read. */
  problem = 0;
  #files: string[];
  #lines: TextReader | null = null;
  #fd = -1;
  #opened = "-";
  #ahead: { line: string; partial: boolean; file: string } | null = null;
  #isAhead = false;

  constructor(files: string[], readonly end: number, readonly output: Output) {
    this.#files = [...files];
  }

  *next(): Routine<string | null> {
    if (!this.#isNext()) yield* this.#lookAhead();
    this.#isAhead = false;
    if (this.#ahead === null) return null;
    this.number++;
    this.partial = this.#ahead.partial;
    this.file = this.#ahead.file;
    return this.#ahead.line;
  }

  *isLast(): Routine<boolean> {
    if (!this.#isNext()) yield* this.#lookAhead();
    return this.#ahead === null;
  }

  /** True if it is known what comes next without reading. */
  #isNext(): boolean {
    if (this.#isAhead) return true;
    const line = this.#lines?.take() ?? null;
    if (line === null) return false;
    this.#ahead = { line, partial: false, file: this.#opened };
    this.#isAhead = true;
    return true;
  }

  *#lookAhead(): Routine {
    if (this.#isAhead) return;
    this.#isAhead = true;
    this.#ahead = null;
    while (this.#lines !== null || this.#files.length > 0) {
      try {
        this.#lines ??= yield* this.#open(this.#files.shift()!);
        const line = yield* this.#lines.next();
        if (line !== null) {
          const { partial } = this.#lines;
          this.#ahead = { line, partial, file: this.#opened };
          return;
        }
      } catch (error) {
        if (isWriteError(error)) throw error;
        yield* this.output.flush();
        if (this.#lines !== null) {
          yield* complain(
            "sed",
            error,
            `read error on ${this.#opened === "-" ? "stdin" : this.#opened}`,
          );
          yield* exit(4);
        }
        yield* complain("sed", error, `can't read ${this.#opened}`);
        this.problem = 2;
      }
      this.#lines = null;
      if (this.#fd > 0) yield* close(this.#fd);
      this.#fd = -1;
    }
  }

  *#open(file: string): Routine<TextReader> {
    this.#opened = file;
    this.#fd = file === "-" ? 0 : yield* open(file, "r");
    return new TextReader(this.#fd, { end: this.end, output: this.output });
  }
}

/** Standard output (or the new file), and the files of w, each opened once. */
export class FileSink implements Sink {
  readonly #files = new Map<string, Output>();
  /** Those whose last line has no newline yet: it comes when something follows. */
  readonly #unended = new Set<Output>();

  constructor(public output: Output, readonly newline: string) {}

  *write(text: string): Routine {
    yield* this.#put(this.output, text);
  }

  *line(text: string, partial: boolean, file?: string): Routine {
    if (file === undefined && !partial && this.#unended.size === 0) {
      if (this.output.add(text + this.newline)) yield* this.output.flush();
      return;
    }
    const output = file === undefined ? this.output : yield* this.#file(file);
    yield* this.#put(output, partial ? text : text + this.newline);
    if (partial) this.#unended.add(output);
  }

  *#put(output: Output, text: string): Routine {
    const start = this.#unended.delete(output) ? this.newline : "";
    yield* output.write(start + text);
  }

  *#file(file: string): Routine<Output> {
    if (file === "/dev/stdout") return this.output;
    let output = this.#files.get(file);
    if (output === undefined) {
      output = new Output(file === "/dev/stderr" ? 2 : yield* open(file, "w"));
      this.#files.set(file, output);
    }
    return output;
  }

  *readFile(file: string): Routine<string> {
    try {
      const fd = yield* open(file, "r");
      const all = decode(yield* readAll(fd));
      yield* close(fd);
      return all;
    } catch (error) {
      if (error instanceof SysError) return "";
      throw error;
    }
  }

  *close(): Routine {
    for (const output of this.#files.values()) {
      yield* output.flush();
      if (output.fd > 2) yield* close(output.fd);
    }
  }
}
