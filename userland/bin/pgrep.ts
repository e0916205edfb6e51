// pgrep PATTERN: the numbers of the processes whose names match an extended
// regular expression; status 1 if there are none.

import { print, type Program } from "kettle";
import { commandLine } from "../lib/proc.ts";
import { MATCH_OPTIONS, matches } from "../lib/process_match.ts";

const USAGE = {
  name: "pgrep",
  synopsis: "[-flaxivnoc] [-P PIDS] [-g GROUPS] [-d TEXT] [PATTERN]",
  about: "Tells the numbers of the processes whose names match a pattern.",
  options: {
    "-l, --list-name": "the name, too",
    "-a, --list-full": "the whole command, too",
    "-d, --delimiter TEXT": "what stands between two numbers",
    ...MATCH_OPTIONS,
  },
};

export default function* main(args: string[]): Program {
  const found = yield* matches(args, USAGE);
  if (found === null) return 2;
  const { given, rows } = found;
  if (given.c !== undefined) yield* print(rows.length);
  else if (rows.length > 0) {
    const lines = rows.map((row) =>
      given.a !== undefined
        ? `${row.pid} ${commandLine(row)}`
        : given.l !== undefined
        ? `${row.pid} ${row.name}`
        : String(row.pid)
    );
    yield* print(lines.join(given.d === undefined ? "\n" : String(given.d)));
  }
  return rows.length > 0 ? 0 : 1;
}
