// POSIX regular expressions, basic and extended with GNU's additions (\+ \? \|
// \w \s \b \< \>), as JavaScript's. Knows nothing of lines or files.
//
// Divergence from Linux: of alternatives the first that fits is taken, not the
// longest (`ab|abc` finds `ab` in `abc`); a reference to a group that took part
// in no match fits the empty text; there are no [.x.] and [=x=].

/** What is wrong with an expression, in GNU's words. */
export class RegexError extends Error {}

export interface RegexOptions {
  extended: boolean;
  ignoreCase?: boolean;
  /** A `)` that closes nothing is a character, as grep -E has it. */
  strayClose?: boolean;
  /** `^` and `$` fit at the lines inside the text, too (sed's M). */
  multiline?: boolean;
}

const WORD = "[\\p{L}\\p{N}_]";
const ESCAPED: Record<string, string> = {
  w: WORD,
  W: "[^\\p{L}\\p{N}_]",
  s: "\\s",
  S: "\\S",
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  "<": `(?<!${WORD})(?=${WORD})`,
  ">": `(?<=${WORD})(?!${WORD})`,
  "`": "(?<![^])",
  "'": "(?![^])",
  n: "\\n",
  t: "\\t",
  r: "\\r",
  f: "\\f",
  v: "\\v",
};
const CLASSES: Record<string, string> = {
  alpha: "\\p{L}",
  digit: "0-9",
  alnum: "\\p{L}\\p{N}",
  upper: "\\p{Lu}",
  lower: "\\p{Ll}",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`\\{-~",
  print: " -~\\p{L}\\p{N}\\p{P}\\p{S}",
  graph: "!-~\\p{L}\\p{N}\\p{P}\\p{S}",
  cntrl: "\\x00-\\x1f\\x7f",
  xdigit: "0-9A-Fa-f",
};

/** Compiles with the flags `g` and `u`; throws a {@link RegexError}. */
export function compileRegex(source: string, options: RegexOptions): RegExp {
  const translated = new Translation(source, options).whole();
  const flags = (options.ignoreCase ? "i" : "") +
    (options.multiline ? "m" : "s");
  try {
    return new RegExp(translated, `gu${flags}`);
  } catch {
    throw new RegexError("Invalid regular expression");
  }
}

/** Plain text as an expression that fits nothing else. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

class Translation {
  #at = 0;
  #out: string[] = [];
  /** Where the last atom begins in the output; -1: there is nothing to repeat. */
  #atom = -1;
  /** Open groups: where each began. */
  #open: number[] = [];
  #groups = 0;
  #closed = new Set<number>();
  #numbers: number[] = [];

  readonly extended: boolean;

  constructor(readonly source: string, readonly options: RegexOptions) {
    this.extended = options.extended;
  }

  whole(): string {
    while (this.#at < this.source.length) this.#step();
    if (this.#open.length > 0) throw new RegexError("Unmatched ( or \\(");
    return this.#out.join("");
  }

  #step(): void {
    const char = String.fromCodePoint(this.source.codePointAt(this.#at)!);
    this.#at += char.length;
    if (char === "\\") return this.#escape();
    if (char === "[") return this.#add(this.#set());
    if (char === ".") return this.#add("[^]");
    if (char === "*") return this.#repeat("*");
    if (char === "^" && this.#isStart()) return this.#anchor("^");
    if (char === "$" && this.#isEnd()) return this.#anchor("$");
    if (!this.extended || !"(){+?|".includes(char)) return this.#literal(char);
    this.#operator(char);
  }

  /** After a backslash. */
  #escape(): void {
    const char = this.source[this.#at];
    if (char === undefined) throw new RegexError("Trailing backslash");
    this.#at++;
    if (/[1-9]/.test(char)) return this.#reference(Number(char));
    if (!this.extended && "(){+?|".includes(char)) return this.#operator(char);
    const special = ESCAPED[char];
    if (special === undefined) return this.#literal(char);
    this.#add(special);
  }

  #operator(char: string): void {
    if (char === "(") {
      this.#open.push(this.#out.length);
      this.#numbers.push(++this.#groups);
      this.#out.push("(");
      this.#atom = -1;
    } else if (char === ")") {
      if (this.#open.length === 0) {
        if (this.extended && this.options.strayClose) return this.#literal(")");
        throw new RegexError("Unmatched ) or \\)");
      }
      this.#out.push(")");
      this.#atom = this.#open.pop()!;
      this.#closed.add(this.#numbers.pop()!);
    } else if (char === "|") {
      this.#out.push("|");
      this.#atom = -1;
    } else if (char === "{") this.#interval();
    else this.#repeat(char);
  }

  #reference(number: number): void {
    if (!this.#closed.has(number)) {
      throw new RegexError("Invalid back reference");
    }
    this.#add(`(?:\\${number})`);
  }

  #interval(): void {
    const end = this.extended ? "}" : "\\}";
    const rest = this.source.slice(this.#at);
    const match = /^(\d*)(,?)(\d*)/.exec(rest)!;
    const [whole, least, comma, most] = match;
    if (!rest.startsWith(end, whole.length) || whole === "") {
      if (this.extended) return this.#literal("{");
      throw new RegexError(
        rest.includes(end) ? "Invalid content of \\{\\}" : "Unmatched \\{",
      );
    }
    if (most !== "" && Number(most) < Number(least)) {
      throw new RegexError("Invalid content of \\{\\}");
    }
    if (Math.max(Number(least), Number(most)) > 32_767) {
      throw new RegexError("Regular expression too big");
    }
    this.#at += whole.length + end.length;
    if (this.#atom < 0 && this.extended) return;
    this.#repeat(`{${least || "0"}${comma}${most}}`);
  }

  #repeat(how: string): void {
    if (this.#atom < 0) {
      if (this.extended && how !== "*") return;
      if (how.startsWith("{")) {
        throw new RegexError("Invalid preceding regular expression");
      }
      return this.#literal(how);
    }
    const atom = this.#out.splice(this.#atom).join("");
    this.#out.push(`(?:${atom}${how})`);
  }

  #add(piece: string): void {
    this.#atom = this.#out.length;
    this.#out.push(piece);
  }

  #literal(char: string): void {
    this.#add(/[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char);
  }

  #anchor(char: string): void {
    this.#out.push(char);
    this.#atom = this.extended && char === "$" ? this.#out.length - 1 : -1;
    if (this.#atom >= 0) this.#out[this.#atom] = "(?:$)";
  }

  #isStart(): boolean {
    const before = this.source.slice(0, this.#at - 1);
    return this.extended || before === "" || /\\[(|n]$/.test(before);
  }

  #isEnd(): boolean {
    const after = this.source.slice(this.#at);
    return this.extended || after === "" || /^\\[)|]/.test(after);
  }

  /** `[…]`: a backslash is only itself in it. */
  #set(): string {
    const { source } = this;
    let at = this.#at;
    const negated = source[at] === "^";
    if (negated) at++;
    const first = at;
    let inner = "";
    while (at < source.length && (source[at] !== "]" || at === first)) {
      if (source.startsWith("[:", at)) {
        const end = source.indexOf(":]", at);
        const found = CLASSES[source.slice(at + 2, Math.max(at, end))];
        if (found === undefined) {
          throw new RegexError("Invalid character class name");
        }
        inner += found;
        at = end + 2;
        continue;
      }
      const from = characterAt(source, at);
      at += from.length;
      inner += escapeInSet(from);
      if (source[at] !== "-" || source[at + 1] === "]") continue;
      if (at + 1 >= source.length) continue;
      const to = characterAt(source, at + 1);
      if (to.codePointAt(0)! < from.codePointAt(0)!) {
        throw new RegexError("Invalid range end");
      }
      inner += `-${escapeInSet(to)}`;
      at += 1 + to.length;
    }
    if (at >= source.length) {
      throw new RegexError("Unmatched [, [^, [:, [., or [=");
    }
    this.#at = at + 1;
    return `[${negated ? "^" : ""}${inner}]`;
  }
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at)!);
}

function escapeInSet(char: string): string {
  return /[\\^\-[\]]/.test(char) ? `\\${char}` : char;
}
