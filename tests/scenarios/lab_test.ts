// Scenarios as data for a page: steps that can be left, the same results as a run
// at once, curves and maps that grow, and files that a browser's worker can load.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import {
  curveSteps,
  figuresOf,
  labSteps,
  mapSteps,
  quickOf,
  slidersOf,
} from "../../scenarios/lab.ts";
import { parseMap } from "../../scenarios/map.ts";
import { last, runScenario, scenarioSteps } from "../../scenarios/run.ts";
import { valuesOf } from "../../scenarios/scenario.ts";
import { parseSweep } from "../../scenarios/sweep.ts";

const named = (id: string) => SCENARIOS.find((it) => it.id === id)!;
const TAX = named("tax"), PATIENCE = named("patience");

test("a run in steps comes to what a run at once comes to, and its progress only grows", () => {
  for (const id of ["patience", "one-per-cpu", "many-clients"]) {
    const it = named(id), options = { params: it.small, seed: 5 };
    const shares: number[] = [];
    const steps = scenarioSteps(it, options, 100);
    for (;;) {
      const { done, value } = steps.next();
      if (done) {
        assertEquals(value, runScenario(it, options), id);
        break;
      }
      shares.push(value.share);
    }
    assert(shares.length > 1, id);
    assertEquals(shares, [...shares].sort((a, b) => a - b), id);
    assert(shares.every((share) => share >= 0 && share <= 1), id);
  }
});

test("a run over time has every request in one window, and p99 among its quantiles", () => {
  const result = last(labSteps(PATIENCE, { params: PATIENCE.small }));
  for (
    const { series, requests, ok, timedOut, latency } of Object.values(
      result.styles,
    )
  ) {
    const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
    assertEquals(sum(series!.began), requests);
    assertEquals(sum(series!.ok), ok);
    assertEquals(sum(series!.timedOut), timedOut);
    assertEquals(series!.quantilesNs[99], latency.p99Ns);
  }
});

test("each slider goes over the parameter's range, and knows whole numbers and powers of ten", () => {
  const sliders = slidersOf(named("many-clients"));
  const threads = sliders.find(({ name }) => name === "threads")!;
  assertEquals([threads.min, threads.value, threads.max], [1, 8, 1024]);
  assert(threads.isWhole && threads.isLog);
  for (const it of SCENARIOS) valuesOf(it, quickOf(it, {}));
});

test("a curve grows point by point, one line a style", () => {
  const sweep = parseSweep(TAX, "io=200,5000,20000");
  const known: number[] = [];
  const steps = curveSteps(TAX, sweep, { params: { requests: 10 } });
  for (;;) {
    const { done, value } = steps.next();
    if (!done) {
      known.push(value.curve.points.length);
      continue;
    }
    assertEquals(value.points, [200, 5000, 20_000]);
    assertEquals(value.holds, [true, true, false]);
    assertEquals(value.expected, [true, true, true]);
    const [block, submit] = value.lines;
    assertEquals(block!.figures.p50, [0.305, 5.105, 20.105]);
    assertEquals(submit!.figures.p50, [0.36, 5.16, 20.16]);
    assert(value.crossoverAt! > 5000 && value.crossoverAt! < 20_000);
    break;
  }
  assertEquals([...new Set(known)].filter((points) => points > 0), [1, 2, 3]);
});

test("a map's cell says whether the claim holds, and who answers more", () => {
  const it = named("io-bound");
  const map = parseMap(it, "share=2,40 clients=4,32");
  const params = { threads: 4, request: 4000, seconds: 0.03 };
  const { cells } = last(mapSteps(it, map, { params }));
  assertEquals(cells.map((row) => row.map(({ holds }) => holds)), [
    [false, false],
    [true, false],
  ]);
  assertEquals(cells[1]![0]!.best, "submit");
  assert(cells.flat().every(({ expected }) => expected));
});

test("figures have names of their own, and leave out what says nothing", () => {
  for (const id of ["tax", "pause", "interrupted"]) {
    const it = named(id);
    const names = figuresOf(runScenario(it, { params: it.small, trace: false }))
      .map(({ name }) => name);
    assertEquals(new Set(names).size, names.length);
    assertEquals(names.includes("p99"), id === "tax");
  }
});

test("no scenario needs anything that a browser's worker has not", () => {
  const room = join(import.meta.dirname!, "../../scenarios");
  for (const file of readdirSync(room)) {
    const source = readFileSync(join(room, file), "utf8");
    assert(
      !/from "(node:|npm:|jsr:|@)|\b(Deno|process|document)\./.test(source),
      file,
    );
  }
});
