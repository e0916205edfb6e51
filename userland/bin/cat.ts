// cat [-n] [-b] [-s] [-A] [-E] [-T] [-v] [FILE]…: writes files to standard output,
// one after the other. No file, or -, means standard input.

import { type Program, type Routine, SysError } from "kettle";
import { options } from "../lib/args.ts";
import { byteString, fromByteString } from "../lib/lossless.ts";
import {
  copy,
  eachInput,
  isSameFile,
  Output,
  TextReader,
} from "../lib/stdio.ts";

const USAGE = {
  name: "cat",
  synopsis: "[-n] [-b] [-s] [-A] [-E] [-T] [-v] [FILE]…",
  about: "Writes files to standard output, one after the other.",
  options: {
    "-A, --show-all": "as -v -E -T",
    "-b, --number-nonblank": "number the lines that are not empty",
    "-e": "as -v -E",
    "-E, --show-ends": "$ at the end of each line",
    "-n, --number": "number the lines",
    "-s, --squeeze-blank": "of several empty lines only one",
    "-t": "as -v -T",
    "-T, --show-tabs": "tabs as ^I",
    "-u": "nothing: output never waits",
    "-v, --show-nonprinting": "other control characters as ^X, bytes as M-x",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const style = new Style(given);
  return yield* eachInput("cat", operands, function* (fd, file) {
    yield* refuseLoop(fd, file);
    yield* style.isPlain ? copy(fd, 1) : style.show(fd);
  });
}

/** `cat f >>f` would never end: it reads what it has just written. */
function* refuseLoop(fd: number, path: string): Routine {
  if (!(yield* isSameFile(fd, 1))) return;
  const reason = "input file is output file";
  throw new SysError("EINVAL", "read", { path, reason });
}

/** How lines are shown. Counts over all files, which may end in the middle of a line. */
class Style {
  readonly isPlain: boolean;
  #ends: boolean;
  #tabs: boolean;
  #control: boolean;
  #line = 0;
  #blank = 0;
  #isInside = false;

  constructor(readonly given: Record<string, unknown>) {
    const { A, e, t, E, T, v, n, b, s } = given;
    this.#ends = Boolean(A ?? e ?? E);
    this.#tabs = Boolean(A ?? t ?? T);
    this.#control = Boolean(A ?? e ?? t ?? v);
    this.isPlain = !(this.#ends || this.#tabs || this.#control || n || b || s);
  }

  *show(fd: number): Routine {
    const output = new Output(1, fromByteString);
    const lines = new TextReader(fd, { toText: byteString, output });
    while (true) {
      const line = lines.take() ?? (yield* lines.next());
      if (line === null) break;
      if (output.add(this.#shown(line, lines.partial))) yield* output.flush();
    }
    yield* output.flush();
  }

  #shown(line: string, partial: boolean): string {
    const isEmpty = line === "" && !this.#isInside;
    this.#blank = isEmpty ? this.#blank + 1 : 0;
    if (this.given.s && this.#blank > 1) return "";
    const counts = this.given.b ? !isEmpty : this.given.n !== undefined;
    const number = counts && !this.#isInside
      ? `${String(++this.#line).padStart(6)}\t`
      : "";
    this.#isInside = partial;
    const end = partial ? "" : this.#ends ? "$\n" : "\n";
    return number + this.#visible(line) + end;
  }

  #visible(line: string): string {
    // deno-lint-ignore no-control-regex -- it is what they are looked for
    const control = /[\x00-\x08\x0a-\x1f\x7f-\xff]/g;
    const shown = this.#control ? line.replace(control, caret) : line;
    return this.#tabs ? shown.replaceAll("\t", "^I") : shown;
  }
}

/** ^X for a control character, M-… for a byte above 127. */
function caret(char: string): string {
  const code = char.charCodeAt(0);
  if (code >= 128) {
    const low = String.fromCharCode(code - 128);
    return "M-" + (code < 160 || code === 255 ? caret(low) : low);
  }
  return "^" + String.fromCharCode(code ^ 64);
}
