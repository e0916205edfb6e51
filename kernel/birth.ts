// How a process comes to be: its memory taken, its number given, its main
// thread ready to run a program. Who asks for it (spawn, exec, the host) is not
// known here.

import type { Runnable } from "./image.ts";
import { WEIGHT_DEFAULT } from "./params.ts";
import { Process } from "./process.ts";
import type { Thread } from "./thread.ts";
import { TRACE } from "./trace.ts";

/** A process with its first thread's memory, or null when there is none left. */
export function makeProcess(
  parent: Process,
  name: string,
  { group, args }: { group: number; args: readonly string[] },
): Process | null {
  const { machine } = parent;
  if (!machine.memory.takeProcess()) return null;
  if (!machine.memory.takeStack()) {
    machine.memory.freeProcess();
    return null;
  }
  machine.memory.freeStack();
  const process = new Process(machine, machine.newPid(), parent, name, group);
  process.args = args;
  machine.processes.set(process.pid, process);
  machine.counters.memoryIs(machine.memory.usedBytes);
  machine.emitProcess(
    process,
    TRACE.process_spawn,
    parent.pid,
    process.group,
    0,
    name,
  );
  return process;
}

/** Gives the process its main thread, ready to run the program; mask and weight are those of whoever asked for it. */
export function runIn(
  process: Process,
  runnable: Runnable,
  { mask = 0, weight = WEIGHT_DEFAULT } = {},
): Thread {
  process.program = runnable.program;
  takeNotes(process);
  const thread = process.machine.newThread(process, process.name, weight)!;
  thread.mask = mask;
  thread.start = () => runnable.main([...process.args]);
  process.machine.ready(thread);
  return thread;
}

/** What the loader and the program note goes into the trace, free of time. */
function takeNotes(process: Process): void {
  const { program, machine } = process;
  const note = (text: string) =>
    machine.emitProcess(process, TRACE.note, 0, 0, 0, text);
  for (const text of program?.notes ?? []) note(text);
  program?.onNote?.(note);
}
