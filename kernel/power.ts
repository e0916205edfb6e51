// The power of a machine goes, at any nanosecond, and comes back. Off: every
// process, thread, request, socket and timer is gone without a word, whatever it
// was doing, and no program runs another line; the drive leaves on its platter
// what had passed the head. On: see Machine, which boots from the same platter.
//
// It is no exit: nobody is told, nothing is closed, flushed or given back.

import type { Machine } from "./kernel.ts";
import type { Process } from "./process.ts";
import { EXITED, type Frame, type Thread } from "./thread.ts";
import { TRACE } from "./trace.ts";

/** The power is gone. */
export function loseEverything(machine: Machine): void {
  machine.network.powerOff();
  machine.files.powerOff();
  for (const process of machine.processes.values()) loseProcess(process);
  machine.processes.clear();
  machine.openFiles.clear();
  machine.objects.clear();
  machine.timers = 0;
  for (const cpu of machine.cpus) cpu.powerOff();
  machine.emit(TRACE.machine_off);
  machine.world.machineIsOff(machine);
}

function loseProcess(process: Process): void {
  for (const thread of process.threads.values()) loseThread(thread);
  for (const submission of process.submissions.values()) submission.vanish();
  process.lost = !process.zombie;
}

/** Its generators are dropped where they stand: no `finally` runs. */
function loseThread(thread: Thread): void {
  let frame: Frame | null = thread.frame;
  for (; frame !== null; frame = frame.below) {
    frame.take?.leave();
    frame.take = null;
    frame.vanish();
    frame.routine = null;
  }
  thread.state = EXITED;
  thread.callbacks = null;
  thread.pendingSignals = 0;
}
