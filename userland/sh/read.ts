// read [-r] [-p PROMPT] NAME…: one line of standard input, split into variables.
// Takes not a byte more than the line, so that the next command finds the rest.

import { isatty, type Routine, SIGNALS, SysError } from "kettle";
import { refuse } from "./builtin.ts";
import { type InputLine, inputLine } from "./input.ts";
import type { Shell } from "./shell.ts";

export function* readBuiltin(shell: Shell, args: string[]): Routine<number> {
  const { raw, prompt, names, problem } = optionsOf(args);
  if (problem !== null) return yield* refuse(shell, `read: ${problem}`);
  const fd = shell.descriptor(0);
  if (prompt !== "" && (yield* isatty(fd))) yield* shell.tell(prompt);
  const input = yield* unlessSignalled(shell, logicalLine(shell, fd, raw));
  if (typeof input === "number") return input;
  const { line, ended } = input;
  const separators = shell.get("IFS") ?? " \t\n";
  const fields = splitLine(line, names.length, separators, raw);
  for (const [index, name] of names.entries()) {
    shell.set(name, fields[index] ?? "");
  }
  return ended ? 1 : 0;
}

function optionsOf(args: string[]) {
  const names = [...args];
  let raw = false;
  let prompt = "";
  while (/^-./.test(names[0] ?? "")) {
    const option = names.shift()!;
    if (option === "--") break;
    if (option === "-r") raw = true;
    else if (option === "-p") prompt = names.shift() ?? "";
    else return { raw, prompt, names, problem: `${option}: no such option` };
  }
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  const problem = bad !== undefined
    ? `${bad}: bad name`
    : names.length === 0
    ? "name missing"
    : null;
  return { raw, prompt, names, problem };
}

/** What is read, or the status for a signal whose trap is to run first. */
function* unlessSignalled(
  shell: Shell,
  reading: Routine<InputLine>,
): Routine<InputLine | number> {
  try {
    return yield* reading;
  } catch (error) {
    const [signal] = shell.pending;
    const interrupted = error instanceof SysError && error.code === "EINTR";
    if (!interrupted || signal === undefined) throw error;
    return 128 + SIGNALS[signal];
  }
}

/** A line; unless raw, a backslash at its end joins the next. */
function* logicalLine(
  shell: Shell,
  fd: number,
  raw: boolean,
): Routine<InputLine> {
  const stops = () => shell.interrupted || shell.pending.length > 0;
  let line = "";
  while (true) {
    const next = yield* inputLine(fd, stops);
    line += next.line;
    const joins = !raw && /(?:^|[^\\])(?:\\\\)*\\$/.test(next.line);
    if (next.ended || !joins) return { line, ended: next.ended };
    line = line.slice(0, -1);
  }
}

/** At most `count` fields; the last takes the rest. Unless raw, a backslash protects. */
export function splitLine(
  line: string,
  count: number,
  separators: string,
  raw: boolean,
): string[] {
  const units = line.match(raw ? /[^]/gu : /\\[^]|[^]/gu) ?? [];
  const isSeparator = (unit = "") => unit !== "" && separators.includes(unit);
  const isSpace = (unit = "") => isSeparator(unit) && /\s/.test(unit);
  const past = (start: number, test: (unit?: string) => boolean) => {
    let at = start;
    while (at < units.length && test(units[at])) at += 1;
    return at;
  };
  const pastDelimiter = (start: number) => {
    const at = past(start, isSpace);
    const one = isSeparator(units[at]) ? at + 1 : at;
    return past(one, isSpace);
  };
  const fields: string[] = [];
  let at = past(0, isSpace);
  while (fields.length < count - 1 && at < units.length) {
    const end = past(at, (unit) => !isSeparator(unit));
    fields.push(joined(units.slice(at, end)));
    at = pastDelimiter(end);
  }
  // What is one field and its delimiter loses that; more is kept as it is.
  const word = past(at, (unit) => !isSeparator(unit));
  const single = pastDelimiter(word) === units.length;
  let end = single ? word : units.length;
  while (end > at && isSpace(units[end - 1])) end -= 1;
  fields.push(joined(units.slice(at, end)));
  return fields;
}

/** Without the backslashes that protected a character. */
function joined(units: string[]): string {
  return units.map((unit) => /^\\[^]/u.test(unit) ? unit.slice(1) : unit)
    .join("");
}
