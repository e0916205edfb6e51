// From words to fields: parameters, command substitution and arithmetic, then
// splitting at IFS, then file names, and the quotes are gone. Does not know
// where variables are kept or how a command is run: the Scope says.

import type { Routine } from "kettle";
import { calculate } from "./arithmetic.ts";
import {
  escapePattern,
  glob,
  isMagic,
  removeMatch,
  unescapePattern,
} from "./glob.ts";
import { type Node, type Part, Problem, type Word } from "./tree.ts";

/** What an expansion may ask the shell. */
export interface Scope {
  /** A variable or a special parameter (`?`, `#`, `1` …). */
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  readonly parameters: readonly string[];
  /** A variable that is not set is a mistake (set -u). */
  readonly nounset?: boolean;
  /** Words are not taken as patterns for file names (set -f). */
  readonly noglob?: boolean;
  /** What a command writes to its standard output. */
  capture(body: Node): Routine<string>;
}

/** An expansion that cannot be made: `${X?message}`. */
export class ExpansionProblem extends Problem {}

/** A command's words as its argument list. */
export function* expandWords(
  scope: Scope,
  words: readonly Word[],
): Routine<string[]> {
  const result: string[] = [];
  for (const word of words) {
    const fields = new Fields(scope.get("IFS") ?? " \t\n");
    yield* addParts(scope, word, fields, false);
    for (const pattern of fields.finish()) {
      const magic = scope.noglob !== true && isMagic(pattern);
      const names = magic ? yield* glob(pattern) : [];
      if (names.length > 0) result.push(...names);
      else result.push(unescapePattern(pattern));
    }
  }
  return result;
}

/** A word that stays one text: the value of an assignment, a file name after `>`. */
export function* expandText(scope: Scope, word: Word): Routine<string> {
  return unescapePattern(yield* expandPattern(scope, word));
}

/** A word as a pattern for `case`, `#` and `%`: what was quoted is escaped. */
export function* expandPattern(scope: Scope, word: Word): Routine<string> {
  const fields = new Fields("");
  yield* addParts(scope, word, fields, true);
  return fields.finish().join(" ");
}

/**
 * Collects fields while a word is expanded. A field is kept as a pattern: what
 * was quoted is escaped, so that `"*"` is no file name pattern.
 */
class Fields {
  #done: string[] = [];
  #current: string | null = null;
  /** White space has just ended a field: one more delimiter belongs to it. */
  #afterSpace = false;

  constructor(readonly separators: string) {}

  addQuoted(text: string): void {
    this.#current = (this.#current ?? "") + escapePattern(text);
    this.#afterSpace = false;
  }

  addPattern(text: string): void {
    if (text === "") return;
    this.#current = (this.#current ?? "") + text;
    this.#afterSpace = false;
  }

  /** The result of an unquoted expansion: split at the separators. */
  addSplit(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      if (!this.separators.includes(text[at]!)) continue;
      this.addPattern(unquotedPattern(text.slice(start, at)));
      this.#separate(/\s/.test(text[at]!));
      start = at + 1;
    }
    this.addPattern(unquotedPattern(text.slice(start)));
  }

  #separate(space: boolean): void {
    if (this.#current !== null) {
      this.endField();
      this.#afterSpace = space;
    } else if (!space) {
      if (this.#afterSpace) this.#afterSpace = false;
      else this.#done.push("");
    }
  }

  endField(): void {
    if (this.#current !== null) this.#done.push(this.#current);
    this.#current = null;
  }

  finish(): string[] {
    this.endField();
    return this.#done;
  }
}

/** A backslash that came out of an expansion is an ordinary character. */
function unquotedPattern(text: string): string {
  return text.replaceAll("\\", "\\\\");
}

/** Adds the pieces of a word; `whole` words are not split. */
function* addParts(
  scope: Scope,
  word: Word,
  fields: Fields,
  whole: boolean,
  splitText = false,
): Routine {
  for (const part of word) {
    switch (part.kind) {
      case "text":
        if (part.quoted) fields.addQuoted(part.text);
        else if (splitText && !whole) fields.addSplit(part.text);
        else fields.addPattern(part.text);
        break;
      case "tilde":
        fields.addQuoted(scope.get("HOME") ?? "~");
        break;
      case "whole":
        fields.addQuoted(yield* expandText(scope, part.word));
        break;
      case "parameter":
        yield* addParameter(scope, part, fields, whole);
        break;
      case "command":
        addValue(yield* scope.capture(part.body), part.quoted, fields, whole);
        break;
      case "arithmetic": {
        const expression = yield* expandText(scope, part.expression);
        addValue(calculate(expression, scope), part.quoted, fields, whole);
      }
    }
  }
}

function addValue(
  value: string,
  quoted: boolean,
  fields: Fields,
  whole: boolean,
): void {
  if (quoted) fields.addQuoted(value);
  else if (whole) fields.addPattern(unquotedPattern(value));
  else fields.addSplit(value);
}

type Parameter = Extract<Part, { kind: "parameter" }>;

function* addParameter(
  scope: Scope,
  part: Parameter,
  fields: Fields,
  whole: boolean,
): Routine {
  const value = parameterValue(scope, part.name);
  const { operator } = part;
  const missing = operator.startsWith(":")
    ? value === undefined || value === ""
    : value === undefined;
  switch (operator.replace(":", "")) {
    case "-":
      if (missing) return yield* addAlternative(scope, part, fields, whole);
      break;
    case "+":
      if (missing) return;
      return yield* addAlternative(scope, part, fields, whole);
    case "=":
      if (missing) {
        return yield* assignDefault(scope, part, fields, whole);
      }
      break;
    case "?":
      if (missing) throw yield* missingProblem(scope, part);
      break;
    default:
      if (value === undefined) refuseUnset(scope, part.name);
  }
  switch (operator) {
    case "length": {
      const list = part.name === "@" || part.name === "*";
      const counted = list ? scope.parameters : [...value ?? ""];
      return addValue(String(counted.length), part.quoted, fields, whole);
    }
    case "#":
    case "##":
    case "%":
    case "%%": {
      const pattern = yield* expandPattern(scope, part.word);
      const rest = removeMatch(value ?? "", pattern, {
        end: operator.startsWith("#") ? "front" : "back",
        longest: operator.length === 2,
      });
      return addValue(rest, part.quoted, fields, whole);
    }
  }
  if (part.name === "@" || part.name === "*") {
    return addParameters(scope, part, fields, whole);
  }
  addValue(value ?? "", part.quoted, fields, whole);
}

/** With set -u, a parameter that is not set may not be used. */
function refuseUnset(scope: Scope, name: string): void {
  if (scope.nounset !== true || name === "@" || name === "*") return;
  throw new ExpansionProblem(`${name}: parameter not set`);
}

function parameterValue(scope: Scope, name: string): string | undefined {
  if (name !== "@" && name !== "*") return scope.get(name);
  if (scope.parameters.length === 0) return undefined;
  return scope.parameters.join(" ");
}

/** The word of `${X:-word}`; in quotes it is one text, else it is split. */
function* addAlternative(
  scope: Scope,
  part: Parameter,
  fields: Fields,
  whole: boolean,
): Routine {
  if (part.quoted) fields.addQuoted("");
  yield* addParts(scope, part.word, fields, whole, !part.quoted);
}

function* assignDefault(
  scope: Scope,
  part: Parameter,
  fields: Fields,
  whole: boolean,
): Routine {
  if (!/^[A-Za-z_]/.test(part.name)) {
    throw new ExpansionProblem(`${part.name}: cannot assign in this way`);
  }
  const value = yield* expandText(scope, part.word);
  scope.set(part.name, value);
  addValue(value, part.quoted, fields, whole);
}

function* missingProblem(
  scope: Scope,
  part: Parameter,
): Routine<ExpansionProblem> {
  const message = yield* expandText(scope, part.word);
  return new ExpansionProblem(
    `${part.name}: ${message === "" ? "parameter not set" : message}`,
  );
}

/** `$@` and `$*`: in quotes, `"$@"` is a field for each, `"$*"` is one. */
function addParameters(
  scope: Scope,
  part: Parameter,
  fields: Fields,
  whole: boolean,
): void {
  const { parameters } = scope;
  if (part.name === "*" && part.quoted || whole) {
    const ifs = part.name === "@" ? " " : scope.get("IFS") ?? " ";
    const separator = ifs.charAt(0);
    return addValue(parameters.join(separator), part.quoted, fields, whole);
  }
  for (const [index, parameter] of parameters.entries()) {
    if (index > 0) fields.endField();
    if (part.quoted) fields.addQuoted(parameter);
    else fields.addSplit(parameter);
  }
}
