// kill [-SIGNAL] PID…: sends a signal (TERM unless given) to processes, or with
// a negative number to a whole group. -l lists the signals.

import {
  kill,
  print,
  type Program,
  type SignalName,
  SIGNALS,
  SysError,
  write,
} from "kettle";

const USAGE = "usage: kill [-s SIGNAL | -SIGNAL] PID…\n       kill -l\n";

export default function* main(args: string[]): Program {
  const [first = ""] = args;
  if (args.length === 0 || first === "--help") {
    yield* write(first === "" ? 2 : 1, USAGE);
    return first === "" ? 2 : 0;
  }
  if (first === "-l") return yield* list();
  const { signal, targets } = parsed(args);
  if (signal === null) {
    yield* write(2, `kill: ${first}: no such signal\n`);
    return 1;
  }
  let status = 0;
  for (const target of targets) {
    try {
      if (!/^-?\d+$/.test(target)) throw "arguments must be process ids";
      yield* kill(Number(target), signal);
    } catch (error) {
      const why = error instanceof SysError ? error.code : error;
      yield* write(2, `kill: ${target}: ${why}\n`);
      status = 1;
    }
  }
  return status;
}

function* list(): Program {
  for (const [name, number] of Object.entries(SIGNALS)) {
    yield* print(`${String(number).padStart(2)} ${name}`);
  }
}

/** Which signal, to whom; the shell's own kill uses this, too. */
export function parsed(args: string[]) {
  const [first = "", second = "", ...rest] = args;
  const separate = first === "-s" || first === "-n";
  const option = /^-[A-Za-z0-9]/.test(first);
  const name = separate ? second : option ? first.slice(1) : "TERM";
  let targets = separate ? rest : option ? args.slice(1) : args;
  if (targets[0] === "--") targets = targets.slice(1);
  return { signal: signalOf(name), targets };
}

function signalOf(word: string): SignalName | 0 | null {
  const name = word.toUpperCase().replace(/^SIG/, "");
  if (name === "0") return 0;
  const found = Object.entries(SIGNALS).find(([signal, number]) =>
    signal === name || String(number) === name
  );
  return found === undefined ? null : found[0] as SignalName;
}
