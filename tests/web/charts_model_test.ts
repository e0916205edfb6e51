// What the charts draw, from made events whose every time is known, and from a
// real run against what the machine itself has counted.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import { CHARTS, rate } from "../../web/panels/chart_kinds.ts";
import { ChartsModel } from "../../web/panels/charts_model.ts";
import { Level, percentile, Samples } from "../../web/panels/series.ts";
import { Accounting } from "../../kernel/accounting.ts";
import { made } from "./made_events.ts";
import { randomWorld } from "./random_world.ts";

const switchTo = (next: number, prevState = "", why = "") => ({
  next,
  prevState,
  why,
  target: "",
});

function modelOf(rows: Parameters<typeof made>[0]): ChartsModel {
  const model = new ChartsModel();
  for (const event of made(rows)) model.add(event);
  return model;
}

test("a level is averaged over the time it lasted", () => {
  const level = new Level();
  level.set(10, 4);
  level.set(20, 0);
  assertEquals(level.over(0, 40), { mean: 1, most: 4 });
  assertEquals(level.over(15, 20), { mean: 4, most: 4 });
  assertEquals(level.over(20, 30), { mean: 0, most: 0 });
  assertEquals(level.partAt(4, 0, 20), 0.5);
});

test("samples of a span are those from its beginning to before its end", () => {
  const samples = new Samples();
  for (let at = 0; at < 10; at++) samples.add(at * 10, at);
  assertEquals(samples.within(20, 40), [2, 3]);
  assertEquals([samples.count(0, 100), samples.sum(20, 40)], [10, 5]);
  assertEquals(percentile([1, 2, 3, 4], 0.5), 2);
  assertEquals(percentile([1, 2, 3, 4], 0.99), 4);
  assertEquals(percentile([], 0.5), null);
});

test("a call that waited for the disk is a latency from its entry to its return", () => {
  const model = modelOf([
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [1_000, 2, "sys_enter", { call: "read", site: 0, args: "3, 4096" }],
    [1_200, 2, "sched_switch", switchTo(0, "waiting", "disk")],
    [9_000, 2, "sched_wakeup"],
    [9_000, 0, "sched_switch", switchTo(2)],
    [11_000, 2, "sys_exit", { call: "read", ok: true, result: "4096" }],
    [12_000, 2, "sys_enter", { call: "sleep", site: 0, args: "5" }],
    [12_200, 2, "sched_switch", switchTo(0, "waiting", "timer")],
    [19_000, 2, "sys_exit", { call: "sleep", ok: true, result: "0" }],
  ]);
  const view = model.view(0, 96_000, 96_000);
  assertEquals(view.overall, {
    count: 1,
    p50: 10_000,
    p95: 10_000,
    p99: 10_000,
  });
  assertEquals(view.latency.p50[11], 10_000);
  assertEquals(view.latency.p50[10], null);
  assertEquals(view.histogram, [{ fromNs: 8192, count: 1 }]);
});

test("a submitted request is a latency, and pending until it is done", () => {
  const model = modelOf([
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [1_000, 2, "request_submit", {
      id: 7,
      call: "read",
      door: "submit",
      args: "3, 10",
    }],
    [2_000, 2, "request_submit", {
      id: 8,
      call: "sleep",
      door: "submit",
      args: "5",
    }],
    [4_000, 2, "request_complete", { id: 7, ok: true, result: "10" }],
    [5_000, 2, "request_complete", { id: 8, ok: true, result: "0" }],
  ]);
  const view = model.view(0, 96_000, 6_000);
  assertEquals(view.pending.slice(0, 7), [0, 1, 2, 2, 1, 0, null]);
  assertEquals(view.overall.count, 1);
});

test("what an interrupt takes from a thread is not its work", () => {
  const model = modelOf([
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [0, 0, "sched_switch", switchTo(2)],
    [2_000, 0, "irq_enter", { costNs: 500, device: "hda" }],
    [2_000, 0, "irq_exit", { device: "hda" }],
    [4_000, 2, "sched_switch", switchTo(0, "waiting", "disk")],
    [6_000, 0, "irq_enter", { costNs: 500, device: "hda" }],
    [6_000, 0, "irq_exit", { device: "hda" }],
  ]);
  const { busy, interrupt, idle } = model.view(0, 96_000, 96_000);
  assertEquals([busy[1], interrupt[1], idle[1]], [100, 0, 0]);
  assertEquals([busy[2], interrupt[2], idle[2]], [50, 50, 0]);
  assertEquals([busy[6], interrupt[6], idle[6]], [0, 50, 50]);
});

test("on real runs CPU time is what the machine itself accounts for", () => {
  for (let seed = 1; seed <= 3; seed++) {
    let sums!: Accounting;
    const { world } = randomWorld(seed, { cpus: 2 }, (machine) => {
      sums = new Accounting(machine);
    });
    world.run({ until: () => world.now > 40_000_000 });
    const model = new ChartsModel();
    for (const event of world.trace.events()) model.add(event);
    const { busy, interrupt, idle } = model.view(0, world.now, world.now);
    const mean = (line: (number | null)[]) =>
      line.reduce<number>((sum, value) => sum + value!, 0) / line.length;
    const { cpus } = sums.update();
    const part = (of: (cpu: typeof cpus[0]) => number) =>
      100 * cpus.reduce((sum, cpu) => sum + of(cpu), 0) / (2 * world.now);
    const irq = part((cpu) => cpu.irqNs + cpu.softirqNs);
    const work = part((cpu) => cpu.userNs + cpu.systemNs);
    assertAlmostEquals(mean(interrupt), irq, 0.001, `seed ${seed}`);
    assertAlmostEquals(mean(busy), work, 0.001, `seed ${seed}`);
    assert(work > 1, `${work} %`);
    assertAlmostEquals(mean(busy) + mean(interrupt) + mean(idle), 100, 1e-6);
  }
});

test("each chart says in a sentence what it shows, also when there is nothing", () => {
  const empty = new ChartsModel().view(0, 1_000, 1_000);
  for (const { sentence } of CHARTS) {
    assert(sentence(empty).endsWith("."), sentence(empty));
  }
  const full = modelOf([
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [10, 0, "net_tx", {
      cable: 0,
      bytes: 1_500,
      arriveNs: 20,
      info: "a>b ACK",
    }],
  ]).view(0, 1_000_000, 1_000_000);
  const network = CHARTS.find(({ id }) => id === "network")!;
  assertEquals(
    network.sentence(full),
    "The card sent 12.0 Mb/s and received 0 b/s on average.",
  );
  assertEquals([rate(999), rate(1_500), rate(2.5e9)], [
    "999 b/s",
    "1.50 kb/s",
    "2.50 Gb/s",
  ]);
});
