// What a trace of packets has to show of every connection, whatever was done to
// it: nobody sends a byte that the other end has not said it has room for. It
// knows headers as the trace keeps them, and nothing of the kernel.

import { assert } from "@std/assert";
import type { TraceEvent } from "../../kernel/trace.ts";

export function assertWindowsKept(events: Iterable<TraceEvent>): void {
  /** "from:port>to:port" → the first number that `from` has no leave to send. */
  const ends = new Map<string, number>();
  /** The same → the window in the SYN that asked `from`. */
  const asked = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== "net_tx" || event.fromPort === 0) continue;
    const { info, fromPort, toPort, sequence, acknowledgement } = event;
    const [hosts, what] = info.split(" ") as [string, string];
    const [from, to] = hosts.split(">");
    const own = `${from}:${fromPort}>${to}:${toPort}`;
    const other = `${to}:${toPort}>${from}:${fromPort}`;
    if (what.includes("RST")) continue;
    if (what === "SYN") {
      ends.delete(other); // a new connection, and nothing acknowledged
      asked.set(other, event.window);
      continue;
    }
    if (what === "SYN+ACK" && asked.has(own)) {
      ends.set(own, sequence + 1 + asked.get(own)!);
    }
    const bytes = /^\d+$/.test(what) ? Number(what) : 0;
    const end = ends.get(own);
    const isKept = bytes === 0 || end === undefined || sequence + bytes <= end;
    assert(isKept, `${info} at ${event.at}: ${sequence + bytes} of ${end}`);
    const opens = acknowledgement + event.window;
    ends.set(other, Math.max(ends.get(other) ?? 0, opens));
  }
}
