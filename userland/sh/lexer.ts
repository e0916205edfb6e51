// From characters to tokens: words with their quotes and `$…`, operators,
// newlines, here-docs. Does not know the grammar: the body of `$(…)` is handed
// to a function that the parser gives, and no word is reserved here.

import {
  Nesting,
  type Node,
  type ParameterOperator,
  type Part,
  type Redirect,
  SyntaxProblem,
  type Word,
} from "./tree.ts";

export type Token =
  & { start: number; end: number }
  & (
    | { kind: "word"; word: Word }
    | { kind: "operator"; text: string }
    | { kind: "number"; fd: number }
    | { kind: "newline" }
    | { kind: "end" }
  );

/** Reads a list of commands from `start` up to a `)`, and tells where that is. */
export type Substitution = (
  source: string,
  start: number,
  nesting: Nesting,
) => { body: Node; end: number };

export interface LexerOptions {
  start?: number;
  /** More text may follow: an open here-doc asks for it. */
  partial?: boolean;
  nesting?: Nesting;
  substitute: Substitution;
}

type Mode = "word" | "quoted" | "brace" | "quotedBrace" | "text";

const OPERATORS = [
  "<<-",
  "<<<",
  ";;&",
  "&&",
  "||",
  ";;",
  ";&",
  "<<",
  ">>",
  "<&",
  ">&",
  "<>",
  ">|",
  "&>",
  "|&",
  "|",
  "&",
  ";",
  "<",
  ">",
  "(",
  ")",
];
/** Operators of other shells, and what to write for them. */
const UNSUPPORTED = new Map([
  ["<<<", ["here-strings (<<<)", "write echo WORD | COMMAND"]],
  [";;&", ["falling through in case (;;&)", "repeat the commands"]],
  [";&", ["falling through in case (;&)", "repeat the commands"]],
  ["&>", ["&>", "write >FILE 2>&1"]],
  ["|&", ["|&", "write 2>&1 |"]],
]);
const PARAMETER_OPERATORS: ParameterOperator[] = [
  ":-",
  ":=",
  ":?",
  ":+",
  "-",
  "=",
  "?",
  "+",
  "##",
  "#",
  "%%",
  "%",
];

export class Lexer {
  readonly source: string;
  position: number;
  #substitute: Substitution;
  #partial: boolean;
  #nesting: Nesting;
  #peeked: Token | null = null;
  #hereDocs: { redirect: Redirect; delimiter: Word; strip: boolean }[] = [];

  constructor(source: string, options: LexerOptions) {
    this.source = source;
    this.position = options.start ?? 0;
    this.#partial = options.partial ?? false;
    this.#nesting = options.nesting ?? new Nesting();
    this.#substitute = options.substitute;
  }

  /** The line that a position is on, counted from 1. */
  lineAt(position: number): number {
    return this.source.slice(0, position).split("\n").length;
  }

  peek(): Token {
    return this.#peeked ??= this.#read();
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = null;
    return token;
  }

  /** The whole source, if only `$`, backquotes and backslashes are special in it. */
  expandable(): Word {
    return this.#readParts("text");
  }

  /** A here-doc whose text begins after the next newline. */
  expectHereDoc(redirect: Redirect, delimiter: Word, strip: boolean): void {
    this.#hereDocs.push({ redirect, delimiter, strip });
  }

  #read(): Token {
    this.#skipBlanks();
    const start = this.position;
    const char = this.source[start];
    if (char === undefined) return this.#readEnd();
    if (char === "\n") {
      this.position += 1;
      this.#readHereDocs();
      return { kind: "newline", start, end: start + 1 };
    }
    const operator = OPERATORS.find((text) =>
      this.source.startsWith(text, start)
    );
    if (operator !== undefined) return this.#readOperator(operator);
    const digits = /^\d+(?=[<>])/.exec(this.source.slice(start, start + 12));
    if (digits !== null) {
      this.position += digits[0].length;
      const fd = Number(digits[0]);
      return { kind: "number", fd, start, end: this.position };
    }
    const word = this.#readParts("word");
    refuseBraces(word);
    return { kind: "word", word, start, end: this.position };
  }

  #readEnd(): Token {
    if (this.#hereDocs.length > 0) this.#readHereDocs();
    return { kind: "end", start: this.position, end: this.position };
  }

  #readOperator(text: string): Token {
    const start = this.position;
    const unsupported = UNSUPPORTED.get(text);
    if (unsupported !== undefined) {
      throw SyntaxProblem.unsupported(unsupported[0]!, unsupported[1]!);
    }
    this.position += text.length;
    const next = this.source[this.position];
    if ((text === "<" || text === ">") && next === "(") {
      throw SyntaxProblem.unsupported(
        `process substitution (${text}(…))`,
        "use a pipe, or a file in /tmp",
      );
    }
    return { kind: "operator", text, start, end: this.position };
  }

  #skipBlanks(): void {
    while (true) {
      const char = this.source[this.position];
      if (char === " " || char === "\t") this.position += 1;
      else if (this.source.startsWith("\\\n", this.position)) {
        this.position += 2;
      } else if (char === "#") {
        const end = this.source.indexOf("\n", this.position);
        this.position = end < 0 ? this.source.length : end;
      } else return;
    }
  }

  // ------------------------------------------------------------- words

  #readParts(mode: Mode): Word {
    return this.#nesting.within(() => this.#readPieces(mode));
  }

  #readPieces(mode: Mode): Word {
    const parts: Part[] = [];
    const quotes = mode !== "word" && mode !== "brace";
    while (this.position < this.source.length) {
      const char = this.source[this.position]!;
      if (this.#endsWord(char, mode)) return parts;
      if (char === "\\") this.#readBackslash(parts, mode);
      else if (char === "$") this.#readDollar(parts, quotes);
      else if (char === "`") this.#readBackquote(parts, quotes);
      else if (char === "'" && !quotes) this.#readSingle(parts);
      else if (char === '"' && mode !== "text") this.#readDouble(parts);
      else if (char === "~" && !quotes && parts.length === 0) {
        this.#readTilde(parts);
      } else {
        addText(parts, char, quotes);
        this.position += 1;
      }
    }
    if (mode === "quoted" || mode === "brace" || mode === "quotedBrace") {
      const missing = mode === "quoted" ? '"' : "}";
      throw new SyntaxProblem(`unterminated: ${missing} is missing`, missing);
    }
    return parts;
  }

  #endsWord(char: string, mode: Mode): boolean {
    if (mode === "word") return " \t\n;&|<>()".includes(char);
    if (mode === "quoted") return char === '"';
    return mode !== "text" && char === "}";
  }

  #readBackslash(parts: Part[], mode: Mode): void {
    const next = this.source[this.position + 1];
    this.position += 2;
    if (next === "\n") return;
    if (next === undefined) {
      this.position = this.source.length;
      return addText(parts, "\\", true);
    }
    const free = mode === "word" || mode === "brace";
    const special = mode === "quoted"
      ? '$`"\\'
      : mode === "quotedBrace"
      ? '$`"\\}'
      : "$`\\";
    const kept = free || special.includes(next) ? next : "\\" + next;
    addText(parts, kept, true);
  }

  #readSingle(parts: Part[]): void {
    const end = this.source.indexOf("'", this.position + 1);
    if (end < 0) throw new SyntaxProblem("unterminated: ' is missing", "'");
    addText(parts, this.source.slice(this.position + 1, end), true);
    this.position = end + 1;
  }

  #readDouble(parts: Part[]): void {
    this.position += 1;
    const inner = this.#readParts("quoted");
    this.position += 1;
    if (inner.length === 0) addText(parts, "", true);
    parts.push(...inner);
  }

  /** `~` or `~/…` is the home directory; before quotes or `$` it is itself. */
  #readTilde(parts: Part[]): void {
    TILDE.lastIndex = this.position;
    const match = TILDE.exec(this.source);
    this.position += 1;
    if (match === null) return addText(parts, "~", false);
    if (match[1] !== "") throw unsupportedUser(match[0]);
    parts.push({ kind: "tilde" });
  }

  #readBackquote(parts: Part[], quoted: boolean): void {
    const match = /^`((?:[^`\\]|\\[^])*)`/.exec(
      this.source.slice(this.position),
    );
    if (match === null) throw new SyntaxProblem("unterminated: `", "`");
    this.position += match[0].length;
    const escapes = quoted ? /\\([$`"\\])/g : /\\([$`\\])/g;
    const inner = match[1]!.replace(escapes, "$1");
    const { body } = this.#substitute(inner + "\n)", 0, this.#nesting);
    parts.push({ kind: "command", body, quoted });
  }

  // ------------------------------------------------------------- $…

  #readDollar(parts: Part[], quoted: boolean): void {
    const rest = this.source.slice(this.position + 1, this.position + 64);
    if (rest.startsWith("((") && this.#readArithmetic(parts, quoted)) return;
    if (rest.startsWith("(")) {
      const from = this.position + 2;
      const { body, end } = this.#substitute(this.source, from, this.#nesting);
      this.position = end + 1;
      parts.push({ kind: "command", body, quoted });
      return;
    }
    if (rest.startsWith("{")) return this.#readBraced(parts, quoted);
    if (rest.startsWith("'") && !quoted) {
      throw SyntaxProblem.unsupported("$'…'", "write \"$(printf '…')\"");
    }
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(rest)?.[0];
    this.position += 1;
    if (name === undefined) return addText(parts, "$", true);
    const whole = this.#readName();
    parts.push({
      kind: "parameter",
      name: whole,
      operator: "",
      word: [],
      quoted,
    });
  }

  /** A parameter's name at the position: letters, one digit, or one special character. */
  #readName(braced = false): string {
    const pattern = braced
      ? /(?:[A-Za-z_]\w*|\d+|[@*#?$!-])/y
      : /(?:[A-Za-z_]\w*|[0-9@*#?$!-])/y;
    pattern.lastIndex = this.position;
    const name = pattern.exec(this.source)?.[0] ?? "";
    this.position += name.length;
    return name;
  }

  #readArithmetic(parts: Part[], quoted: boolean): boolean {
    const from = this.position + 3;
    const end = arithmeticEnd(this.source, from);
    if (end < 0) return false;
    const expression = this.#expandable(this.source.slice(from, end));
    parts.push({ kind: "arithmetic", expression, quoted });
    this.position = end + 2;
    return true;
  }

  #readBraced(parts: Part[], quoted: boolean): void {
    this.position += 2;
    const from = this.position;
    if (/^#(?:\w+|[@*?$!#-])\}/.test(this.source.slice(from, from + 64))) {
      this.position += 1;
      const name = this.#readName(true);
      this.position += 1;
      parts.push({
        kind: "parameter",
        name,
        operator: "length",
        word: [],
        quoted,
      });
      return;
    }
    const name = this.#readName(true);
    const operator = this.#readParameterOperator(name, from);
    const pattern = operator.startsWith("#") || operator.startsWith("%");
    const mode = quoted && !pattern ? "quotedBrace" : "brace";
    const word = this.#readParts(mode);
    this.position += 1;
    parts.push({ kind: "parameter", name, operator, word, quoted });
  }

  #readParameterOperator(name: string, from: number): ParameterOperator {
    const { source } = this;
    if (this.position >= source.length) {
      throw new SyntaxProblem("unterminated: } is missing", "}");
    }
    if (name !== "" && source[this.position] === "}") return "";
    const operator = PARAMETER_OPERATORS.find((text) =>
      source.startsWith(text, this.position)
    );
    if (name === "" || operator === undefined) {
      const end = source.indexOf("}", from);
      const text = source.slice(from, end < 0 ? from + 20 : end);
      throw SyntaxProblem.unsupported(
        `the expansion \${${text}}`,
        "there are - = ? + # ## % %% after the name, and # before it",
      );
    }
    this.position += operator.length;
    return operator;
  }

  // ------------------------------------------------------------- here-docs

  #readHereDocs(): void {
    const waiting = this.#hereDocs;
    this.#hereDocs = [];
    for (const { redirect, delimiter, strip } of waiting) {
      const quoted = delimiter.some((part) =>
        part.kind !== "text" || part.quoted
      );
      const end = delimiter.map((part) => part.kind === "text" ? part.text : "")
        .join("");
      const text = this.#readLinesTo(end, strip);
      redirect.target = quoted
        ? [{ kind: "text", text, quoted: true }]
        : this.#expandable(text);
    }
  }

  /** A text in which only `$`, backquotes and backslashes are special. */
  #expandable(text: string): Word {
    const [substitute, nesting] = [this.#substitute, this.#nesting];
    return new Lexer(text, { substitute, nesting }).expandable();
  }

  #readLinesTo(delimiter: string, strip: boolean): string {
    let text = "";
    while (this.position < this.source.length) {
      const newline = this.source.indexOf("\n", this.position);
      const end = newline < 0 ? this.source.length : newline;
      let line = this.source.slice(this.position, end);
      this.position = newline < 0 ? end : end + 1;
      if (strip) line = line.replace(/^\t+/, "");
      if (line === delimiter) return text;
      text += line + "\n";
    }
    if (!this.#partial) return text;
    throw new SyntaxProblem(
      `here-doc without its end ${delimiter}`,
      delimiter,
    );
  }
}

function addText(parts: Part[], text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === "text" && last.quoted === quoted) last.text += text;
  else parts.push({ kind: "text", text, quoted });
}

const TILDE = /~([\w.-]*)(?=[/\s;&|<>()}:]|$)/y;

function unsupportedUser(name: string): SyntaxProblem {
  return SyntaxProblem.unsupported(
    `home directories of users (${name})`,
    "write the whole path, or ~ for your own",
  );
}

/** The value of an assignment: `~` also counts first and after a colon. */
export function withTildes(value: Word): Word {
  return value.flatMap((part, index) => {
    if (part.kind !== "text" || part.quoted) return [part];
    const last = index === value.length - 1;
    return tildesIn(part.text, index === 0, last);
  });
}

function tildesIn(text: string, first: boolean, last: boolean): Word {
  const parts: Word = [];
  let from = 0;
  for (const match of text.matchAll(/~([\w.-]*)(?=[/:]|$)/g)) {
    const { index } = match;
    const end = index + match[0].length;
    const begins = index === 0 ? first : text[index - 1] === ":";
    if (!begins || end === text.length && !last) continue;
    if (match[1] !== "") throw unsupportedUser(match[0]);
    if (from < index) addText(parts, text.slice(from, index), false);
    parts.push({ kind: "tilde" });
    from = end;
  }
  if (from < text.length) addText(parts, text.slice(from), false);
  return parts;
}

/** Where the `))` that ends an arithmetic expansion is, or −1 if it is none. */
function arithmeticEnd(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "(") depth += 1;
    if (source[at] !== ")") continue;
    if (depth === 0) return source[at + 1] === ")" ? at : -1;
    depth -= 1;
  }
  throw new SyntaxProblem("unterminated: )) is missing", ")");
}

function refuseBraces(word: Word): void {
  // Quoted text and expansions are only something between the braces.
  const source = word.map((part) =>
    part.kind === "text" && !part.quoted ? part.text : "…"
  ).join("");
  const braces = /\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}/.exec(source);
  if (braces === null) return;
  throw SyntaxProblem.unsupported(
    `brace expansion (${braces[0]})`,
    "write the words out, or use $(seq 1 9)",
  );
}
