// What to say when a file does not even parse. The parser's own sentence is
// right but no help to somebody who forgot a star, so the source is looked at
// again, tolerantly: which function is the offending place in?

import { MESSAGES, placed } from "./messages.ts";
import type { Problem } from "./transform.ts";

/** The problem in words that help, as `file:line  text`. */
export function explainProblem(
  file: string,
  source: string,
  problem: Problem,
): string {
  const { text, line, column } = problem;
  const offset = offsetOf(source, line, column);
  if (/\byield\b/.test(text)) {
    const { line: at, text: why } = explainYield(source, offset, line);
    return placed(file, at, why);
  }
  if (/\bawait\b/.test(text)) {
    const statement = lineText(source, line).trim();
    const fix = statement.replace(/\bawait\b\s*/g, "yield* ");
    return placed(file, line, MESSAGES.awaited(fix));
  }
  return placed(file, line, MESSAGES.syntax(text));
}

export function offsetOf(source: string, line: number, column: number): number {
  let at = 0;
  for (let row = 1; row < line; row += 1) {
    const end = source.indexOf("\n", at);
    if (end < 0) break;
    at = end + 1;
  }
  return at + column;
}

function lineText(source: string, line: number): string {
  return source.split("\n", line)[line - 1] ?? "";
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

interface Place {
  line: number;
  text: string;
}

/** Why yield is not understood here. */
function explainYield(source: string, offset: number, line: number): Place {
  const around = functionAround(source, offset);
  if (around === null) return { line, text: MESSAGES.outsideFunction() };
  if (around.isAsync && around.name !== null) {
    const text = MESSAGES.asyncFunction(around.name);
    return { line: lineAt(source, around.at), text };
  }
  if (around.name === null) {
    return { line, text: MESSAGES.innerFunction(loopFix(source, offset)) };
  }
  const { mustBeGenerator, methodMustBeGenerator } = MESSAGES;
  const text = around.isMethod
    ? methodMustBeGenerator(around.name)
    : mustBeGenerator(around.name);
  return { line: lineAt(source, around.at), text };
}

/** `fds.forEach((fd) => { yield* close(fd) })` as a loop. */
function loopFix(source: string, offset: number): string {
  const before = source.slice(0, offset);
  const callback =
    /(\[[^\]]*\]|[\w$.]+(?:\[[^\]]*\])?)\.(?:forEach|map|filter|flatMap|some|every|find|reduce)\s*\(\s*(?:async\s+)?(?:function\s*)?\(?\s*([\w$]+)?[^;{}()]*\)?\s*(?::\s*[\w<>[\]]+\s*)?(?:=>)?\s*\{?[^{}]*$/
      .exec(before);
  const [call] = /^yield\s*\*?\s*[^;\n]*/.exec(source.slice(offset)) ?? [""];
  const body = balanced(call.trim());
  if (callback === null) return "a for…of loop, or make it a function*.";
  const [, list, item = "item"] = callback;
  return `for (const ${item} of ${list}) { ${body}; }`;
}

/** Cuts where more brackets close than open. */
function balanced(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ("([{".includes(text[at]!)) depth += 1;
    if (")]}".includes(text[at]!) && --depth < 0) {
      return text.slice(0, at).trim();
    }
  }
  return text;
}

interface FunctionHead {
  /** null for one without a name: an arrow, a function expression. */
  name: string | null;
  isMethod: boolean;
  isAsync: boolean;
  /** Where its head begins. */
  at: number;
}

/** The innermost function around a place that is no generator. */
function functionAround(source: string, offset: number): FunctionHead | null {
  const { open, pairs } = brackets(source, offset);
  let end = offset;
  for (const at of open.reverse()) {
    if (hasArrow(source, at + 1, end)) return nameless(at);
    if (source[at] === "{") {
      const head = headBefore(source, at, pairs);
      if (head !== null) return head;
    }
    end = at;
  }
  return hasArrow(source, 0, end) ? nameless(end) : null;
}

function nameless(at: number): FunctionHead {
  return { name: null, isMethod: false, isAsync: false, at };
}

/** An arrow function without braces begins in this part of a line of code. */
function hasArrow(source: string, from: number, to: number): boolean {
  const part = source.slice(from, to);
  const statement = part.slice(part.lastIndexOf(";") + 1);
  return /=>\s*[^\s{][^{}]*$/.test(statement) || /=>\s*$/.test(statement);
}

/** What the text before a brace says it is: a function's head, or null. */
function headBefore(
  source: string,
  brace: number,
  pairs: Map<number, number>,
): FunctionHead | null {
  const before = source.slice(Math.max(0, brace - 400), brace);
  if (/=>\s*$/.test(before)) return nameless(brace);
  const typed = /\)\s*(?::[^(){};=]+)?\s*$/.exec(before);
  if (typed === null) return null;
  const close = brace - before.length + typed.index;
  const start = pairs.get(close);
  if (start === undefined) return null;
  return headOf(source.slice(0, start).replace(/<[^<>()]*>\s*$/, ""));
}

/** `… async function name`, `… name` before the parameters. */
function headOf(text: string): FunctionHead | null {
  const fn = /(\basync\s+)?\bfunction\s*(\*?)\s*([\w$]*)\s*$/.exec(text);
  if (fn !== null) {
    const [, isAsync, , name] = fn;
    return {
      name: name || null,
      isMethod: false,
      isAsync: isAsync !== undefined,
      at: fn.index,
    };
  }
  if (/\b(if|for|while|switch|catch|with|await)\s*$/.test(text)) return null;
  const method = /(\basync\s+)?([\w$#]+)\s*$/.exec(text);
  if (method === null) return null;
  return {
    name: method[2]!,
    isMethod: true,
    isAsync: method[1] !== undefined,
    at: method.index,
  };
}

/** Brackets open at a place, outermost first, and the partner of each closed one. */
function brackets(
  source: string,
  end: number,
): { open: number[]; pairs: Map<number, number> } {
  const open: number[] = [];
  const pairs = new Map<number, number>();
  let at = 0;
  while (at < end) {
    const skipped = skipQuoted(source, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if ("([{".includes(source[at]!)) open.push(at);
    if (")]}".includes(source[at]!)) pairs.set(at, open.pop() ?? 0);
    at += 1;
  }
  return { open, pairs };
}

/** Past the string or comment that begins here; the same place if none does. */
function skipQuoted(source: string, at: number): number {
  const rest = source.slice(at, at + 2);
  if (rest === "//") return orEnd(source, source.indexOf("\n", at));
  if (rest === "/*") return orEnd(source, source.indexOf("*/", at + 2)) + 2;
  const quote = source[at]!;
  if (!"\"'`".includes(quote)) return at;
  let to = at + 1;
  while (to < source.length && source[to] !== quote) {
    if (source[to] === "\\") to += 1;
    if (source[to] === "\n" && quote !== "`") break;
    to += 1;
  }
  return to + 1;
}

function orEnd(source: string, at: number): number {
  return at < 0 ? source.length : at;
}
