// Waiting for whichever descriptor comes first, with the request `ready` and a
// queue: what select and poll are in Unix. The kernel knows no such call, and
// nothing here reads or writes.

import {
  cancel,
  type Event,
  poll,
  type Queue,
  queue,
  ready,
  type Routine,
  submit,
  wait,
} from "kettle";

/** Descriptors: `in` to read from, `out` to write to. */
export interface Descriptors {
  in: number[];
  out: number[];
}

/**
 * Waits until a descriptor is ready and tells all that are. Both lists are
 * empty when the time limit has passed; 0 only looks. EBADF if one is not open.
 */
export function* select(
  watched: Partial<Descriptors>,
  { timeoutNs = -1 }: { timeoutNs?: number } = {},
): Routine<Descriptors> {
  const events = yield* queue({ capacity: 65_536 });
  try {
    for (const what of ["in", "out"] as const) {
      for (const fd of watched[what] ?? []) {
        yield* submit(ready(fd, what), { queue: events, tag: what });
      }
    }
    const came = yield* take(events, timeoutNs);
    return { in: readyOf(came, "in"), out: readyOf(came, "out") };
  } finally {
    yield* cancel(events);
    yield* poll(events); // what was withdrawn says so
  }
}

function* take(events: Queue, timeoutNs: number): Routine<Event[]> {
  if (timeoutNs === 0) return yield* poll(events);
  if (timeoutNs < 0) return yield* wait(events);
  return yield* wait(events, { timeout: timeoutNs });
}

/** In the order in which they got ready. */
function readyOf(events: Event[], what: string): number[] {
  const found: number[] = [];
  for (const event of events) {
    if (event.tag !== what || event.call !== "ready") continue;
    if (!event.ok) throw event.error;
    found.push(event.fd);
  }
  return found;
}
