// What the command line prints about a run that is over: its calls, its
// timeline, its trace for Perfetto, and why it did not end. Reads the trace and
// nothing else; the lines are those of the machine's own strace and timeline.

import type { World } from "../kernel/world.ts";
import { CallLog } from "../userland/lib/call_log.ts";
import { Lanes } from "../userland/lib/lanes.ts";
import type { TraceEvent } from "../userland/lib/trace.ts";

/** The calls of a process and of those it started, as strace prints them. */
export function straceText(world: World, pid: number): string {
  const log = new CallLog(pid, { follow: true, times: false });
  let lines = "";
  for (const event of firstMachine(world)) lines += log.add(event);
  return lines;
}

/** What its threads, the CPU and the devices did, in letters. */
export function timelineText(
  world: World,
  pid: number,
  columns: number,
): string {
  const lanes = new Lanes(pid, 0);
  const end = endOf(world, pid);
  for (const event of firstMachine(world)) {
    if (event.at > end) break;
    lanes.add(event);
  }
  return lanes.draw(columns);
}

/** When the process ended; now, if it has not. */
function endOf(world: World, pid: number): number {
  for (const event of firstMachine(world)) {
    if (event.kind === "process_exit" && event.pid === pid) return event.at;
  }
  return world.now;
}

/** The events of the machine with the console, and of its cables. */
function* firstMachine(world: World): Generator<TraceEvent> {
  for (const event of world.trace.events()) {
    if (event.machine === 0) yield event as unknown as TraceEvent;
  }
}

/** What the threads of the first machine wait for, when nothing more will come. */
export function waitingText(world: World): string {
  const lines: string[] = [];
  for (const process of world.machines[0]!.processes.values()) {
    for (const thread of process.threads.values()) {
      const operation = thread.waitsFor;
      if (operation === null) continue;
      const at = process.siteText(operation.call.site);
      lines.push(
        `${process.name} waits in ${operation.call.name}${
          at === "" ? "" : ` at ${at}`
        }, and nothing is left that could wake it.`,
      );
    }
  }
  return lines.join("\n");
}
