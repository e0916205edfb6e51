// Reading the kernel's trace from /proc: JSON lines of events, a few at a time,
// in order. What the events mean is for those who ask; see the kernel's trace.

import { open, read, type Routine, text } from "kettle";

/** An event; which other fields it has depends on its kind. */
export interface TraceEvent {
  seq: number;
  /** Virtual ns. */
  at: number;
  cpu: number;
  pid: number;
  tid: number;
  kind: string;
  [field: string]: unknown;
}

/** Takes the events of one open trace file. */
export class TraceReader {
  #rest = "";
  /** Read already, but later than was asked for. */
  #early: TraceEvent[] = [];

  constructor(readonly fd: number) {}

  /** Everything recorded since the last time. */
  *take(): Routine<TraceEvent[]> {
    const events: TraceEvent[] = [];
    while (true) {
      const more = yield* this.some();
      if (more.length === 0) return events;
      events.push(...more);
    }
  }

  /** What was recorded up to a time: reading is itself traced, so there is no other end. */
  *until(endNs: number): Routine<TraceEvent[]> {
    const events = this.#early;
    this.#early = [];
    while (true) {
      const some = yield* this.some();
      const late = some.findIndex(({ at }) => at > endNs);
      events.push(...late < 0 ? some : some.slice(0, late));
      if (late >= 0) this.#early = some.slice(late);
      if (late >= 0 || some.length === 0) return events;
    }
  }

  /** Hands over what was recorded up to a time, without keeping it. */
  *each(endNs: number, body: (event: TraceEvent) => void): Routine {
    while (true) {
      const some = yield* this.some();
      for (const event of some) if (event.at <= endNs) body(event);
      if (some.length === 0 || some.at(-1)!.at > endNs) return;
    }
  }

  /** Some of the new events; none if there is nothing new. */
  *some(): Routine<TraceEvent[]> {
    while (true) {
      const chunk = yield* read(this.fd, 65_536);
      if (chunk.length === 0) return [];
      const lines = (this.#rest + text(chunk)).split("\n");
      this.#rest = lines.pop()!;
      if (lines.length > 0) {
        return lines.map((line) => JSON.parse(line) as TraceEvent);
      }
    }
  }
}

/** The trace of the whole machine, from now on. */
export function* openTrace(): Routine<TraceReader> {
  return new TraceReader(yield* open("/proc/trace_pipe"));
}

/** How a process ended, as its exit event says: `exited with 0`. */
export function endingText(event: TraceEvent): string {
  const { signal, status } = event;
  return signal ? `killed by SIG${signal}` : `exited with ${status}`;
}
