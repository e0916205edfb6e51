// From tokens to a tree, by recursive descent, one function for each rule of the
// POSIX grammar that Kettle's shell has. Does not expand or run anything. What
// it knows and does not support, it refuses by name.

import { Lexer, type Token, withTildes } from "./lexer.ts";
import {
  type Assignment,
  type Command,
  type Item,
  type List,
  Nesting,
  type Node,
  type Pipeline,
  plainText,
  type Redirect,
  type RedirectOperator,
  SyntaxProblem,
  type Word,
} from "./tree.ts";

const RESERVED = new Set([
  "!",
  "{",
  "}",
  "if",
  "then",
  "elif",
  "else",
  "fi",
  "for",
  "while",
  "until",
  "do",
  "done",
  "case",
  "in",
  "esac",
]);
/** Words of other shells, and what to write for them. */
const UNSUPPORTED = new Map([
  ["[[", ["[[ … ]]", "write [ … ], or case for patterns"]],
  ["select", ["select", "print a list and use read"]],
  ["function", ["the word function", "write NAME() { … }"]],
  ["coproc", ["coproc", "use & and a pipe"]],
]);
/** Builtins whose arguments are assignments: not split, `~` counts. */
const DECLARERS = new Set(["export", "readonly", "local"]);
const REDIRECTS = new Set([
  "<",
  ">",
  ">>",
  ">|",
  "<>",
  "<&",
  ">&",
  "<<",
  "<<-",
]);
const ASSIGNMENT = /^([A-Za-z_]\w*)=/;

/** The words that only the shell itself understands: for completion. */
export const KEYWORDS: readonly string[] = [...RESERVED, "time"];

/** A text in which only `$…` and backquotes mean something: a prompt. */
export function parseText(source: string): Word {
  return new Lexer(source, { substitute }).expandable();
}

export class Parser {
  #lexer: Lexer;
  #lastEnd = 0;
  #nesting: Nesting;

  constructor(
    source: string,
    options: { partial?: boolean; start?: number; nesting?: Nesting } = {},
  ) {
    this.#nesting = options.nesting ?? new Nesting();
    const nesting = this.#nesting;
    this.#lexer = new Lexer(source, { ...options, nesting, substitute });
  }

  /** The next complete command: all up to the end of its last line, or null. */
  nextCommand(): Node | null {
    while (this.#lexer.peek().kind === "newline") this.#next();
    if (this.#lexer.peek().kind === "end") return null;
    const list = this.#list(false);
    const token = this.#lexer.peek();
    if (token.kind !== "newline" && token.kind !== "end") {
      this.#unexpected(token);
    }
    // A newline is taken at once, so that here-docs after it are read.
    if (token.kind === "newline") this.#next();
    return list;
  }

  /** True if nothing but blank space is left. */
  get atEnd(): boolean {
    const { source, position } = this.#lexer;
    return source.slice(position).trim() === "";
  }

  /** The whole text as one tree. */
  all(): List {
    const items: Item[] = [];
    while (true) {
      const command = this.nextCommand();
      if (command === null) return { kind: "list", items };
      if (command.kind === "list") items.push(...command.items);
    }
  }

  /** The body of `$(…)`, from a position up to its `)`. */
  static substitution(source: string, start: number, nesting: Nesting) {
    const parser = new Parser(source, { start, nesting });
    const body = parser.#compoundList();
    const token = parser.#lexer.peek();
    if (!isOperator(token, ")")) parser.#unexpected(token);
    return { body, end: token.start };
  }

  // ------------------------------------------------------------- lists

  /** Items separated by `;` and `&`; with `multiline` also by newlines. */
  #list(multiline: boolean): List {
    const items: Item[] = [];
    while (true) {
      if (multiline) this.#newlines();
      if (!this.#startsCommand(this.#lexer.peek())) break;
      const start = this.#lexer.peek().start;
      const node = this.#andOr();
      const text = this.#lexer.source.slice(start, this.#lastEnd);
      const separator = this.#lexer.peek();
      const background = isOperator(separator, "&");
      items.push({ node, background, text });
      if (background || isOperator(separator, ";")) this.#next();
      else if (!multiline || separator.kind !== "newline") break;
    }
    return { kind: "list", items };
  }

  /** A list inside a compound command: it may not be empty. */
  #compoundList(): List {
    const list = this.#list(true);
    this.#newlines();
    if (list.items.length === 0 && !isOperator(this.#lexer.peek(), ")")) {
      this.#unexpected(this.#lexer.peek());
    }
    return list;
  }

  #startsCommand(token: Token): boolean {
    if (token.kind === "number") return true;
    if (token.kind === "operator") {
      return token.text === "(" || REDIRECTS.has(token.text) ||
        !CLOSERS.has(token.text) && this.#unexpected(token);
    }
    if (token.kind !== "word") return false;
    const text = plainText(token.word);
    return text === null || !ENDERS.has(text);
  }

  #andOr(): Node {
    let left = this.#pipeline();
    while (true) {
      const token = this.#lexer.peek();
      const kind = isOperator(token, "&&")
        ? "and"
        : isOperator(token, "||")
        ? "or"
        : null;
      if (kind === null) return left;
      this.#next();
      this.#newlines();
      left = { kind, left, right: this.#pipeline() };
    }
  }

  #pipeline(): Node {
    let negated = false;
    let timed: Pipeline["timed"] = null;
    while (true) {
      if (timed === null && this.#takeWord("time")) {
        timed = this.#takeWord("-p") ? "posix" : "plain";
      } else if (this.#takeWord("!")) negated = !negated;
      else break;
    }
    if (timed !== null && !this.#startsCommand(this.#lexer.peek())) {
      const empty: Node = { kind: "list", items: [] };
      return { kind: "pipeline", stages: [empty], negated, timed };
    }
    const stages = [this.#command()];
    while (isOperator(this.#lexer.peek(), "|")) {
      this.#next();
      this.#newlines();
      stages.push(this.#command());
    }
    if (stages.length === 1 && !negated && timed === null) return stages[0]!;
    return { kind: "pipeline", stages, negated, timed };
  }

  // ------------------------------------------------------------- commands

  #command(): Node {
    return this.#nesting.within(() => this.#readCommand());
  }

  #readCommand(): Node {
    const token = this.#lexer.peek();
    if (isOperator(token, "(")) return this.#subshell();
    const text = token.kind === "word" ? plainText(token.word) : null;
    const unsupported = UNSUPPORTED.get(text ?? "");
    if (unsupported !== undefined) {
      throw SyntaxProblem.unsupported(unsupported[0]!, unsupported[1]!);
    }
    switch (text) {
      case "{":
        return this.#group();
      case "if":
        return this.#if();
      case "while":
      case "until":
        return this.#loop(text === "until");
      case "for":
        return this.#for();
      case "case":
        return this.#case();
    }
    if (text !== null && RESERVED.has(text)) this.#unexpected(token);
    return this.#simple();
  }

  #simple(): Node {
    const command: Command = {
      kind: "command",
      assignments: [],
      words: [],
      redirects: [],
    };
    while (true) {
      const token = this.#lexer.peek();
      if (this.#isRedirect(token)) command.redirects.push(this.#redirect());
      else if (token.kind === "word") {
        this.#next();
        const assignment = command.words.length === 0
          ? this.#assignment(token.word)
          : null;
        if (assignment !== null) command.assignments.push(assignment);
        else command.words.push(this.#argument(command.words, token.word));
      } else break;
    }
    if (isOperator(this.#lexer.peek(), "(")) return this.#function(command);
    const { assignments, words, redirects } = command;
    if (assignments.length + words.length + redirects.length === 0) {
      this.#unexpected(this.#lexer.peek());
    }
    return command;
  }

  #assignment(word: Word): Assignment | null {
    const [first, ...rest] = word;
    if (first?.kind !== "text" || first.quoted) return null;
    refuseArray(first.text);
    const match = ASSIGNMENT.exec(first.text);
    if (match === null) return null;
    const token = this.#lexer.peek();
    const empty = word.length === 1 && first.text === match[0];
    if (empty && isOperator(token, "(") && token.start === this.#lastEnd) {
      refuseArray(`${match[1]}[]=`);
    }
    const text = first.text.slice(match[0].length);
    const head: Word = text === "" ? [] : [{ ...first, text }];
    return { name: match[1]!, value: withTildes([...head, ...rest]) };
  }

  /** A word of a command; after `export` and its like, one text if `NAME=…`. */
  #argument(before: readonly Word[], word: Word): Word {
    const [command] = before;
    if (command === undefined) return word;
    if (!DECLARERS.has(plainText(command) ?? "")) return word;
    const assignment = this.#assignment(word);
    if (assignment === null) return word;
    const { name, value } = assignment;
    return [{ kind: "text", text: `${name}=`, quoted: true }, {
      kind: "whole",
      word: value,
    }];
  }

  #function(command: Command): Node {
    const { assignments, words, redirects } = command;
    const name = words.length === 1 ? plainText(words[0]!) : null;
    const only = assignments.length + redirects.length === 0;
    if (name === null || !only || !/^[A-Za-z_]\w*$/.test(name)) {
      this.#unexpected(this.#lexer.peek());
    }
    this.#next();
    this.#takeOperator(")");
    this.#newlines();
    return { kind: "function", name, body: this.#command() };
  }

  // ------------------------------------------------------------- redirections

  #isRedirect(token: Token): boolean {
    return token.kind === "number" ||
      token.kind === "operator" && REDIRECTS.has(token.text);
  }

  #redirect(): Redirect {
    const first = this.#next();
    const token = first.kind === "number" ? this.#next() : first;
    if (token.kind !== "operator") this.#unexpected(token);
    const fd = first.kind === "number"
      ? first.fd
      : token.text.startsWith("<")
      ? 0
      : 1;
    const target = this.#next();
    if (target.kind !== "word") this.#unexpected(target);
    if (token.text !== "<<" && token.text !== "<<-") {
      const operator = token.text as RedirectOperator;
      return { fd, operator, target: target.word };
    }
    const redirect: Redirect = { fd, operator: "<<", target: [] };
    this.#lexer.expectHereDoc(redirect, target.word, token.text === "<<-");
    return redirect;
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    while (this.#isRedirect(this.#lexer.peek())) {
      redirects.push(this.#redirect());
    }
    return redirects;
  }

  // ------------------------------------------------------------- compound commands

  #subshell(): Node {
    const open = this.#next();
    const second = this.#lexer.peek();
    if (isOperator(second, "(") && second.start === open.end) {
      throw SyntaxProblem.unsupported(
        "(( … )) as a command",
        "write [ … ], or x=$((…))",
      );
    }
    const body = this.#compoundList();
    if (body.items.length === 0) this.#unexpected(this.#lexer.peek());
    this.#takeOperator(")");
    return { kind: "subshell", body, redirects: this.#redirects() };
  }

  #group(): Node {
    this.#next();
    const body = this.#compoundList();
    this.#reserved("}");
    return { kind: "group", body, redirects: this.#redirects() };
  }

  #if(): Node {
    const clauses: { test: Node; body: Node }[] = [];
    do {
      this.#next();
      const test = this.#compoundList();
      this.#reserved("then");
      clauses.push({ test, body: this.#compoundList() });
    } while (this.#atWord("elif"));
    const otherwise = this.#takeWord("else") ? this.#compoundList() : null;
    this.#reserved("fi");
    return { kind: "if", clauses, otherwise, redirects: this.#redirects() };
  }

  #loop(until: boolean): Node {
    this.#next();
    const test = this.#compoundList();
    const body = this.#doGroup();
    return { kind: "loop", until, test, body, redirects: this.#redirects() };
  }

  #for(): Node {
    this.#next();
    const token = this.#next();
    if (isOperator(token, "(")) {
      throw SyntaxProblem.unsupported(
        "for ((…;…;…))",
        "write for i in $(seq 1 9), or while [ … ]",
      );
    }
    const name = token.kind === "word" ? plainText(token.word) : null;
    if (name === null || !/^[A-Za-z_]\w*$/.test(name)) this.#unexpected(token);
    this.#newlines();
    const words = this.#takeWord("in") ? this.#forWords() : null;
    if (isOperator(this.#lexer.peek(), ";")) this.#next();
    this.#newlines();
    const body = this.#doGroup();
    return { kind: "for", name, words, body, redirects: this.#redirects() };
  }

  #forWords(): Word[] {
    const words: Word[] = [];
    while (true) {
      const token = this.#lexer.peek();
      if (token.kind !== "word") return words;
      words.push(token.word);
      this.#next();
    }
  }

  #doGroup(): Node {
    this.#reserved("do");
    const body = this.#compoundList();
    this.#reserved("done");
    return body;
  }

  #case(): Node {
    this.#next();
    const token = this.#next();
    if (token.kind !== "word") this.#unexpected(token);
    this.#newlines();
    this.#reserved("in");
    this.#newlines();
    const arms: { patterns: Word[]; body: Node }[] = [];
    while (!this.#takeWord("esac")) {
      arms.push(this.#arm());
      this.#newlines();
    }
    const redirects = this.#redirects();
    return { kind: "case", word: token.word, arms, redirects };
  }

  #arm(): { patterns: Word[]; body: Node } {
    if (isOperator(this.#lexer.peek(), "(")) this.#next();
    const patterns: Word[] = [];
    do {
      if (patterns.length > 0) this.#next();
      const token = this.#next();
      if (token.kind !== "word") this.#unexpected(token);
      patterns.push(token.word);
    } while (isOperator(this.#lexer.peek(), "|"));
    this.#takeOperator(")");
    const body = this.#list(true);
    this.#newlines();
    if (isOperator(this.#lexer.peek(), ";;")) this.#next();
    else if (!this.#atWord("esac")) this.#unexpected(this.#lexer.peek());
    return { patterns, body };
  }

  // ------------------------------------------------------------- tokens

  #next(): Token {
    const token = this.#lexer.next();
    this.#lastEnd = token.end;
    return token;
  }

  #newlines(): void {
    while (this.#lexer.peek().kind === "newline") this.#next();
  }

  #atWord(text: string): boolean {
    const token = this.#lexer.peek();
    return token.kind === "word" && plainText(token.word) === text;
  }

  #takeWord(text: string): boolean {
    const found = this.#atWord(text);
    if (found) this.#next();
    return found;
  }

  #reserved(text: string): void {
    if (!this.#takeWord(text)) this.#unexpected(this.#lexer.peek(), text);
  }

  #takeOperator(text: string): void {
    const token = this.#lexer.peek();
    if (!isOperator(token, text)) this.#unexpected(token, text);
    this.#next();
  }

  #unexpected(token: Token, wanted?: string): never {
    const { source } = this.#lexer;
    const found = token.kind === "end"
      ? "end of input"
      : token.kind === "newline"
      ? "end of line"
      : `'${source.slice(token.start, token.end)}'`;
    const hint = wanted === undefined ? "" : ` (expected '${wanted}')`;
    const line = this.#lexer.lineAt(token.start);
    throw new SyntaxProblem(
      `syntax error in line ${line}: unexpected ${found}${hint}`,
      token.kind === "end" ? wanted ?? "" : null,
    );
  }
}

function refuseArray(text: string): void {
  const match = /^[A-Za-z_]\w*(\[.*\])?\+?=/.exec(text);
  if (match === null || ASSIGNMENT.test(text)) return;
  if (match[1] === undefined) {
    throw SyntaxProblem.unsupported(`+= (${text})`, 'write x="$x…"');
  }
  throw SyntaxProblem.unsupported(
    `arrays (${text})`,
    'use set -- a b c and "$@"',
  );
}

/** Operators that end a list instead of beginning a command. */
const CLOSERS = new Set([")", ";;"]);
/** Words that end a list. */
const ENDERS = new Set([
  "}",
  "then",
  "elif",
  "else",
  "fi",
  "do",
  "done",
  "esac",
]);

function isOperator(token: Token, text: string): boolean {
  return token.kind === "operator" && token.text === text;
}

function substitute(source: string, start: number, nesting: Nesting) {
  return Parser.substitution(source, start, nesting);
}
