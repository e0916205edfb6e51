// `kettle scenario` as it is typed: the list, one run, a sweep whole and in
// shards, and what it says to words that it does not know.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../host/options.ts";
import { scenarioCommand } from "../../host/scenario_command.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { csv, parseShard, parseSweep } from "../../scenarios/sweep.ts";

const TAX = SCENARIOS.find(({ id }) => id === "tax")!;

/** What it prints, line by line, and its status. */
function typed(...words: string[]): { lines: string[]; status: number } {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(...String(line).split("\n"));
  try {
    const status = scenarioCommand({ given: {}, rest: words });
    return { lines, status };
  } finally {
    console.log = log;
  }
}

const QUICK = ["tax", "--param", "requests=10"];

test("without a name it lists every scenario", () => {
  const { lines, status } = typed();
  assertEquals(status, 0);
  for (const { id } of SCENARIOS) {
    assert(lines.some((line) => line.includes(` ${id} `)), id);
  }
});

test("a run shows the styles side by side, and says whether it came out as expected", () => {
  const { lines, status } = typed(...QUICK);
  assertEquals(status, 0);
  assert(lines.some((line) => /^ +block +submit$/.test(line)));
  assert(lines.some((line) => /^p50 +305\.0 µs +360\.0 µs$/.test(line)));
  assertEquals(lines.at(-1), "As expected.");
});

test("a claim's number does as well as its name, and --param may come twice", () => {
  const line = typed("c8", "--param", "requests=10", "--param", "io=1000");
  assert(line.lines.some((it) => it.includes("io 1000 µs")));
});

test("the shards of a sweep are disjoint, and together are the sweep", () => {
  const sweep = ["--sweep", "io=100..1000/4", "--json"];
  const points = (...more: string[]) =>
    typed(...QUICK, ...sweep, ...more).lines
      .map((line) => JSON.parse(line).params.io as number);
  const whole = points();
  assertEquals(whole, [100, 400, 700, 1000]);
  const parts = [...points("--shard", "0/2"), ...points("--shard", "1/2")];
  assertEquals(parts.sort((a, b) => a - b), whole);
});

test("a sweep in text has a line for each point, and says where the claim holds", () => {
  const { lines } = typed(...QUICK, "--sweep", "io=200,20000");
  assertEquals(lines.length, 3);
  assert(lines[1]!.trimEnd().endsWith("holds"));
  assert(lines[2]!.trimEnd().endsWith("fails"));
});

test("a map shows where in two ranges the claim holds", () => {
  const map = ["--map", "share=2,40 clients=4,32"];
  const quick = ["--param", "threads=4,request=4000,seconds=0.03"];
  const { lines, status } = typed("io-bound", ...quick, ...map);
  assertEquals(status, 0);
  assertEquals(lines.slice(0, 3).map((line) => line.trim()), [
    "clients      2     40  share",
    "4      .      .",
    "32      #      .",
  ]);
});

test("ranges are whole numbers where the parameter is one, each once", () => {
  assertEquals(parseSweep(TAX, "threads=1..4").points, [1, 2, 3, 4]);
  assertEquals(parseSweep(TAX, "threads=1..3/5").points, [1, 2, 3]);
  assertEquals(parseSweep(TAX, "io=5,10").points, [5, 10]);
  assertThrows(() => parseSweep(TAX, "io"), TypeError, "a sweep is");
  assertThrows(() => parseSweep(TAX, "ioo=1..2"), TypeError, '"io"');
  assertThrows(() => parseShard("2/2"), TypeError, "a shard is");
});

test("CSV quotes what has commas, quotes or line ends in it", () => {
  const row = { name: 'a, "b"', value: 1 };
  assertEquals(csv([row]), 'name,value\r\n"a, ""b""",1\r\n');
});

test("unknown names are answered with the nearest", () => {
  const wrong = (sentence: string, ...words: string[]) =>
    assertThrows(() => typed(...words), UsageError, sentence);
  wrong("there is no scenario taxx. Did you mean tax?", "taxx");
  wrong("there is no option --parm. Did you mean --param?", "tax", "--parm=1");
  wrong('no parameter "ioo". The nearest is "io"', "tax", "--param", "ioo=1");
  wrong("--param takes NAME=NUMBER", "tax", "--param", "io=many");
  wrong("--shard needs --sweep", ...QUICK, "--shard", "0/2");
});
