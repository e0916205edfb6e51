// The article's figure as worlds: one thread, read (1) from a hard disk, 1 ms of
// work, read (2) from a machine at the other end of a cable, through each door.
// Stated: the file is open, its inode in memory and the socket connected before
// clock zero; the block is the first of /srv/logo as mkfs placed it; the peer
// sends its 512 bytes 300 µs after it has been asked with one byte.

import {
  accept,
  bind,
  type Calls,
  clock,
  compute,
  connect,
  type Event,
  fstat,
  listen,
  ms,
  open,
  pause,
  type Program,
  push,
  read,
  type Routine,
  sleep,
  socket,
  submit,
  us,
  wait,
  write,
} from "kettle";
import { type TraceEvent, World } from "kettle/world";

export const WORK_NS = 1 * ms;
export const PEER_NS = 300 * us;
export const LATENCY_NS = 50 * us;
const PORT = 80;

/** What happened, in ns since clock zero. */
export interface Figure {
  zero: number;
  called1: number;
  returned1: number;
  called2: number;
  returned2: number;
  /** The events (or returns) in the order in which they came. */
  order: number[];
  end: number;
  world: World;
}
type Times = Omit<Figure, "world">;
type Doors = "block" | "poll" | "push";

export function figure(door: Doors): Figure {
  const world = new World({ seed: 1 });
  const machine = world.boot({
    name: "kettle",
    files: { "/srv/logo": "k".repeat(4096) },
  });
  const mirror = world.boot({ name: "mirror" });
  world.cable(machine, mirror, { latencyNs: LATENCY_NS });
  mirror.spawn(peer);
  const times: Times = {
    zero: 0,
    called1: 0,
    returned1: 0,
    called2: 0,
    returned2: 0,
    order: [],
    end: 0,
  };
  const process = machine.spawn(PROGRAMS[door](times), [], { name: door });
  const { reason, report } = world.run({ until: process });
  if (process.exit === null || process.stderr !== "") {
    throw new Error(`${reason} ${report} ${process.stderr}`);
  }
  world.run();
  return { ...times, world };
}

/** The machine at the other end: one question, one answer. */
function* peer(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: PORT });
  yield* listen(listener);
  const fd = yield* accept(listener);
  yield* read(fd, 1);
  yield* sleep(PEER_NS);
  yield* write(fd, new Uint8Array(512));
  yield* read(fd, 1); // until the other closes
}

/** Everything before clock zero. */
function* prepare(): Routine<[number, number]> {
  const file = yield* open("/srv/logo");
  yield* fstat(file);
  const wire = yield* socket();
  yield* sleep(1 * ms); // the peer listens by now
  yield* connect(wire, { host: "mirror", port: PORT });
  yield* sleep({ until: 104 * ms });
  return [file, wire];
}

const PROGRAMS: Record<Doors, (t: Times) => () => Program> = {
  block: (t) =>
    function* block(): Program {
      const [file, wire] = yield* prepare();
      t.zero = yield* clock();
      t.called1 = 0;
      yield* read(file, 4096);
      t.returned1 = (yield* clock()) - t.zero;
      t.order.push(1);
      yield* compute(WORK_NS);
      yield* write(wire, "?");
      t.called2 = (yield* clock()) - t.zero;
      yield* read(wire, 512);
      t.order.push(2);
      t.returned2 = t.end = (yield* clock()) - t.zero;
    },
  poll: (t) =>
    function* poll(): Program {
      const [file, wire] = yield* prepare();
      t.zero = yield* clock();
      yield* submit(read(file, 4096), { tag: 1 });
      t.called1 = (yield* clock()) - t.zero;
      yield* compute(WORK_NS);
      yield* write(wire, "?");
      yield* submit(read(wire, 512), { tag: 2 });
      t.called2 = (yield* clock()) - t.zero;
      for (let pending = 2; pending > 0;) {
        for (const event of yield* wait()) {
          pending--;
          note(t, event);
        }
      }
      t.end = (yield* clock()) - t.zero;
    },
  push: (t) =>
    function* pushed(): Program {
      const [file, wire] = yield* prepare();
      t.zero = yield* clock();
      const came = (event: Event<"read">) => note(t, event);
      yield* push(read(file, 4096), { tag: 1 }, came);
      t.called1 = (yield* clock()) - t.zero;
      yield* compute(WORK_NS);
      yield* write(wire, "?");
      yield* push(read(wire, 512), { tag: 2 }, came);
      t.called2 = (yield* clock()) - t.zero;
      while (t.order.length < 2) yield* pause();
      t.end = (yield* clock()) - t.zero;
    },
};

function note(t: Times, event: Event<keyof Calls>): void {
  t.order.push(event.tag as number);
  if (event.tag === 1) t.returned1 = event.at - t.zero;
  else t.returned2 = event.at - t.zero;
}

/** The disk's part of read (1), from the trace: when it began, and its phases. */
export function diskPart(
  { world, zero }: Figure,
): { startedAt: number; serviceNs: number; phases: number[] } {
  const starts = [...world.trace.events()].filter((event) =>
    event.kind === "block_start" && event.at >= zero && event.machine === 0
  ) as (TraceEvent & { phases: string })[];
  const [overhead, seek, settle, rotate, transfer] = starts[0]!.phases.split(
    " ",
  )
    .map(Number) as [number, number, number, number, number];
  const phases = [overhead, seek, settle, rotate, transfer];
  return {
    startedAt: starts[0]!.at - zero,
    serviceNs: phases.reduce((sum, ns) => sum + ns, 0),
    phases,
  };
}

/** What happened on the first machine from clock zero on, one line an event. */
export function goldenTrace({ world, zero, end }: Figure): string {
  const lines: string[] = [];
  for (const event of world.trace.events()) {
    const at = event.at - zero;
    if (event.machine !== 0 || at < 0 || at > end) continue;
    const { seq: _seq, at: _at, machine: _machine, kind, cpu: _cpu, ...rest } =
      event;
    const fields = Object.entries(rest).map(([name, value]) =>
      `${name}=${String(value)}`
    );
    lines.push(`${String(at).padStart(8)} ${kind} ${fields.join(" ")}`);
  }
  return lines.join("\n") + "\n";
}
