// kill [-SIGNAL] PID…: sends a signal (TERM unless given) to processes, or with
// a negative number to a whole group. -l lists the signals, or says a signal's
// number or a number's signal.

import {
  kill,
  print,
  type Program,
  type SignalName,
  SIGNALS,
  SysError,
  write,
} from "kettle";
import { helpText } from "../lib/args.ts";
import { signalNamed } from "../lib/process_match.ts";
import { strerror } from "../lib/strerror.ts";

const USAGE = {
  name: "kill",
  synopsis: "[-s SIGNAL | -SIGNAL] PID…",
  about: "Sends a signal to processes, or with -PID to a whole group.",
  options: {
    "-s, --signal SIGNAL": "which, by name or number (TERM); 0 only asks",
    "-l, --list [SIGNAL]": "the signals there are; or one's number, or name",
    "-L, --table": "the signals with their numbers",
  },
};

export default function* main(args: string[]): Program {
  const [first = ""] = args;
  if (args.length === 0 || first === "--help") {
    yield* write(first === "" ? 2 : 1, helpText(USAGE));
    return first === "" ? 1 : 0;
  }
  if (/^(-l|-L|--list|--table)$/.test(first)) {
    return yield* list(args.slice(1), /^-(L|-table)$/.test(first));
  }
  const { signal, targets } = parsed(args);
  if (signal === null) {
    yield* write(2, `kill: ${first}: no such signal\n`);
    return 1;
  }
  if (targets.length === 0) {
    yield* write(2, "kill: not enough arguments\n");
    return 1;
  }
  let status = 0;
  for (const target of targets) {
    const why = yield* send(target, signal);
    if (why === null) continue;
    yield* write(2, `kill: (${target}): ${why}\n`);
    status = 1;
  }
  return status;
}

/** Why it could not be sent; null: it was. */
function* send(target: string, signal: SignalName | 0) {
  if (!/^-?\d+$/.test(target)) return "arguments must be process ids";
  try {
    yield* kill(Number(target), signal);
    return null;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return strerror(error);
  }
}

function* list(words: string[], numbers: boolean): Program {
  const all = Object.entries(SIGNALS);
  if (words.length === 0) {
    const names = all.map(([name, number]) =>
      numbers ? `${String(number).padStart(2)} ${name}` : name
    );
    yield* print(names.join(numbers ? "\n" : " "));
    return 0;
  }
  let status = 0;
  for (const word of words) {
    // An exit status of 128 + n, as shells report it, means signal n, too.
    const number = Number(word) > 128 ? Number(word) - 128 : word;
    const signal = signalNamed(String(number));
    if (signal === null || signal === 0) {
      yield* write(2, `kill: ${word}: no such signal\n`);
      status = 1;
    } else yield* print(/^\d+$/.test(word) ? signal : SIGNALS[signal]);
  }
  return status;
}

/** Which signal, to whom; the shell's own kill uses this, too. */
export function parsed(args: string[]) {
  const [first = "", second = "", ...rest] = args;
  const separate = first === "-s" || first === "-n" || first === "--signal";
  const option = /^-[A-Za-z0-9]/.test(first);
  const name = separate ? second : option ? first.slice(1) : "TERM";
  let targets = separate ? rest : option ? args.slice(1) : args;
  if (targets[0] === "--") targets = targets.slice(1);
  return { signal: signalNamed(name), targets };
}
