// What grep writes of one file: the lines that are selected, lines around them,
// counts or names, each with what stands before it (name, number, offset), in
// colour if wanted. Does not know how files are found, nor patterns.

import type { Routine } from "kettle";
import type { LineMatcher } from "./line_matcher.ts";
import { encode } from "./lossless.ts";
import { complain, Output, TextReader } from "./stdio.ts";

export interface SearchStyle {
  invert: boolean;
  only: boolean;
  count: boolean;
  list: "with" | "without" | null;
  quiet: boolean;
  /** So many lines of a file at most. */
  most: number;
  /** Lines of context. */
  before: number;
  after: number;
  /** `--` between lines that do not follow each other. */
  separate: boolean;
  named: boolean;
  numbers: boolean;
  offsets: boolean;
  /** What is no text is shown all the same. */
  anyBytes: boolean;
  /** The byte at the end of a line. */
  end: number;
  color: boolean;
}

interface Line {
  text: string;
  number: number;
  /** Bytes before it in the file. */
  offset: number;
}

/** A NUL, or a byte that is not UTF-8: this is no text. */
// deno-lint-ignore no-control-regex -- it is what is looked for
const BINARY = /[\x00\udc80-\udcff]/u;
const COLORS = { match: "01;31", name: "35", number: "32", mark: "36" };

export class FileSearch {
  readonly output = new Output();
  /** Lines selected in all files. */
  selected = 0;
  #hasShown = false;

  constructor(readonly matcher: LineMatcher, readonly style: SearchStyle) {}

  *file(fd: number, name: string): Routine {
    const { style, output } = this;
    const found = yield* this.#lines(fd, name);
    this.selected += found;
    if (style.quiet) return;
    if (style.list !== null) {
      if ((style.list === "with") === (found > 0)) {
        yield* output.write(this.#paint("name", name) + "\n");
      }
    } else if (style.count) {
      const head = style.named
        ? this.#paint("name", name) + this.#paint("mark", ":")
        : "";
      yield* output.write(`${head}${found}\n`);
    }
  }

  /** Reads to the end, or as far as is needed; tells how many lines were selected. */
  *#lines(fd: number, name: string): Routine<number> {
    const { style, matcher, output } = this;
    const silent = style.quiet || style.list !== null || style.count;
    const isSimple = !style.separate && !style.only && !style.color;
    const newline = String.fromCharCode(style.end);
    const stopsEarly = style.quiet || style.list !== null;
    const lines = new TextReader(fd, { end: style.end, output });
    const held: Line[] = [];
    let found = 0, after = 0, offset = 0, last = 0, isBinary = false;
    for (let number = 1; found < style.most || after > 0; number++) {
      const text = lines.take() ?? (yield* lines.next());
      if (text === null) break;
      const line: Line = { text, number, offset };
      if (style.offsets) offset += encode(text).length + 1;
      if (!style.anyBytes && !isBinary && text.includes("\0")) isBinary = true;
      const fits = found < style.most && matcher.test(text) !== style.invert;
      if (fits) found++;
      if (fits && stopsEarly) return found;
      if (silent) continue;
      if (fits && !style.anyBytes && (isBinary || BINARY.test(text))) {
        yield* output.flush();
        yield* complain("grep", `${name}: binary file matches`);
        return found;
      }
      if (fits && isSimple) {
        const head = this.#head(line, name, true, 0);
        if (output.add(head + text + newline)) yield* output.flush();
      } else if (fits) {
        const shown = [...held.splice(0), line];
        yield* this.#separate(shown[0]!.number, last);
        for (const one of shown) yield* this.#show(one, name, one === line);
        last = number;
        after = style.after;
      } else if (after > 0) {
        after--;
        last = number;
        yield* this.#show(line, name, false);
      } else if (style.before > 0) {
        held.push(line);
        if (held.length > style.before) held.shift();
      }
    }
    return found;
  }

  *#separate(number: number, last: number): Routine {
    const { separate, before, after } = this.style;
    const isGap = last === 0 ? this.#hasShown : number > last + 1;
    this.#hasShown = true;
    if (separate && before + after > 0 && isGap) {
      yield* this.output.write(this.#paint("mark", "--") + "\n");
    }
  }

  *#show(line: Line, name: string, isSelected: boolean): Routine {
    const { style, matcher, output } = this;
    const newline = String.fromCharCode(style.end);
    if (!style.only) {
      const text = isSelected !== style.invert
        ? this.#highlit(line.text)
        : line.text;
      yield* output.write(
        this.#head(line, name, isSelected, 0) + text + newline,
      );
      return;
    }
    if (!isSelected || style.invert) return;
    const { text } = line;
    for (let at = 0; at <= text.length;) {
      const found = matcher.find(text, at);
      if (found === null) return;
      const { start, end } = found;
      at = Math.max(end, start + 1);
      if (end === start) continue;
      const before = style.offsets ? encode(text.slice(0, start)).length : 0;
      const head = this.#head(line, name, true, before);
      const match = this.#paint("match", text.slice(start, end));
      yield* output.write(head + match + newline);
    }
  }

  #head(line: Line, name: string, isSelected: boolean, extra: number): string {
    const { style } = this;
    const mark = this.#paint("mark", isSelected ? ":" : "-");
    let head = "";
    if (style.named) head += this.#paint("name", name) + mark;
    if (style.numbers) head += this.#paint("number", line.number) + mark;
    if (style.offsets) {
      head += this.#paint("number", line.offset + extra) + mark;
    }
    return head;
  }

  #highlit(text: string): string {
    if (!this.style.color) return text;
    let shown = "", at = 0;
    for (const { start, end } of this.matcher.all(text)) {
      shown += text.slice(at, start);
      shown += this.#paint("match", text.slice(start, end));
      at = end;
    }
    return shown + text.slice(at);
  }

  #paint(what: keyof typeof COLORS, text: string | number): string {
    if (!this.style.color) return String(text);
    return `\x1b[${COLORS[what]}m\x1b[K${text}\x1b[m\x1b[K`;
  }
}
