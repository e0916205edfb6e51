// Patterns with `*`, `?` and `[…]`, and the file names they match. A backslash
// before a character takes its meaning away: so quotes are handed down from the
// expansion. Knows nothing of variables or commands.

import { readdir, type Routine, stat, SysError } from "kettle";

const CLASSES = new Map([
  ["alpha", "A-Za-z"],
  ["digit", "0-9"],
  ["alnum", "A-Za-z0-9"],
  ["upper", "A-Z"],
  ["lower", "a-z"],
  ["space", "\\s"],
  ["blank", " \\t"],
  ["punct", "!-\\/:-@\\[-`{-~"],
  ["xdigit", "0-9A-Fa-f"],
]);

/** The text with a backslash before everything that a pattern could take amiss. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}

/** The pattern's text when nothing in it is special. */
export function unescapePattern(pattern: string): string {
  return pattern.replace(/\\([^])/g, "$1");
}

/** True if the pattern could match anything but itself. */
export function isMagic(pattern: string): boolean {
  return /[*?]|\[[^]+\]/.test(pattern.replace(/\\[^]/g, ""));
}

/** What a pattern is compiled to; `end` of the text that it has to match up to. */
type Extent = "whole" | "shortest" | "longest";

/** A regular expression that matches the same whole texts. */
export function compilePattern(pattern: string): RegExp {
  return expression(elements(pattern), "whole");
}

/** The text without what the pattern matches at one end, as `${x#p}` and its like. */
export function removeMatch(
  text: string,
  pattern: string,
  { end, longest }: { end: "front" | "back"; longest: boolean },
): string {
  const extent = longest ? "longest" : "shortest";
  const parts = elements(pattern);
  if (end === "front") {
    const found = expression(parts, extent).exec(text);
    return found === null ? text : text.slice(found[0].length);
  }
  const backwards = [...text].reverse().join("");
  const found = expression(parts.reverse(), extent).exec(backwards);
  return found === null ? text : text.slice(0, text.length - found[0].length);
}

/** For each character of the text an expression, and null for a `*`. */
function elements(pattern: string): (string | null)[] {
  const parts: (string | null)[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = String.fromCodePoint(pattern.codePointAt(at)!);
    if (char === "*") parts.push(null);
    else if (char === "?") parts.push("[^]");
    else if (char === "[") {
      const set = compileSet(pattern, at);
      parts.push(set?.source ?? "\\[");
      at = set?.end ?? at;
    } else if (char === "\\" && at + 1 < pattern.length) {
      const next = String.fromCodePoint(pattern.codePointAt(at + 1)!);
      parts.push(escapeRegExp(next));
      at += next.length;
    } else {
      parts.push(escapeRegExp(char));
      at += char.length - 1;
    }
  }
  return parts;
}

/**
 * What is between two stars is taken where it comes first, and never elsewhere (a
 * lookahead is not entered again): so no pattern takes long.
 */
function expression(parts: (string | null)[], extent: Extent): RegExp {
  const pieces: string[] = [""];
  for (const part of parts) {
    if (part === null) pieces.push("");
    else pieces[pieces.length - 1] += part;
  }
  let source = "^" + pieces[0];
  for (const [index, piece] of pieces.entries()) {
    if (index === 0) continue;
    const last = index === pieces.length - 1;
    if (last && extent !== "shortest") source += `[^]*${piece}`;
    else source += `(?=(?<g${index}>[^]*?${piece}))\\k<g${index}>`;
  }
  return new RegExp(extent === "whole" ? source + "$" : source, "u");
}

function escapeRegExp(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** `[a-z]`, `[!…]`, `[[:digit:]]`; null if there is no end or the range is empty. */
function compileSet(
  pattern: string,
  start: number,
): { source: string; end: number } | null {
  let at = start + 1;
  const negated = pattern[at] === "!" || pattern[at] === "^";
  if (negated) at += 1;
  const first = at;
  let inner = "";
  while (at < pattern.length && (pattern[at] !== "]" || at === first)) {
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    const escaped = pattern[at] === "\\" && at + 1 < pattern.length;
    if (named !== null) inner += CLASSES.get(named[1]!) ?? "";
    else if (escaped) inner += setChar(pattern[at + 1]!).replace("-", "\\-");
    else inner += setChar(pattern[at]!);
    at += named?.[0].length ?? (escaped ? 2 : 1);
  }
  if (at >= pattern.length) return null;
  const source = `[${negated ? "^" : ""}${inner}]`;
  try {
    new RegExp(source, "u");
    return { source, end: at };
  } catch {
    return null;
  }
}

function setChar(char: string): string {
  return /[\\\]^[]/.test(char) ? "\\" + char : char;
}

/** The paths a pattern matches, sorted; none if nothing does. */
export function* glob(pattern: string): Routine<string[]> {
  const components = pattern.split("/");
  let found = [""];
  for (const [index, component] of components.entries()) {
    const last = index === components.length - 1;
    const longer: string[] = [];
    for (const base of found) {
      longer.push(...yield* extend(base, component, last));
    }
    found = longer;
  }
  return found.sort();
}

/** The paths one component further; all but the last get a `/`. */
function* extend(
  base: string,
  component: string,
  last: boolean,
): Routine<string[]> {
  const slash = last ? "" : "/";
  if (!isMagic(component)) {
    const path = base + unescapePattern(component);
    if (!last) return [path + slash];
    return (yield* exists(path)) ? [path] : [];
  }
  const matcher = compilePattern(component);
  const hidden = component.startsWith(".") || component.startsWith("\\.");
  const names: string[] = [];
  for (const entry of yield* list(base === "" ? "." : base)) {
    if (entry.name.startsWith(".") && !hidden) continue;
    if (!last && entry.type !== "directory") continue;
    if (matcher.test(entry.name)) names.push(base + entry.name + slash);
  }
  return names;
}

function* exists(path: string): Routine<boolean> {
  try {
    yield* stat(path);
    return true;
  } catch (error) {
    if (error instanceof SysError) return false;
    throw error;
  }
}

function* list(path: string) {
  try {
    return yield* readdir(path);
  } catch (error) {
    if (error instanceof SysError) return [];
    throw error;
  }
}
