// Along the flow: from a submit to its request, from there to who takes it, and
// from who wakes to who is woken.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  compute,
  ms,
  open,
  pipe,
  type Program,
  push,
  read,
  type Routine,
  sleep,
  submit,
  thread,
  us,
  wait,
  write,
} from "kettle";
import { run } from "kettle/world";
import type { Lane } from "../../web/trace/lane.ts";
import { TraceModel } from "../../web/trace/trace_model.ts";
import { explain, type Explanation } from "../../web/trace/why.ts";

function modelOf(program: () => Program): TraceModel {
  const files = { "/f": "x".repeat(5000) };
  const { world, reason } = run(program, { machine: { files } });
  assertEquals(reason, "done");
  const model = new TraceModel();
  model.addAll(world.trace.events());
  model.now = world.now;
  return model;
}

function laneOf(model: TraceModel, wanted: (lane: Lane) => boolean): Lane {
  const found = [...model.lanes()].find(wanted);
  assert(found !== undefined);
  return found;
}

function told(model: TraceModel, lane: Lane, state: string): Explanation {
  const slice = lane.list(0, Infinity, 1000).find((each) =>
    each.state === state
  );
  assert(slice !== undefined, `${lane.name} is never ${state}`);
  return explain(model, lane.id, slice.start)!;
}

test("a request comes from its submit and goes to the thread that takes its event", () => {
  const model = modelOf(function* (): Program {
    const fd = yield* open("/f", "r");
    const handle = yield* submit(read(fd, 100));
    yield* compute(30 * ms);
    yield* wait(handle);
  });
  const request = laneOf(model, ({ kind }) => kind === "request");
  const main = laneOf(model, ({ kind }) => kind === "thread");
  const pending = told(model, request, "disk");
  assertEquals(pending.origin?.laneId, main.id);
  assertEquals(pending.origin?.at, pending.start - 1);
  const posted = told(model, request, "posted");
  assertEquals(posted.goal?.laneId, main.id);
  assertEquals(posted.goal?.at, posted.end);
  assertEquals(pending.arrows[0], {
    fromLane: main.id,
    fromNs: pending.start,
    toLane: request.id,
    toNs: pending.start,
  });
});

test("a thread that waits for the disk goes on when the disk is done", () => {
  const model = modelOf(function* (): Program {
    const fd = yield* open("/f", "r");
    yield* read(fd, 100);
  });
  const main = laneOf(model, ({ kind }) => kind === "thread");
  const disk = laneOf(model, ({ kind }) => kind === "disk");
  const waits = told(model, main, "disk");
  assertEquals(waits.goal?.laneId, disk.id);
  const transfer = explain(model, disk.id, waits.goal!.at)!;
  assert(transfer.end === waits.end, "the disk ends when the wait does");
  assertEquals(transfer.goal?.laneId, main.id);
});

test("who writes into a pipe is where the one who read it comes from", () => {
  const model = modelOf(function* (): Program {
    const [from, to] = yield* pipe();
    yield* thread(function* (): Routine {
      yield* sleep(50 * us);
      yield* write(to, "x");
    });
    yield* read(from, 1);
  });
  const [main, other] = [...model.lanes()].filter(({ kind }) =>
    kind === "thread"
  ) as [Lane, Lane];
  const waits = told(model, main, "event");
  assertEquals(waits.goal?.laneId, other.id);
  assert(waits.goal!.words.startsWith("ended by"));
  const ready = explain(model, main.id, waits.end)!;
  assertEquals(ready.origin?.laneId, other.id);
});

test("a callback's arrow leads from its request to the thread it interrupts", () => {
  const model = modelOf(function* (): Program {
    yield* push(sleep(40 * us), function* () {
      yield* compute(5 * us);
    });
    yield* compute(100 * us);
  });
  const request = laneOf(model, ({ kind }) => kind === "request");
  const main = laneOf(model, ({ kind }) => kind === "thread");
  const callback = told(model, main, "callback");
  assert(
    callback.arrows.some(({ fromLane, toLane }) =>
      fromLane === request.id && toLane === main.id
    ),
  );
  assertEquals(callback.origin?.laneId, request.id);
});

test("along the flow one comes from any slice to another moment, and never in a circle without time", () => {
  const model = modelOf(function* (): Program {
    const fd = yield* open("/f", "r");
    yield* submit(read(fd, 100));
    yield* wait();
    yield* read(fd, 4000);
  });
  for (const lane of model.lanes()) {
    for (const slice of lane.list(0, Infinity, 1000)) {
      const { origin, goal } = explain(model, lane.id, slice.start)!;
      for (const place of [origin, goal]) {
        if (place === null) continue;
        const there = explain(model, place.laneId, place.at);
        assert(there !== null && there.end > there.start, place.words);
        const isSame = place.laneId === lane.id && there.start === slice.start;
        assert(!isSame, `${lane.name} at ${slice.start}: ${place.words}`);
      }
    }
  }
});
