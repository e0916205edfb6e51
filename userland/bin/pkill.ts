// pkill [-SIGNAL] PATTERN: sends a signal (TERM unless given) to the processes
// whose names match an extended regular expression; status 1 if there are none.

import { kill, print, type Program, SysError, write } from "kettle";
import { MATCH_OPTIONS, matches, signalNamed } from "../lib/process_match.ts";
import { strerror } from "../lib/strerror.ts";

const USAGE = {
  name: "pkill",
  synopsis: "[-SIGNAL] [-efxivnoc] [-P PIDS] [-g GROUPS] [PATTERN]",
  about: "Sends a signal to the processes whose names match a pattern.",
  options: {
    "-e, --echo": "tell who got it",
    "-s, --signal SIGNAL": "which (TERM)",
    ...MATCH_OPTIONS,
  },
};

export default function* main(args: string[]): Program {
  const short = args.find((arg) =>
    /^-(\d+|(SIG)?[A-Z][A-Z0-9]+)$/.test(arg) &&
    signalNamed(arg.slice(1)) !== null
  );
  const rest = args.filter((arg) => arg !== short);
  const found = yield* matches(rest, USAGE);
  if (found === null) return 2;
  const { given, rows } = found;
  const name = String(given.s ?? short?.slice(1) ?? "TERM");
  const signal = signalNamed(name);
  if (signal === null) {
    yield* write(2, `pkill: unknown signal "${name}"\n`);
    return 2;
  }
  if (given.c !== undefined) yield* print(rows.length);
  let sent = 0;
  for (const { pid, name } of rows) {
    try {
      yield* kill(pid, signal);
      sent += 1;
      if (given.e !== undefined) yield* print(`${name} killed (pid ${pid})`);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* write(2, `pkill: killing pid ${pid} failed: ${strerror(error)}\n`);
    }
  }
  return sent > 0 ? 0 : 1;
}
