// The drive is held against what is known of real ones: tables, rates, an
// independent simulator, a formula, a textbook's program. The same figures with
// their references are printed by `deno task oracle`.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_MODEL, type HddModel } from "../../kernel/dev/hdd_model.ts";
import {
  meanSeeks,
  mediaRates,
  modelNamed,
  ostepTable,
  seekSamples,
  sequentialRates,
} from "./drives.ts";
import {
  closedLoop,
  closedLoops,
  POISSON,
  poisson,
  serviceMoments,
} from "./load.ts";
import { isWithin, type Row, rowText } from "./oracle.ts";
import { ostepCases } from "./ostep_cases.ts";
import { ostepOptions, runOstep } from "./ostep_disk.ts";

function hold(rows: readonly Row[]): void {
  const off = rows.filter((row) => !isWithin(row));
  assertEquals(off.map(rowText), []);
}

test("an oracle that is off is found", () => {
  const [row] = mediaRates();
  assert(isWithin(row!));
  assert(!isWithin({ ...row!, measured: row!.reference * 1.01 }));
});

test("seeks take as long as the tables of the real drives say", () => {
  hold([...seekSamples(), ...meanSeeks()]);
});

test("whole tracks, and long reads in order, run at the media rate", () => {
  hold([...mediaRates(), ...sequentialRates()]);
});

test("the two drives of the textbook take the times of its table", () => {
  hold(ostepTable(10_000));
});

test("random reads in a closed loop reach the rates of an independent simulator", () => {
  hold(closedLoops(20_000, [1, 4, 16, 32]));
});

/** The real geometry, with zones, skew and heads. */
const REAL: HddModel[] = [DEFAULT_MODEL, modelNamed("cheetah-9lp")];

test("what must hold between policies holds: SATF ≥ SSTF ≥ C-LOOK, FCFS the same at any depth, C-LOOK starves least", () => {
  for (const model of REAL) {
    const at = (policy: Parameters<typeof closedLoop>[1], depth: number) =>
      closedLoop(model, policy, depth, 6_000);
    const flat = at("fcfs", 1).perSecond;
    for (const depth of [8, 32]) {
      const fcfs = at("fcfs", depth), sstf = at("sstf", depth);
      const satf = at("satf", depth), cLook = at("c-look", depth);
      assert(Math.abs(fcfs.perSecond / flat - 1) < 0.02, model.name);
      assert(satf.perSecond > sstf.perSecond, model.name);
      assert(sstf.perSecond > cLook.perSecond * 0.99, model.name);
      assert(cLook.perSecond > fcfs.perSecond * 1.2, model.name);
      assert(cLook.maxMs < sstf.maxMs && cLook.maxMs < satf.maxMs, model.name);
    }
  }
});

test("deadline lets no read wait much longer than its time, and is no slower than C-LOOK by more than a tenth", () => {
  const deadline = closedLoop(DEFAULT_MODEL, "deadline", 32, 6_000);
  const cLook = closedLoop(DEFAULT_MODEL, "c-look", 32, 6_000);
  assert(deadline.perSecond > cLook.perSecond * 0.9, `${deadline.perSecond}`);
  assert(deadline.maxMs < 1_000, `${deadline.maxMs} ms`);
});

test("one service has the mean and the deviation that the formulas give", () => {
  hold(serviceMoments(100_000));
});

test("Poisson arrivals wait as Pollaczek and Khinchine say", () => {
  hold(
    POISSON.filter(([rate]) => rate < 80)
      .map(([rate, ms]) => poisson(rate, ms, 150_000)),
  );
});

test("disk.py's cases come out to the tick", () => {
  const cases = ostepCases();
  assertEquals(cases.length, 37);
  for (const { args, expected, actual } of cases) {
    assertEquals(actual, expected, args);
  }
});

test("disk.py's odd widths and backward skew come out as there", () => {
  // From runs of the program itself: block, seek, rotate, transfer.
  const runs: [string, number[][]][] = [
    ["-a 76 -S 10 -z 7,11,13", [[76, 4, 331, 10]]],
    [
      "-a 16,25,8 -R 2 -o 1 -z 15,30,45",
      [[16, 0, 18, 7], [25, 0, 56, 7], [8, 0, 54, 7]],
    ],
    [
      "-a 8,49,48 -R 5 -o -2 -w 100 -z 9,24,40",
      [[8, 0, 48, 1], [49, 40, 26, 5], [48, 0, 62, 5]],
    ],
  ];
  for (const [args, expected] of runs) {
    const times = runOstep(ostepOptions(args.split(" ")));
    assertEquals(
      times.map((it) => [it.block, it.seek, it.rotate, it.transfer]),
      expected,
      args,
    );
  }
});

test("disk.py takes any list, and says what is wrong with an option", () => {
  const [first] = runOstep(ostepOptions(["-a", "6", "-R", "3"]));
  assertEquals(first, {
    block: 6,
    seek: 0,
    rotate: 115,
    transfer: 10,
    total: 125,
  });
  const refused = (...args: string[]) =>
    (assertThrows(() => runOstep(ostepOptions(args))) as Error).message;
  assertEquals(
    refused("-a", "7,99"),
    "block 99 is not on the disk: it has 0 to 35",
  );
  assertEquals(
    refused("-a", "7", "-p", "LOOK"),
    "-p is one of FIFO SSTF SATF BSATF: LOOK",
  );
  assertEquals(
    refused("-a", "x"),
    "-a needs whole numbers from 0 on, with commas: x",
  );
  assertEquals(refused("-a", "7", "-S", "0"), "-S needs a number above 0: 0");
  assertEquals(
    refused("-a", "7", "-S", "3"),
    "-S has to divide the distance of two tracks, 40, evenly: 3",
  );
  assertEquals(
    refused("-a", "7", "-w", "0"),
    "-w needs 1 or more, or -1 for all: 0",
  );
  assertEquals(
    refused("-a", "7", "-o", "x"),
    "-o needs a whole number: x",
  );
  assertEquals(refused("-z", "10,20", "-a", "1"), "-z needs three widths");
  assertEquals(refused("-a"), "-a needs a value");
  assertEquals(refused(), "which blocks? for example -a 7,30,8");
});
