// The fold of the trace into lanes, on a recording whose every time is known.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { ms, poll, type Program, sleep, submit } from "kettle";
import { World } from "kettle/world";
import type { Lane } from "../../web/trace/lane.ts";
import {
  NO_SLICES,
  slicesOf,
  type SliceView,
} from "../../web/trace/slice_columns.ts";
import { type LaneView, TraceModel } from "../../web/trace/trace_model.ts";
import { asText, explain } from "../../web/trace/why.ts";
import { made, RECORDING } from "./made_events.ts";

function folded(): TraceModel {
  const model = new TraceModel();
  model.addAll(RECORDING);
  return model;
}

function lane(model: TraceModel, name: string): Lane {
  const found = [...model.lanes()].find((lane) => lane.name === name);
  assert(found !== undefined, `no lane ${name}`);
  return found;
}

function slices(lane: Lane): [number, number, string][] {
  return lane.list(0, Infinity, 100)
    .map(({ start, end, state }) => [start, end, state]);
}

function views(lane: LaneView | undefined): SliceView[] {
  return [...slicesOf(lane?.slices ?? NO_SLICES)];
}

test("lanes come in the order CPU, threads with their requests, devices", () => {
  const names = [...folded().lanes()].map(({ name }) => name);
  assertEquals(names, ["cpu 0", "main", "#12 read", "other", "disk"]);
});

test("a thread on a CPU runs inside compute and is in the kernel otherwise", () => {
  const found = slices(lane(folded(), "main"));
  assertEquals(found, [
    [0, 1_500, "kernel"],
    [1_500, 1_700, "kernel"],
    [1_700, 7_181_700, "run"],
    [7_181_700, 7_183_200, "kernel"],
    [7_183_200, 8_003_200, "run"],
    [8_003_200, 8_003_400, "kernel"],
  ]);
});

test("a ready thread is queued until it gets the CPU, and waits for what it said", () => {
  const found = slices(lane(folded(), "other"));
  assertEquals(found.map(([start, end, state]) => [start, end, state]), [
    [0, 8_003_400, "ready"],
    [8_003_400, 8_004_900, "kernel"],
    [8_004_900, 8_005_100, "kernel"],
    [8_005_100, 9_005_100, "timer"],
    [9_005_100, 9_006_600, "kernel"],
    [9_006_600, 9_007_800, "callback"],
    [9_007_800, Infinity, "kernel"],
  ]);
});

test("the CPU shows whoever has it, and is empty when nobody has", () => {
  const cpu = lane(folded(), "cpu 0");
  assertEquals(cpu.at(5_000_000)?.label, "main");
  assertEquals(cpu.at(7_182_000)?.state, "kernel");
  assertEquals(cpu.at(8_500_000), null);
  assertEquals(cpu.at(9_005_200)?.label, "other");
});

test("a request is pending under its thread, then an event until it is taken", () => {
  assertEquals(slices(lane(folded(), "#12 read")), [
    [1_700, 7_181_700, "disk"],
    [7_181_700, 8_003_400, "posted"],
  ]);
});

test("the disk shows controller, seek, turn and transfer one after the other", () => {
  assertEquals(slices(lane(folded(), "disk")), [
    [1_700, 161_700, "timer"],
    [161_700, 4_161_700, "seek"],
    [4_161_700, 7_161_700, "turn"],
    [7_161_700, 7_181_700, "transfer"],
  ]);
});

test("what has not happened yet is not shown", () => {
  const model = new TraceModel();
  model.addAll(RECORDING.slice(0, 12));
  const disk = model.view(0, 10_000_000, 1000).find(({ name }) =>
    name === "disk"
  );
  assertEquals(views(disk), []);
  model.now = 1_000_000;
  const [first, second] = views(
    model.view(0, 10_000_000, 1000).find(({ name }) => name === "disk"),
  );
  assertEquals(first?.state, "timer");
  assertEquals([second?.state, second?.end, second?.open], [
    "seek",
    1_000_000,
    true,
  ]);
});

test("slices too small to draw become columns of the state with most time", () => {
  const rows: Parameters<typeof made>[0] = [
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [0, 2, "thread_create", { name: "busy" }],
    [0, 0, "sched_switch", { next: 2, prevState: "", why: "", target: "" }],
  ];
  for (let i = 0; i < 10_000; i++) {
    rows.push([i * 1000, 2, "sys_enter", { call: "nop", site: 0, args: "" }]);
    rows.push([i * 1000 + 200, 2, "sys_exit", { call: "nop", ok: true }]);
    rows.push([i * 1000 + 200, 2, "sys_enter", { call: "compute", args: "" }]);
    rows.push([i * 1000 + 1000, 2, "sys_exit", { call: "compute", ok: true }]);
  }
  const model = new TraceModel();
  model.addAll(made(rows));
  const busy = model.view(0, 10_000_000, 500).find(({ name }) =>
    name === "busy"
  );
  const slices = views(busy);
  assert(slices.length > 0 && slices.length <= 500);
  assert(slices.every(({ state }) => state === "run"));
  assertEquals(slices[0]?.start, 0);
  assert(Math.abs(slices.at(-1)!.end - 10_000_000) < 20_001);
});

test("a thread that ended keeps its lane, and its number can be used again", () => {
  const model = folded();
  model.addAll(
    made([[9_100_000, 2, "thread_create", { name: "again" }]]).map((event) => ({
      ...event,
      seq: model.nextSeq,
    })),
  );
  const names = [...model.lanes()].map(({ name }) => name);
  assertEquals(names.filter((name) => name === "main" || name === "again"), [
    "main",
    "again",
  ]);
  const inView = model.view(9_050_000, 9_200_000, 100).map(({ name }) => name);
  assert(!inView.includes("main"));
});

test("every slice of every lane has a sentence", () => {
  const model = folded();
  for (const { id, kind } of model.lanes()) {
    for (const { start } of model.lane(id)!.list(0, Infinity, 100)) {
      const explanation = explain(model, id, start);
      assert(explanation !== null && explanation.question.endsWith("?"), kind);
      const text = asText(explanation.answer);
      assert(/^\S.*\.$/.test(text), text);
      assert(!/undefined|NaN|Infinity|\.\.| {2}/.test(text), text);
    }
  }
});

test("a thread that is ready is told who has the CPU instead", () => {
  const model = folded();
  const { id } = lane(model, "other");
  const text = asText(explain(model, id, 5_000_000)!.answer);
  assertEquals(
    text,
    "other is ready, and queued for a CPU. Cpu 0 is taken by main. It took 8.00 ms.",
  );
});

test("asked about an empty place, it says why it is empty", () => {
  const model = folded();
  const { id } = lane(model, "cpu 0");
  const text = asText(explain(model, id, 8_500_000)!.answer);
  assertEquals(text, "Cpu 0 was idle: no thread was ready.");
});

test("what an interrupt leaves for later takes the CPU after it, and the thread goes on then", () => {
  const model = new TraceModel();
  model.addAll(made([
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [0, 2, "process_spawn", { ppid: 0, group: 2, name: "main" }],
    [0, 2, "thread_create", { name: "main" }],
    [0, 0, "sched_switch", { next: 2, prevState: "", why: "", target: "" }],
    [100, 2, "sys_enter", { call: "compute", site: 0, args: "9 us" }],
    [1_000, 0, "irq_enter", { costNs: 1_500, device: "eth0" }],
    [1_000, 0, "softirq_enter", { costNs: 1_000, device: "eth0" }],
    [9_000, 2, "sys_exit", { call: "compute", ok: true, result: "" }],
  ]));
  assertEquals(slices(lane(model, "main")).slice(1), [
    [100, 1_000, "run"],
    [1_000, 3_500, "kernel"],
    [3_500, 9_000, "run"],
  ]);
});

test("requests of two processes with one number keep their own rows", () => {
  const world = new World();
  const machine = world.boot();
  const asks = (late: number) =>
    function* asks(): Program {
      const handle = yield* submit(sleep(1 * ms));
      yield* sleep(late);
      yield* poll(handle);
      yield* sleep(20 * ms);
    };
  machine.spawn(asks(3 * ms), [], { name: "first" });
  machine.spawn(asks(6 * ms), [], { name: "second" });
  world.run();
  const model = new TraceModel();
  model.addAll(world.trace.events());
  model.now = world.now;
  const rows = [...model.lanes()].filter(({ kind }) => kind === "request");
  assertEquals(rows.length, 2);
  const ends = rows.map((row) => slices(row).at(-1)![1]);
  assert(ends[0]! < 4 * ms && ends[1]! < 7 * ms, ends.join());
});
