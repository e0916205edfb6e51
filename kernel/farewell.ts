// The last words of a process: what it left pending, what it built and never
// used, and errors that its program can no longer print by itself. They go to
// its descriptor 2, like anything a program says about itself.

import { CALL, Request } from "./abi.ts";
import { callText } from "./call_text.ts";
import type { OpenFile } from "./file.ts";
import { endProcess, type Process } from "./process.ts";
import { Pushed } from "./queue.ts";
import { Operation } from "./request.ts";
import type { Thread } from "./thread.ts";
import { TRACE } from "./trace.ts";

/** Main has returned: requests still pending are named, and calls never used. */
export function endOfMain(process: Process): void {
  const pending = [...process.submissions.values()].filter((each) =>
    !each.final || each instanceof Pushed
  );
  if (pending.length > 0) printError(process, pendingText(process, pending));
  for (const { site, name, args } of process.program?.leftovers?.() ?? []) {
    printError(
      process,
      `${
        process.siteText(site)
      }  ${name}(${args}) was built but never used. Put yield* in front.`,
    );
  }
}

function pendingText(
  process: Process,
  pending: readonly Operation[],
): string {
  const names = pending.slice(0, 3).map((each) => {
    const door = each instanceof Pushed ? "pushed" : "submitted";
    const at = process.siteText(each.call.site);
    return `${callText(each.call)} ${door}${at === "" ? "" : ` at ${at}`}`;
  });
  if (pending.length > 3) names.push(`and ${pending.length - 3} more`);
  const requests = `${pending.length} request${
    pending.length === 1 ? "" : "s"
  }`;
  const pushed = pending.some((each) => each instanceof Pushed)
    ? " Its callback never ran: main returning ends the program; wait with pause()."
    : " main returning ends the program; take its event with wait().";
  return `${process.name}: ended with ${requests} pending: ${
    names.join(", ")
  }.${pushed}`;
}

/** A thread whose calls cost no time would go on for ever. */
export function hang(thread: Thread): void {
  const { process, machine } = thread;
  const at = process.siteText(thread.frame.call?.site ?? 0);
  printError(
    process,
    `${process.name}: ${
      at === "" ? "it" : at
    } made a million calls and no time passed. Use sleep(), wait() or compute().`,
  );
  machine.emitFor(thread, TRACE.note, 0, 0, 0, "stopped: no time passed");
  endProcess(process, { status: 1 });
}

/** Writes a line to the process's descriptor 2, if it has one. */
export function printError(process: Process, line: string): void {
  const file = process.files.get(2);
  const thread = process.threads.values().next().value;
  if (file === null || thread === undefined || !file.writable) return;
  new LastWords(thread).say(file, new TextEncoder().encode(line + "\n"));
}

/** A write that nobody waits for; it outlives its process. */
class LastWords extends Operation {
  say(file: OpenFile, bytes: Uint8Array): void {
    this.begin(new Request<"write">(CALL.write, 2, bytes));
    this.hold(file);
    file.object.write(this, file, bytes);
  }

  protected override deliver(): void {}
}
