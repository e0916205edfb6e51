// Runs a sed script over lines: the pattern space, the hold space, the ranges and
// what is still to be put out at the end of a cycle. Does not know where lines
// come from nor where they go: both are given.

import type { Routine } from "kettle";
import { byteString, encode } from "./lossless.ts";
import type { Address, Command, Part, Substitution } from "./sed_script.ts";

/** Lines in, in their order. */
export interface Input {
  /** The next line, or null; `isNew`: it is the first of a file that counts for itself. */
  next(): Routine<string | null>;
  /** Whether there is another one. */
  isLast(): Routine<boolean>;
  /** The number of the line handed out last, and its file. */
  readonly number: number;
  readonly file: string;
  /** It had no newline. */
  readonly partial: boolean;
}

/** Text out: to standard output, or to the files of w. */
export interface Sink {
  write(text: string): Routine;
  /** A line: with a newline, unless it is partial and nothing follows. */
  line(text: string, partial: boolean, file?: string): Routine;
  /** All of a file, or nothing if it cannot be read. */
  readFile(file: string): Routine<string>;
}

/** end: print what is there; drop: do not; again: go on with it; quit: print, and stop. */
type Ending = "end" | "drop" | "again" | "quit";

export class SedMachine {
  #input!: Input;
  #sink!: Sink;
  #pattern = "";
  #hold = "";
  /** What is in them ends with a line that had no newline. */
  #isPartial = false;
  #isHoldPartial = false;
  #substituted = false;
  #appended: { text?: string; file?: string }[] = [];
  #lastRegex: RegExp | null = null;
  /** Ranges under way: the line they end with, or 0 if a pattern says so. */
  readonly #ranges = new Map<Command, number>();
  /** Ranges that are over. */
  readonly #begun = new Set<Command>();
  /** The status of q; null while it runs. */
  status: number | null = null;

  constructor(
    readonly commands: readonly Command[],
    readonly quiet: boolean,
    /** What is between lines in the pattern space and the hold space. */
    readonly newline = "\n",
  ) {}

  /** Through all lines; may be called again with others. */
  *run(input: Input, sink: Sink): Routine {
    this.#input = input;
    this.#sink = sink;
    this.#ranges.clear();
    this.#begun.clear();
    this.#hold = "";
    this.#isHoldPartial = false;
    for (const command of this.commands) {
      if (isLineZero(command.from)) this.#ranges.set(command, 0);
    }
    let keep = false; // D begins a cycle with what is left
    while (this.status === null) {
      if (!keep) {
        const line = yield* this.#input.next();
        if (line === null) break;
        this.#pattern = line;
        this.#isPartial = this.#input.partial;
      }
      this.#substituted = false;
      const ending = yield* this.#cycle();
      if (!this.quiet && (ending === "end" || ending === "quit")) {
        yield* this.#print(this.#pattern);
      }
      yield* this.#flushAppended();
      if (ending === "quit") break;
      keep = ending === "again";
    }
  }

  *#print(text: string, file?: string): Routine {
    yield* this.#sink.line(text, this.#isPartial, file);
  }

  *#flushAppended(): Routine {
    for (const { text, file } of this.#appended.splice(0)) {
      yield* this.#sink.write(text ?? (yield* this.#sink.readFile(file!)));
    }
  }

  *#cycle(): Routine<Ending> {
    for (let at = 0; at < this.commands.length; at++) {
      const command = this.commands[at]!;
      const fits = command.from === null || (yield* this.#selects(command));
      if (fits === command.negated) {
        if (command.name === "{") at = command.target - 1;
        continue;
      }
      if (this.#jumps(command)) {
        at = command.target - 1;
        continue;
      }
      if (this.#edits(command)) continue;
      const ending = yield* this.#do(command);
      if (ending !== null) return ending;
    }
    return "end";
  }

  #jumps({ name }: Command): boolean {
    if (name === "b") return true;
    if (name !== "t" && name !== "T") return false;
    const jumps = this.#substituted === (name === "t");
    this.#substituted = false;
    return jumps;
  }

  *#do(command: Command): Routine<Ending | null> {
    const { name, text } = command;
    switch (name) {
      case "s":
        yield* this.#substitute(command.substitution!);
        break;
      case "d":
        return "drop";
      case "D": {
        const at = this.#pattern.indexOf(this.newline);
        if (at < 0) return "drop";
        this.#pattern = this.#pattern.slice(at + 1);
        return "again";
      }
      case "c":
        if (this.#isRangeOver(command)) {
          yield* this.#sink.write(this.#ended(text));
        }
        return "drop";
      case "n":
      case "N":
        return yield* this.#nextLine(name);
      case "q":
      case "Q":
        this.status = Number(text || "0");
        return name === "q" ? "quit" : "drop";
      default:
        yield* this.#tell(name, text);
    }
    return null;
  }

  /** What only changes the two spaces, and puts nothing out. False: it is something else. */
  #edits({ name, substitution, map }: Command): boolean {
    if (name === "s") {
      const { print, file } = substitution!;
      if (print || file !== null) return false;
      this.#replace(substitution!);
      return true;
    }
    if (name === "y") {
      const chars = [...this.#pattern].map((char) => map!.get(char) ?? char);
      this.#pattern = chars.join("");
      return true;
    }
    return this.#moves(name);
  }

  #moves(name: string): boolean {
    const held = [this.#hold, this.#isHoldPartial] as const;
    const shown = [this.#pattern, this.#isPartial] as const;
    if (name === "h") [this.#hold, this.#isHoldPartial] = shown;
    else if (name === "g") [this.#pattern, this.#isPartial] = held;
    else if (name === "x") {
      [this.#hold, this.#isHoldPartial] = shown;
      [this.#pattern, this.#isPartial] = held;
    } else if (name === "H") {
      this.#hold += this.newline + this.#pattern;
      this.#isHoldPartial = this.#isPartial;
    } else if (name === "G") {
      this.#pattern += this.newline + this.#hold;
      this.#isPartial = this.#isHoldPartial;
    } else if (name === "z") this.#pattern = "";
    else return false;
    return true;
  }

  /** What only puts something out, now or at the end of the cycle. */
  *#tell(name: string, text: string): Routine {
    const [input, sink, pattern] = [this.#input, this.#sink, this.#pattern];
    if (name === "p") yield* this.#print(pattern);
    else if (name === "w") yield* this.#print(pattern, text);
    else if (name === "P") {
      yield* sink.line(pattern.split(this.newline, 1)[0]!, false);
    } else if (name === "=") yield* sink.write(input.number + this.newline);
    else if (name === "F") yield* sink.write(`${input.file}\n`);
    else if (name === "l") {
      yield* sink.write(visible(pattern, Number(text || "70")));
    } else if (name === "i") yield* sink.write(this.#ended(text));
    else if (name === "a") this.#appended.push({ text });
    else if (name === "r") this.#appended.push({ file: text });
  }

  /** The text of a, i or c with the end that lines have here. */
  #ended(text: string): string {
    return text === "" ? "" : text.slice(0, -1) + this.newline;
  }

  *#nextLine(name: "n" | "N"): Routine<"quit" | null> {
    // As GNU: what is there is printed.
    if (yield* this.#input.isLast()) return "quit";
    if (name === "n" && !this.quiet) yield* this.#print(this.#pattern);
    yield* this.#flushAppended();
    const line = (yield* this.#input.next())!;
    this.#isPartial = this.#input.partial;
    this.#pattern = name === "n" ? line : this.#pattern + this.newline + line;
    return null;
  }

  // ----------------------------------------------------------- addresses

  *#selects(command: Command): Routine<boolean> {
    const { from, to } = command;
    if (from === null) return true;
    if (to === null) return yield* this.#fits(from);
    const until = this.#ranges.get(command);
    const line = this.#input.number;
    if (until !== undefined) return yield* this.#goesOn(command, until);
    if (!(yield* this.#begins(command, from, to))) return false;
    const end = endOf(to, line);
    if (end === null || end > line) this.#ranges.set(command, end ?? 0);
    else this.#begun.add(command);
    return true;
  }

  /** A range from a line number on begins once: at that line, or at the first one met behind it. */
  *#begins(command: Command, from: Address, to: Address): Routine<boolean> {
    if (from.kind !== "line") return yield* this.#fits(from);
    const line = this.#input.number;
    if (this.#begun.has(command) || line < from.line) return false;
    return line === from.line || to.kind !== "line" || line <= to.line;
  }

  #close(command: Command): void {
    this.#ranges.delete(command);
    this.#begun.add(command);
  }

  *#goesOn(command: Command, until: number): Routine<boolean> {
    const line = this.#input.number;
    if (until > 0) {
      if (line >= until) this.#close(command);
      return line <= until || (yield* this.#fits(command.from!));
    }
    if (yield* this.#fits(command.to!)) this.#close(command);
    return true;
  }

  /** Text of c is put out once for a range: at its end. */
  #isRangeOver(command: Command): boolean {
    return command.to === null || command.negated ||
      !this.#ranges.has(command);
  }

  *#fits(address: Address): Routine<boolean> {
    const line = this.#input.number;
    switch (address.kind) {
      case "line":
        return line === address.line;
      case "step":
        return address.step === 0
          ? line === address.first
          : line >= address.first &&
            (line - address.first) % address.step === 0;
      case "last":
        return yield* this.#input.isLast();
      case "regex": {
        const regex = this.#used(address.regex);
        regex.lastIndex = 0;
        return regex.test(this.#pattern);
      }
    }
    return false;
  }

  /** An empty expression is the one used last. */
  #used(regex: RegExp | null): RegExp {
    this.#lastRegex = regex ?? this.#lastRegex ?? /(?:)/gu;
    return this.#lastRegex;
  }

  // ----------------------------------------------------------- substitution

  /** False if there was nothing to replace. */
  #replace(how: Substitution): boolean {
    const changed = replaced(this.#pattern, this.#used(how.regex), how);
    if (changed === null) return false;
    this.#pattern = changed;
    this.#substituted = true;
    return true;
  }

  *#substitute(how: Substitution): Routine {
    if (!this.#replace(how)) return;
    if (how.print) yield* this.#print(this.#pattern);
    if (how.file !== null) yield* this.#print(this.#pattern, how.file);
  }
}

/** `0,/x/`: under way before the first line. */
function isLineZero(from: Address | null): boolean {
  return from?.kind === "line" && from.line === 0;
}

/** The line a range ends with that begins here; null if a pattern or the last line ends it. */
function endOf(to: Address, line: number): number | null {
  if (to.kind === "line") return to.line;
  if (to.kind === "plus") return line + to.lines;
  if (to.kind === "multiple") {
    return to.of === 0 ? line : (Math.floor(line / to.of) + 1) * to.of;
  }
  return null;
}

/** The text with the n-th match, or from it on all, replaced; null if there is none. */
export function replaced(
  text: string,
  regex: RegExp,
  { parts, global, nth }: Substitution,
): string | null {
  regex.lastIndex = 0;
  const first = regex.exec(text);
  if (first === null) return null;
  const isPlain = parts.every((part) => typeof part === "string");
  const plain = isPlain ? parts.join("") : null;
  if (!global && nth <= 1) {
    const rest = text.slice(first.index + first[0].length);
    return text.slice(0, first.index) + (plain ?? filled(parts, first)) + rest;
  }
  let count = 0, end = -1, isChanged = false;
  const result = text.replace(regex, (...found) => {
    const [match] = found as [string];
    const index = found[found.length - 2] as number;
    if (match === "" && index === end) return ""; // nothing right behind a match
    end = index + match.length;
    count++;
    if (count < nth || !global && count > nth) return match;
    isChanged = true;
    return plain ?? filled(parts, found.slice(0, -2));
  });
  return isChanged ? result : null;
}

/** `groups`: all of the match, then what was in parentheses. */
function filled(
  parts: readonly Part[],
  groups: readonly (string | undefined)[],
): string {
  let text = "", how = "", once = "";
  for (const part of parts) {
    if (typeof part !== "string" && "case" in part) {
      if (/[ul]/.test(part.case)) once = part.case;
      else [how, once] = [part.case === "E" ? "" : part.case, ""];
      continue;
    }
    let piece = typeof part === "string" ? part : groups[part.group] ?? "";
    if (piece === "") continue;
    if (how !== "") piece = cased(piece, how);
    if (once !== "") piece = cased(piece[0]!, once) + piece.slice(1);
    once = "";
    text += piece;
  }
  return text;
}

function cased(text: string, how: string): string {
  return /[Uu]/.test(how) ? text.toUpperCase() : text.toLowerCase();
}

const SHOWN: Record<string, string> = {
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** As l shows it: everything visible, in lines of `width`, `$` at the end. */
function visible(text: string, width: number): string {
  const pieces = [...byteString(encode(text))].map((char) => {
    const byte = char.charCodeAt(0);
    return SHOWN[char] ??
      (byte >= 32 && byte < 127
        ? char
        : `\\${byte.toString(8).padStart(3, "0")}`);
  });
  let shown = "", column = 0;
  for (const piece of pieces) {
    if (width > 1 && column + piece.length > width - 1) {
      shown += "\\\n";
      column = 0;
    }
    shown += piece;
    column += piece.length;
  }
  return `${shown}$\n`;
}
