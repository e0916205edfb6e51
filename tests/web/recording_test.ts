// What the page's recording adds to the fold: the line of a call, what happened
// in a slice, what a span holds, that a program is with the compiler, and that
// lanes begin where the trace does.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { compute, ms, nop, type Program, sleep, spawn, us } from "kettle";
import { World } from "kettle/world";
import { Recording } from "../../web/runner/recording.ts";
import { asText } from "../../web/trace/why.ts";

type Options = ConstructorParameters<typeof World>[0];

function recordingOf(
  program: () => Program,
  options: Options = {},
  files: Record<string, string> = {},
): { recording: Recording; world: World } {
  const world = new World(options);
  const machine = world.boot({ files });
  const recording = new Recording(world, machine);
  machine.spawn(program, [], { name: "main" });
  for (let ms = 1; world.run({ untilNs: ms * 1e6 }).reason === "until"; ms++) {
    recording.fold(); // as it does while time passes
  }
  recording.view = {
    kind: "view",
    fromNs: 0,
    toNs: Math.max(1, world.now),
    columns: 100,
  };
  return { recording, world };
}

function laneIdOf(recording: Recording, name: string): string {
  const lane = recording.slices()!.lanes.find((each) => each.name === name);
  assert(lane !== undefined, name);
  return lane.id;
}

test("a chosen slice comes with its events, a slice that is only looked at does not", () => {
  const { recording } = recordingOf(function* (): Program {
    yield* compute(1 * ms);
    yield* sleep(1 * ms);
  });
  const id = laneIdOf(recording, "main");
  const at = 1_500 * us;
  const looked = recording.explain(id, at)!;
  const chosen = recording.explain(id, at, "select")!;
  assertEquals(looked.events, []);
  assertEquals(chosen.answer, looked.answer);
  assert(chosen.events.some(({ text }) => text.startsWith("sched_switch")));
  assert(
    chosen.events.every(({ at }) => at >= chosen.start && at <= chosen.end),
  );
});

test("more events than a list can hold are counted", () => {
  const { recording } = recordingOf(function* (): Program {
    for (let i = 0; i < 5; i++) yield* nop();
    yield* compute(10 * ms);
  });
  const id = laneIdOf(recording, "cpu 0");
  const all = recording.measure(0, Infinity, null).events;
  const { events, moreEvents } = recording.explain(id, 5 * ms, "select")!;
  assert(events.length + moreEvents <= all);
  assertEquals(moreEvents, 0);
});

test("a span is measured: its events, and how long a lane was in each state", () => {
  const { recording, world } = recordingOf(function* (): Program {
    yield* compute(3 * ms);
    yield* sleep(1 * ms);
  });
  const id = laneIdOf(recording, "main");
  const { events, shares } = recording.measure(0, world.now + 1, id);
  assertEquals(events, world.trace.length);
  assertEquals(shares[0], { state: "run", ns: 3 * ms });
  assertEquals(shares[1]?.state, "timer");
  const half = recording.measure(1 * ms, 2 * ms, id);
  assertEquals(half, {
    fromNs: 1 * ms,
    toNs: 2 * ms,
    events: 0,
    shares: [{ state: "run", ns: 1 * ms }],
  });
});

test("a step leads to the slice before, after or nearest", () => {
  const { recording, world } = recordingOf(function* (): Program {
    yield* compute(1 * ms);
    yield* sleep(1 * ms);
    yield* compute(1 * ms);
  });
  const id = laneIdOf(recording, "main");
  const middle = recording.explain(id, 1_500 * us)!;
  const after = recording.explain(id, middle.end, "select", 1)!;
  const before = recording.explain(id, middle.start, "select", -1)!;
  assertEquals(after.start, middle.end);
  assertEquals(before.end, middle.start);
  const late = recording.explain(id, world.now + 5 * ms, "select", "near")!;
  assert(late.start >= after.start && late.end <= world.now);
});

test("whoever starts a program that is with the compiler waits for no time at all, and is told so", () => {
  const { recording, world } = recordingOf(
    function* (): Program {
      yield* spawn("/home/new.ts", []);
    },
    { programs: { load: () => null } },
    { "/home/new.ts": "// new" },
  );
  assertEquals(world.run().reason, "host");
  const id = laneIdOf(recording, "main");
  const text = asText(recording.explain(id, world.now)!.answer);
  assertMatch(text, /^The compiler has \/home\/new\.ts, which main starts\./);
});

test("where the trace has dropped its oldest events, lanes begin later and say so", () => {
  const { recording, world } = recordingOf(function* (): Program {
    for (let i = 0; i < 60_000; i++) yield* nop();
  }, { traceBytesMax: 1 });
  assert(world.trace.firstSeq > 0);
  const { lost } = recording.slices()!;
  assertMatch(lost, /^What happened before \d.* is no longer kept/);
  const id = laneIdOf(recording, "main");
  const text = asText(recording.explain(id, 1)!.answer);
  assert(text.includes("no longer kept"), text);
  const last = recording.explain(id, world.now, "select", "near")!;
  assert(last.end > last.start);
});
