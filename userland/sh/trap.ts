// Traps: what the shell does when a signal comes or when it ends. The handler
// only notes the signal; the trap's commands run between two commands.

import { type Routine, sigaction, type SignalName, SIGNALS } from "kettle";
import type { Shell } from "./shell.ts";

type RunText = (shell: Shell, source: string) => Routine<number>;

/** INT, SIGINT, 2 or EXIT, 0; null for what is no signal. */
export function signalName(word: string): SignalName | "EXIT" | null {
  const name = word.toUpperCase().replace(/^SIG/, "");
  if (name === "EXIT" || name === "0") return "EXIT";
  for (const [signal, number] of Object.entries(SIGNALS)) {
    if (signal === name || String(number) === name) return signal as SignalName;
  }
  return null;
}

/** Sets, ignores (empty text) or resets (null) a trap. */
export function* setTrap(
  shell: Shell,
  signal: SignalName | "EXIT",
  action: string | null,
): Routine {
  if (action === null) shell.traps.delete(signal);
  else shell.traps.set(signal, action);
  if (signal === "EXIT") return;
  if (action === "") yield* sigaction(signal, "ign");
  else if (action !== null) {
    yield* sigaction(signal, { fn: () => void shell.pending.push(signal) });
  } else if (shell.interactive && signal === "INT") {
    yield* interruptOnInt(shell);
  } else yield* sigaction(signal, "dfl");
}

/** ^C in an interactive shell: give up what is being run. */
export function* interruptOnInt(shell: Shell): Routine {
  yield* sigaction("INT", { fn: () => void (shell.interrupted = true) });
}

/** Runs the traps of the signals that have come. `$?` is as before. */
export function* runTraps(shell: Shell, runText: RunText): Routine {
  while (shell.pending.length > 0) {
    const action = shell.traps.get(shell.pending.shift()!);
    if (action === undefined || action === "") continue;
    const { status } = shell;
    yield* runText(shell, action);
    shell.status = status;
  }
}

/** The EXIT trap, once; it may itself say `exit n`. */
export function* runExitTrap(shell: Shell, runText: RunText): Routine {
  const action = shell.traps.get("EXIT");
  shell.traps.delete("EXIT");
  if (action !== undefined && action !== "") yield* runText(shell, action);
}
