// The expression of find as a tree: tests, actions, and how they are joined. Looks
// at no file.

import { compilePattern } from "../sh/glob.ts";

/** What is wrong with an expression, in GNU's words. */
export class FindError extends Error {}

export type Compare = { sign: "+" | "-" | ""; count: number };

export type Node =
  | { kind: "and" | "or" | "comma"; left: Node; right: Node }
  | { kind: "not"; inner: Node }
  | { kind: "constant"; value: boolean }
  | { kind: "name" | "path"; pattern: RegExp }
  | { kind: "type"; types: string[] }
  | { kind: "size"; compare: Compare; unitBytes: number }
  | { kind: "age"; compare: Compare; unitNs: number }
  | { kind: "inum" | "links"; compare: Compare }
  | { kind: "newer"; file: string }
  | { kind: "empty" | "prune" | "quit" | "delete" }
  | { kind: "print"; end: string }
  | { kind: "printf"; format: string }
  | { kind: "exec"; command: string[]; batch: boolean; asks: boolean };

export interface Expression {
  tree: Node;
  maxDepth: number;
  minDepth: number;
  /** What is in a directory comes before it. */
  depthFirst: boolean;
}

const DAY_NS = 86_400 * 1e9;
const TYPES: Record<string, string> = {
  f: "file",
  d: "directory",
  p: "pipe",
  s: "socket",
  c: "device",
  b: "block",
  l: "link",
};
const SIZE_UNITS: Record<string, number> = {
  "": 512,
  b: 512,
  c: 1,
  w: 2,
  k: 1024,
  M: 1_048_576,
  G: 1_073_741_824,
};
const ACTIONS = "print printf exec delete quit".split(" ");

/** Where the paths end and the expression begins. */
export function isExpression(word: string): boolean {
  return /^-./.test(word) || word === "(" || word === "!" || word === ",";
}

export function parseExpression(words: string[]): Expression {
  return new Parser(words).whole();
}

class Parser {
  #at = 0;
  #hasAction = false;
  readonly #found: Omit<Expression, "tree"> = {
    maxDepth: Infinity,
    minDepth: 0,
    depthFirst: false,
  };

  constructor(readonly words: string[]) {}

  whole(): Expression {
    let tree: Node = { kind: "constant", value: true };
    if (this.words.length > 0) tree = this.#comma();
    if (this.#at < this.words.length) {
      const word = this.words[this.#at]!;
      throw new FindError(
        word === ")"
          ? "you have too many ')'"
          : `paths must precede expression: \`${word}'`,
      );
    }
    if (!this.#hasAction) {
      const right: Node = { kind: "print", end: "\n" };
      tree = { kind: "and", left: tree, right };
    }
    return { tree, ...this.#found };
  }

  #comma(): Node {
    let left = this.#or();
    while (this.#takes(",")) {
      left = { kind: "comma", left, right: this.#or() };
    }
    return left;
  }

  #or(): Node {
    let left = this.#and();
    while (this.#takes("-o") || this.#takes("-or")) {
      left = { kind: "or", left, right: this.#and() };
    }
    return left;
  }

  #and(): Node {
    let left = this.#not();
    while (this.#at < this.words.length) {
      const word = this.words[this.#at]!;
      if (word === "-a" || word === "-and") this.#at++;
      else if (/^(-o|-or|,|\))$/.test(word)) break;
      left = { kind: "and", left, right: this.#not() };
    }
    return left;
  }

  #not(): Node {
    if (this.#takes("!") || this.#takes("-not")) {
      return { kind: "not", inner: this.#not() };
    }
    if (!this.#takes("(")) return this.#primary();
    if (this.#takes(")")) {
      throw new FindError(
        "invalid expression; empty parentheses are not allowed.",
      );
    }
    const inner = this.#comma();
    if (!this.#takes(")")) {
      throw new FindError(
        "invalid expression; I was expecting to find a ')' somewhere but did not see one.",
      );
    }
    return inner;
  }

  #takes(word: string): boolean {
    if (this.words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  #argument(name: string): string {
    const value = this.words[this.#at++];
    if (value === undefined) {
      throw new FindError(`missing argument to \`${name}'`);
    }
    return value;
  }

  #primary(): Node {
    const word = this.words[this.#at++];
    if (word === undefined) {
      const last = this.words[this.#at - 2];
      throw new FindError(`expected an expression after '${last}'`);
    }
    if (word === ")") {
      throw new FindError(
        "invalid expression; you have used a binary operator ')' with nothing before it.",
      );
    }
    if (/^-(?:o|or|a|and)$/.test(word) || word === ",") {
      throw new FindError(
        `invalid expression; you have used a binary operator '${word}' with nothing before it.`,
      );
    }
    if (!word.startsWith("-")) {
      throw new FindError(`paths must precede expression: \`${word}'`);
    }
    const kind = word.slice(1);
    const isAction = ACTIONS.includes(kind.replace(/0|dir$/, "")) ||
      kind === "ok" || kind === "ls";
    if (isAction) this.#hasAction = true;
    return this.#test(kind, word);
  }

  #test(kind: string, word: string): Node {
    switch (kind) {
      case "name":
      case "iname":
        return {
          kind: "name",
          pattern: this.#glob(word, kind === "iname"),
        };
      case "path":
      case "wholename":
      case "ipath":
        return { kind: "path", pattern: this.#glob(word, kind === "ipath") };
      case "type":
        return this.#types(word);
      case "size":
        return this.#size(word);
      case "mtime":
      case "mmin": {
        const unitNs = kind === "mtime" ? DAY_NS : 60e9;
        return { kind: "age", compare: this.#number(word), unitNs };
      }
      case "newer":
        return { kind, file: this.#argument(word) };
      case "inum":
      case "links":
        return { kind, compare: this.#number(word) };
      case "empty":
      case "prune":
      case "quit":
        return { kind };
      case "delete":
        this.#found.depthFirst = true;
        return { kind };
      case "true":
      case "false":
        return { kind: "constant", value: kind === "true" };
      case "print":
        return { kind: "print", end: "\n" };
      case "print0":
        return { kind: "print", end: "\0" };
      case "printf":
        return { kind, format: this.#argument(word) };
      case "exec":
      case "ok":
        return this.#exec(word);
      default:
        return this.#global(kind, word);
    }
  }

  /** What holds for all of the walk. */
  #global(kind: string, word: string): Node {
    if (kind === "maxdepth" || kind === "mindepth") {
      const text = this.#argument(word);
      if (!/^\d+$/.test(text)) {
        throw new FindError(
          `Expected a positive decimal integer argument to ${word}, but got '${text}'`,
        );
      }
      const which = kind === "maxdepth" ? "maxDepth" : "minDepth";
      this.#found[which] = Number(text);
    } else if (kind === "depth" || kind === "d") this.#found.depthFirst = true;
    else if (kind !== "xdev" && kind !== "mount") {
      throw new FindError(`unknown predicate \`${word}'`);
    }
    return { kind: "constant", value: true };
  }

  #glob(word: string, ignoreCase: boolean): RegExp {
    const { source } = compilePattern(this.#argument(word));
    return new RegExp(source, ignoreCase ? "iu" : "u");
  }

  #types(word: string): Node {
    const types = this.#argument(word).split(",").map((letter) => {
      if (TYPES[letter] !== undefined) return TYPES[letter];
      throw new FindError(`Unknown argument to ${word}: ${letter}`);
    });
    return { kind: "type", types };
  }

  #size(word: string): Node {
    const text = this.#argument(word);
    const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(text);
    if (match === null) {
      throw new FindError(
        /[^\d]$/.test(text) && /^[-+]?\d+.$/.test(text)
          ? `invalid -size type \`${text.at(-1)}'`
          : `Invalid argument \`${text}' to -size`,
      );
    }
    const [, sign, count, unit] = match;
    return {
      kind: "size",
      compare: { sign: sign as Compare["sign"], count: Number(count) },
      unitBytes: SIZE_UNITS[unit!]!,
    };
  }

  #number(word: string): Compare {
    const text = this.#argument(word);
    const match = /^([-+]?)(\d+)$/.exec(text);
    if (match === null) {
      throw new FindError(`invalid argument \`${text}' to \`${word}'`);
    }
    return { sign: match[1] as Compare["sign"], count: Number(match[2]) };
  }

  #exec(word: string): Node {
    const command: string[] = [];
    while (true) {
      const next = this.#argument(word);
      const isBatch = next === "+" && command.at(-1) === "{}";
      if (next !== ";" && !isBatch) {
        command.push(next);
        continue;
      }
      if (command.length === 0) {
        throw new FindError(`missing argument to \`${word}'`);
      }
      if (isBatch) command.pop();
      const asks = word === "-ok";
      return { kind: "exec", command, batch: isBatch, asks };
    }
  }
}
