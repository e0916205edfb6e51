// The syntax tree of a shell command: what the parser makes and the executor
// runs. Plain data, so that it can be handed to a subshell as JSON text (there
// is no fork). Knows nothing of characters and nothing of running.

/** A word before expansion: pieces that are joined to one or, after splitting, several fields. */
export type Word = Part[];

export type Part =
  | { kind: "text"; text: string; quoted: boolean }
  | {
    kind: "parameter";
    name: string;
    operator: ParameterOperator;
    word: Word;
    quoted: boolean;
  }
  | { kind: "command"; body: Node; quoted: boolean }
  | { kind: "arithmetic"; expression: Word; quoted: boolean }
  | { kind: "tilde" }
  /** The value after `export NAME=`: one text, never split. */
  | { kind: "whole"; word: Word };

/** `""` is a plain `$X`; `length` is `${#X}`. */
export type ParameterOperator =
  | ""
  | "length"
  | ":-"
  | "-"
  | ":="
  | "="
  | ":?"
  | "?"
  | ":+"
  | "+"
  | "#"
  | "##"
  | "%"
  | "%%";

export interface Assignment {
  name: string;
  value: Word;
}

export type RedirectOperator =
  | "<"
  | ">"
  | ">>"
  | ">|"
  | "<>"
  | "<&"
  | ">&"
  | "<<";

/** For `<<`, the target is the text of the here-doc. */
export interface Redirect {
  fd: number;
  operator: RedirectOperator;
  target: Word;
}

export interface Command {
  kind: "command";
  assignments: Assignment[];
  words: Word[];
  redirects: Redirect[];
}

/** One part of a list; `text` is how it was written, for the list of jobs. */
export interface Item {
  node: Node;
  background: boolean;
  text: string;
}

export type List = { kind: "list"; items: Item[] };
export type Pipeline = {
  kind: "pipeline";
  stages: Node[];
  negated: boolean;
  /** `time`, or `time -p`. */
  timed: null | "plain" | "posix";
};
export type Group = { kind: "group"; body: Node; redirects: Redirect[] };
export type Loop = {
  kind: "loop";
  until: boolean;
  test: Node;
  body: Node;
  redirects: Redirect[];
};
export type For = {
  kind: "for";
  name: string;
  /** null: the positional parameters. */
  words: Word[] | null;
  body: Node;
  redirects: Redirect[];
};
export type Case = {
  kind: "case";
  word: Word;
  arms: { patterns: Word[]; body: Node }[];
  redirects: Redirect[];
};
export type If = {
  kind: "if";
  clauses: { test: Node; body: Node }[];
  otherwise: Node | null;
  redirects: Redirect[];
};

export type AndOr = { kind: "and" | "or"; left: Node; right: Node };
export type FunctionDefinition = {
  kind: "function";
  name: string;
  body: Node;
};

export type Node =
  | Command
  | List
  | Pipeline
  | AndOr
  | { kind: "subshell"; body: Node; redirects: Redirect[] }
  | Group
  | If
  | Loop
  | For
  | Case
  | FunctionDefinition;

/** A word that is one piece of unquoted text: that text, else null. */
export function plainText(word: Word): string | null {
  const [part] = word;
  if (word.length !== 1 || part?.kind !== "text" || part.quoted) return null;
  return part.text;
}

/** A mistake that ends a script, or the line at a prompt, with status 2. */
export class Problem extends Error {
  /** It was said already, where standard error was redirected. */
  told = false;
}

/**
 * Text that the shell cannot read. `missing`: more lines could mend it, and one of
 * them has to hold this text (empty: nobody knows); null if none could.
 */
export class SyntaxProblem extends Problem {
  constructor(message: string, readonly missing: string | null = null) {
    super(message);
  }

  /** What other shells have and this one has not, and what to write for it. */
  static unsupported(what: string, instead: string): SyntaxProblem {
    return new SyntaxProblem(`not supported: ${what}; ${instead}`);
  }
}

const NESTING_MAX = 200;

/** Counts how deep the reader of a text is inside itself, and stops in time. */
export class Nesting {
  #depth = 0;

  within<T>(read: () => T): T {
    if (this.#depth >= NESTING_MAX) {
      throw new SyntaxProblem(`nested deeper than ${NESTING_MAX}`);
    }
    this.#depth += 1;
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
  }
}
