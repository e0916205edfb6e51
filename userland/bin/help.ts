// help [NAME]: twelve things to try first; with a name, the head of that
// program's source, where each says what it does.

import {
  isatty,
  open,
  print,
  type Program,
  readAll,
  readdir,
  SysError,
  text,
  ttymode,
} from "kettle";
import { nearest } from "../lib/nearest.ts";

const THINGS = [
  ["hello", "the first program (cat /bin/hello shows it)"],
  ["ls /bin", "all programs: source you can read and change"],
  ["edit hello.ts", "change a program of yours"],
  ["run hello.ts", "compile it and run it (or ./hello.ts)"],
  ["figure_block", "two reads: stand and watch the kettle"],
  ["figure_poll", "the same, looking in at times; or figure_push"],
  ["strace hello", "every call a program makes"],
  ["timeline figure_poll", "what waited for what, drawn in letters"],
  ["ps", "the processes and what each waits for; or top"],
  ["ping -c 3 www", "a machine 75 ms away; or curl http://www/"],
  ["yes | head -n 3", "pipes, > and < files, & background, ^C ^Z, fg"],
  ["man kettle", "the manual: man ls, man -k WORD; or help NAME"],
] as const;
const COMMAND_COLUMNS = 23;
/** So wide is the widest row. */
const ROW_COLUMNS = 2 + COMMAND_COLUMNS +
  Math.max(...THINGS.map(([, what]) => what.length));

/** A row for each thing; two where a row is not wide enough. */
function rows(columns: number): string {
  return THINGS.map(([command, what]) =>
    columns < ROW_COLUMNS
      ? `${command}\n  ${what}\n`
      : `  ${command.padEnd(COMMAND_COLUMNS)}${what}\n`
  ).join("");
}

export default function* main(args: string[]): Program {
  const [name] = args;
  if (name === undefined || name === "--help") {
    const isTerminal = yield* isatty(1);
    yield* print(rows(isTerminal ? (yield* ttymode(1)).columns : Infinity));
    return 0;
  }
  try {
    const source = text(yield* readAll(yield* open(`/bin/${name}`)));
    const [head = ""] = source.split(/\n(?!\/\/)/);
    yield* print(head.replace(/^\/\/ ?/gm, ""));
    return 0;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const names = (yield* readdir("/bin")).map((entry) => entry.name);
    const near = nearest(name, names);
    const hint = near === null ? "" : `; the nearest is ${near}`;
    yield* print(`There is no program called ${name}${hint}.`);
    return 1;
  }
}
