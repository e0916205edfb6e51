// ps: the processes of this machine, one a line: number, parent, state (R runs or
// could, S sleeps, T is stopped, Z ended and was not waited for), CPU time, what
// it waits for, name.

import { open, print, type Program, readAll, text } from "kettle";
import { options } from "../lib/args.ts";

interface ProcessRow {
  pid: number;
  ppid: number;
  name: string;
  state: string;
  waits: string;
  cpuNs: number;
  threads: number;
}

export default function* main(args: string[]): Program {
  yield* options(args, {
    name: "ps",
    synopsis: "",
    about: "Lists the processes of this machine and what each waits for.",
    options: { "-e": "nothing: all are shown", "-f": "nothing: full already" },
  });
  const fd = yield* open("/proc/processes");
  const lines = text(yield* readAll(fd)).split("\n").filter((line) => line);
  const rows = lines.map((line) => JSON.parse(line) as ProcessRow);
  yield* print("  PID  PPID ST THR      CPU ms  NAME            WAITS FOR");
  for (const row of rows) yield* print(shown(row).trimEnd());
}

function shown(row: ProcessRow): string {
  const cells = [
    String(row.pid).padStart(5),
    String(row.ppid).padStart(5),
    row.state.padEnd(2),
    String(row.threads).padStart(3),
    (row.cpuNs / 1_000_000).toFixed(3).padStart(11) + " ",
    row.name.padEnd(15),
    row.waits,
  ];
  return cells.join(" ");
}
