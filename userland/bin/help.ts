// help [NAME]: twelve things to try first; with a name, the head of that
// program's source, where each says what it does.

import {
  open,
  print,
  type Program,
  readAll,
  readdir,
  SysError,
  text,
} from "kettle";
import { nearest } from "../lib/nearest.ts";

const THINGS = `
  hello                  the first program
  ls /bin                all programs (cat /bin/NAME shows the source)
  cat > a.ts             write a file: type it, end with ^D
  run a.ts               run your program (or ./a.ts)
  figure_block           two reads: stand and watch the kettle
  figure_poll            the same, looking in now and then
  figure_push            the same, waiting for the whistle
  strace hello           every call a program makes
  timeline figure_poll   what waited for what, drawn in letters
  ps                     the processes and what each waits for
  yes | head -n 3        pipes, > and < files, & background, ^C ^Z, fg
  help NAME              what a program does; NAME --help tells its options
`.slice(1);

export default function* main(args: string[]): Program {
  const [name] = args;
  if (name === undefined || name === "--help") {
    yield* print(THINGS);
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
