// Which processes a pattern means: the part that pgrep and pkill share. Options,
// messages and statuses are those of procps.

import { getpid, type Routine, type SignalName, SIGNALS, write } from "kettle";
import { options, type Usage, usageError } from "./args.ts";
import { commandLine, processes, type ProcessRow } from "./proc.ts";
import { compileRegex, RegexError } from "./regex.ts";

/** What both take. */
export const MATCH_OPTIONS = {
  "-f, --full": "look at the whole command, not only at its name",
  "-x, --exact": "the name must be the pattern, not contain it",
  "-i, --ignore-case": "large and small letters are alike",
  "-v, --inverse": "those that do not match",
  "-n, --newest": "of several the one that began last",
  "-o, --oldest": "of several the one that began first",
  "-P, --parent PIDS": "only children of these",
  "-g, --pgroup GROUPS": "only of these process groups",
  "-c, --count": "tell how many there are",
};

export interface Matches {
  rows: ProcessRow[];
  given: Record<string, string | true | undefined>;
}

/** The processes meant, without the one that asks; null: it has complained, status 2. */
export function* matches(
  args: string[],
  usage: Usage,
): Routine<Matches | null> {
  const { given, operands } = yield* options(args, { ...usage, trouble: 2 });
  const wrong = (message: string) =>
    usageError({ ...usage, trouble: 2 }, message);
  if (operands.length > 1) yield* wrong("only one pattern can be provided");
  const [pattern] = operands;
  const others = given.P !== undefined || given.g !== undefined;
  if (pattern === undefined && !others) {
    yield* wrong("no matching criteria specified");
  }
  const test = tester(pattern ?? "", given);
  if (typeof test === "string") {
    yield* write(2, `${usage.name}: ${test}\n`);
    return null;
  }
  const self = yield* getpid();
  const inverse = given.v !== undefined;
  const rows = (yield* processes()).filter((row) =>
    row.pid !== self && test(row) !== inverse
  );
  return { given, rows: chosen(rows, given) };
}

function tester(
  pattern: string,
  given: Matches["given"],
): ((row: ProcessRow) => boolean) | string {
  let regex: RegExp;
  try {
    const { source } = compileRegex(pattern, {
      extended: true,
      ignoreCase: given.i !== undefined,
    });
    const whole = given.x === undefined ? source : `^(?:${source})$`;
    regex = new RegExp(whole, given.i === undefined ? "u" : "iu");
  } catch (error) {
    if (!(error instanceof RegexError || error instanceof SyntaxError)) {
      throw error;
    }
    return `regex error: ${error.message}`;
  }
  const list = (value: string | true | undefined) =>
    value === undefined ? null : String(value).split(",").map(Number);
  const parents = list(given.P), groups = list(given.g);
  return (row) =>
    regex.test(given.f === undefined ? row.name : commandLine(row)) &&
    (parents === null || parents.includes(row.ppid)) &&
    (groups === null || groups.includes(row.group));
}

function chosen(rows: ProcessRow[], given: Matches["given"]): ProcessRow[] {
  const order = [...rows].sort((a, b) => a.startNs - b.startNs);
  if (given.n !== undefined) return order.slice(-1);
  if (given.o !== undefined) return order.slice(0, 1);
  return rows;
}

/** `KILL`, `sigkill` or `9`; 0 asks only; null: there is no such signal. */
export function signalNamed(word: string): SignalName | 0 | null {
  const name = word.toUpperCase().replace(/^SIG/, "");
  if (name === "0") return 0;
  const found = Object.entries(SIGNALS).find(([signal, number]) =>
    signal === name || String(number) === name
  );
  return found === undefined ? null : found[0] as SignalName;
}
