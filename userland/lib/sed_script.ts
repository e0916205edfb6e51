// A sed script as a list of commands with their addresses: the language, and what
// is wrong with a script, in GNU's words. Runs nothing.
//
// Divergence from Linux: e, R, W, v and the flag e of s are not there (they run a
// shell, or are hardly known); each is refused by its name.

import { compileRegex, RegexError } from "./regex.ts";

/** What is wrong with a script, and at which of its characters. */
export class SedError extends Error {
  constructor(message: string, readonly at: number) {
    super(message);
  }
}

export type Address =
  | { kind: "line"; line: number }
  | { kind: "step"; first: number; step: number }
  | { kind: "last" }
  | { kind: "regex"; regex: RegExp | null }
  | { kind: "plus"; lines: number }
  | { kind: "multiple"; of: number };

/** A part of what s puts in: text, a group (0: all of it), or a change of case. */
export type Part = string | { group: number } | { case: string };

export interface Substitution {
  /** null: the one used last. */
  regex: RegExp | null;
  parts: Part[];
  global: boolean;
  nth: number;
  print: boolean;
  file: string | null;
}

export interface Command {
  name: string;
  from: Address | null;
  to: Address | null;
  negated: boolean;
  /** a i c: text; b t T: label; r w: file; q Q l: number. */
  text: string;
  substitution: Substitution | null;
  map: Map<string, string> | null;
  /** `{`: its end; b t T: where to go on. */
  target: number;
}

const UNSUPPORTED = new Map([
  ["e", "it would run a shell"],
  ["R", "read a file with r"],
  ["W", "write a file with w"],
  ["v", "there are no versions to ask for"],
]);
const LETTERS: Record<string, string> = {
  a: "\x07",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

export function parseSed(source: string, extended: boolean): Command[] {
  return new Parser(source, extended).script();
}

class Parser {
  #at = 0;
  readonly #commands: Command[] = [];
  readonly #open: number[] = [];
  readonly #labels = new Map<string, number>();

  constructor(readonly source: string, readonly extended: boolean) {}

  script(): Command[] {
    while (true) {
      this.#skip(/[\s;]*/y);
      if (this.#at >= this.source.length) break;
      if (this.#peek() === "#") this.#skip(/[^\n]*/y);
      else this.#command();
    }
    if (this.#open.length > 0) this.#fail("unmatched `{'", 0);
    for (const command of this.#commands) this.#link(command);
    return this.#commands;
  }

  #peek(): string {
    return this.source[this.#at] ?? "";
  }

  #fail(message: string, at = this.#at): never {
    throw new SedError(message, at);
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.source)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #link(command: Command): void {
    const { name, text } = command;
    if (!"btT".includes(name)) return;
    const target = text === "" ? this.#commands.length : this.#labels.get(text);
    if (target === undefined) {
      throw new SedError(`can't find label for jump to \`${text}'`, -1);
    }
    command.target = target;
  }

  #command(): void {
    const from = this.#address();
    let to: Address | null = null;
    if (from !== null) {
      this.#skip(/[ \t]*/y);
      if (this.#peek() === ",") {
        this.#at++;
        this.#skip(/[ \t]*/y);
        to = this.#address(true);
        if (to === null) this.#fail("unexpected `,'", this.#at + 1);
      }
    }
    const isZero = from?.kind === "line" && from.line === 0;
    if (isZero && to?.kind !== "regex") {
      this.#skip(/[ \t]*/y);
      this.#fail("invalid usage of line address 0", this.#at + 1);
    }
    const negated = /!/.test(this.#skip(/[ \t]*(?:![!\s]*)?/y));
    const name = this.#peek();
    if (name === "") this.#fail("missing command");
    this.#at++;
    const command: Command = {
      name,
      from,
      to,
      negated,
      text: "",
      substitution: null,
      map: null,
      target: -1,
    };
    this.#arguments(command);
    this.#commands.push(command);
  }

  #arguments(command: Command): void {
    const { name, from, to } = command;
    if (UNSUPPORTED.has(name)) {
      this.#fail(`command ${name} is not supported: ${UNSUPPORTED.get(name)}`);
    }
    if (name === "}") return this.#close(from);
    if (name === ":") return this.#label(from);
    if (name === "{") {
      this.#open.push(this.#commands.length);
      return;
    }
    if ("aic".includes(name)) command.text = this.#text();
    else if ("btT".includes(name)) {
      command.text = this.#skip(/[^\n;}]*/y).trim();
    } else if ("rw".includes(name)) {
      command.text = this.#fileName();
    } else if (name === "s") command.substitution = this.#substitution();
    else if (name === "y") command.map = this.#map();
    else if ("qQlL".includes(name)) {
      if ("qQ".includes(name) && to !== null) {
        this.#fail("command only uses one address");
      }
      this.#skip(/[ \t]*/y);
      command.text = this.#skip(/\d*/y);
    } else if (!"=dDgGhHnNpPxzF".includes(name)) {
      this.#fail(`unknown command: \`${name}'`);
    }
    if (!"aicrw:btT".includes(name)) this.#end();
  }

  #close(from: Address | null): void {
    if (from !== null) this.#fail("} doesn't want any addresses");
    const open = this.#open.pop();
    if (open === undefined) this.#fail("unexpected `}'");
    this.#commands[open!]!.target = this.#commands.length;
    this.#end();
  }

  #label(from: Address | null): void {
    if (from !== null) this.#fail(": doesn't want any addresses");
    const label = this.#skip(/[^\n;]*/y).trim();
    if (label === "") this.#fail('":" lacks a label');
    this.#labels.set(label, this.#commands.length);
  }

  /** What may follow a command: the end, `;`, `}` or a comment. */
  #end(): void {
    this.#skip(/[ \t]*/y);
    const next = this.#peek();
    if (next === "" || "\n;}#".includes(next)) return;
    this.#fail("extra characters after command", this.#at + 1);
  }

  #fileName(): string {
    this.#skip(/[ \t]*/y);
    const name = this.#skip(/[^\n]*/y);
    if (name === "") this.#fail("missing filename in r/R/w/W commands");
    return name;
  }

  /** `a text`, or `a\` and text on the next lines as long as they end with a backslash. */
  #text(): string {
    this.#skip(/[ \t]*/y);
    if (this.#peek() === "") this.#fail("expected \\ after `a', `c' or `i'");
    const isOld = this.#skip(/\\[ \t]*(?:\n|$)/y) !== "";
    if (!isOld && this.#peek() === "\\") this.#at++;
    const rest = this.#skip(/(?:[^\\\n]|\\[^])*\\?/y);
    if (isOld && rest === "") return ""; // `$a\`: only a newline that is missing
    return rest.replace(/\\([^])/g, (_, char) => LETTERS[char] ?? char) + "\n";
  }

  #address(isSecond = false): Address | null {
    const char = this.#peek();
    if (char === "$") {
      this.#at++;
      return { kind: "last" };
    }
    if (isSecond && (char === "+" || char === "~")) {
      this.#at++;
      const number = Number(this.#skip(/\d*/y));
      return char === "+"
        ? { kind: "plus", lines: number }
        : { kind: "multiple", of: number };
    }
    if (/\d/.test(char)) {
      const line = Number(this.#skip(/\d+/y));
      if (this.#peek() !== "~") return { kind: "line", line };
      this.#at++;
      return { kind: "step", first: line, step: Number(this.#skip(/\d*/y)) };
    }
    if (char !== "/" && char !== "\\") return null;
    this.#at += char === "\\" ? 2 : 1;
    const delimiter = this.source[this.#at - 1]!;
    const pattern = this.#until(delimiter, true);
    if (pattern === null) this.#fail("unterminated address regex");
    const flags = this.#skip(/[IM]*/y);
    return { kind: "regex", regex: this.#regex(pattern!, flags) };
  }

  #regex(pattern: string, flags: string): RegExp | null {
    if (pattern === "") return null;
    try {
      return compileRegex(pattern, {
        extended: this.extended,
        ignoreCase: /i/i.test(flags),
        multiline: /m/i.test(flags),
      });
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      this.#fail(error.message);
    }
  }

  /** Up to the next delimiter; one with a backslash is only itself. Null: there is none. */
  #until(delimiter: string, isRegex: boolean): string | null {
    let text = "";
    let inSet = false;
    while (true) {
      const char = this.#peek();
      if (char === "") return null;
      this.#at++;
      if (char === delimiter && !inSet) return text;
      if (char === "\n" && isRegex) return null;
      if (isRegex && char === "[" && !inSet) {
        inSet = true;
        text += char + this.#skip(/\^?\]?/y);
        continue;
      }
      if (isRegex && inSet && char === "[" && this.#peek() === ":") {
        text += char + this.#skip(/:[a-z]*:\]/y);
        continue;
      }
      if (inSet && char === "]") inSet = false;
      if (char !== "\\") {
        text += char;
        continue;
      }
      const next = this.#peek();
      this.#at++;
      if (inSet && (next === "n" || next === "t")) text += LETTERS[next];
      else if (inSet && next !== "]") text += `\\${next}`;
      else if (inSet) {
        text += "\\";
        this.#at--;
      } else if (next === delimiter) text += unescaped(next, isRegex);
      else text += `\\${next}`;
    }
  }

  #substitution(): Substitution {
    const delimiter = this.#peek();
    this.#at++;
    if (delimiter === "" || delimiter === "\n" || delimiter === "\\") {
      this.#fail("unterminated `s' command");
    }
    const pattern = this.#until(delimiter, true);
    const replacement = pattern === null ? null : this.#until(delimiter, false);
    if (replacement === null) this.#fail("unterminated `s' command");
    const result: Substitution = {
      regex: null,
      parts: partsOf(replacement!),
      global: false,
      nth: 0,
      print: false,
      file: null,
    };
    const flags = this.#flags(result);
    if (!/^(?:$|[\s;}#])/.test(this.#peek())) {
      this.#fail("unknown option to `s'", this.#at + 1);
    }
    result.regex = this.#regex(pattern!, flags);
    this.#checkGroups(result);
    return result;
  }

  #flags(result: Substitution): string {
    let flags = "";
    while (true) {
      const char = this.#peek();
      if (!/[gpiImMew0-9]/.test(char) || char === "") return flags;
      if (/\d/.test(char)) {
        if (result.nth > 0) {
          this.#fail("multiple number options to `s' command", this.#at + 1);
        }
        result.nth = Number(this.#skip(/\d+/y));
        if (result.nth === 0) {
          this.#fail("number option to `s' command may not be zero");
        }
        continue;
      }
      this.#at++;
      if (char === "g") {
        if (result.global) this.#fail("multiple `g' options to `s' command");
        result.global = true;
      } else if (char === "p") {
        if (result.print) this.#fail("multiple `p' options to `s' command");
        result.print = true;
      } else if (char === "e") {
        this.#fail("flag e of s is not supported: it would run a shell");
      } else if (char === "w") {
        result.file = this.#fileName();
        return flags;
      } else flags += char;
    }
  }

  #checkGroups({ regex, parts }: Substitution): void {
    if (regex === null) return;
    const groups = new RegExp(`${regex.source}|`, regex.flags).exec("")!.length;
    for (const part of parts) {
      if (typeof part === "string" || !("group" in part)) continue;
      if (part.group >= groups) {
        this.#fail(
          `invalid reference \\${part.group} on \`s' command's RHS`,
        );
      }
    }
  }

  #map(): Map<string, string> {
    const delimiter = this.#peek();
    this.#at++;
    const from = this.#until(delimiter, false);
    const to = from === null ? null : this.#until(delimiter, false);
    if (to === null) this.#fail("unterminated `y' command");
    const [left, right] = [plainChars(from!), plainChars(to!)];
    if (left.length !== right.length) {
      this.#fail("strings for `y' command are different lengths");
    }
    return new Map(left.map((char, at) => [char, right[at]!]));
  }
}

/** A delimiter that had a backslash: a plain character, also in an expression. */
function unescaped(delimiter: string, isRegex: boolean): string {
  if (!isRegex || !/[.*[\]^$+?(){}|]/.test(delimiter)) return delimiter;
  return `[${delimiter}]`;
}

function plainChars(text: string): string[] {
  const found = text.match(/\\[^]|[^]/gu) ?? [];
  return found.map((char) =>
    char.length > 1 && char.startsWith("\\")
      ? LETTERS[char[1]!] ?? char.slice(1)
      : char
  );
}

/** `a&b\1\n` as parts. */
function partsOf(replacement: string): Part[] {
  const parts: Part[] = [];
  for (const [piece] of replacement.matchAll(/\\[^]|&|[^\\&]+|\\/gu)) {
    const char = piece[1] ?? "";
    if (piece === "&") parts.push({ group: 0 });
    else if (!piece.startsWith("\\")) parts.push(piece);
    else if (/\d/.test(char)) parts.push({ group: Number(char) });
    else if (/[ULEul]/.test(char)) parts.push({ case: char });
    else parts.push(LETTERS[char] ?? piece.slice(1));
  }
  return parts;
}
