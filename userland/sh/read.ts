// read [-r] NAME…: one line of standard input, split into variables. Takes not a
// byte more than the line, so that the next command finds the rest.

import { readLine, type Routine } from "kettle";
import type { Shell } from "./shell.ts";

export function* readBuiltin(
  shell: Shell,
  args: string[],
): Routine<number> {
  const raw = args[0] === "-r";
  const names = raw ? args.slice(1) : args;
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined || names.length === 0) {
    yield* shell.complain(
      bad === undefined ? "read: name missing" : `read: ${bad}: bad name`,
    );
    return 2;
  }
  const { line, ended } = yield* logicalLine(shell, raw);
  const separators = shell.get("IFS") ?? " \t\n";
  const fields = splitLine(line, names.length, separators, raw);
  for (const [index, name] of names.entries()) {
    shell.set(name, fields[index] ?? "");
  }
  return ended ? 1 : 0;
}

/** A line; unless raw, a backslash at its end joins the next. */
function* logicalLine(
  shell: Shell,
  raw: boolean,
): Routine<{ line: string; ended: boolean }> {
  let line = "";
  while (true) {
    const next = yield* readLine(shell.descriptor(0));
    if (next === null) return { line, ended: true };
    line += next;
    if (raw || !/(?:^|[^\\])(?:\\\\)*\\$/.test(next)) {
      return { line, ended: false };
    }
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
  let at = 0;
  const skipSpace = () => {
    while (isSpace(units[at])) at += 1;
  };
  const fields: string[] = [];
  skipSpace();
  while (fields.length < count - 1 && at < units.length) {
    const start = at;
    while (at < units.length && !isSeparator(units[at])) at += 1;
    fields.push(joined(units.slice(start, at)));
    skipSpace();
    if (isSeparator(units[at])) at += 1;
    skipSpace();
  }
  let end = units.length;
  while (end > at && isSpace(units[end - 1])) end -= 1;
  fields.push(joined(units.slice(at, end)));
  return fields;
}

/** Without the backslashes that protected a character. */
function joined(units: string[]): string {
  return units.map((unit) => /^\\[^]/u.test(unit) ? unit.slice(1) : unit)
    .join("");
}
