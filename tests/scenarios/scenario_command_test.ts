// `kettle scenario` as it is typed: the list, one run, a sweep and a map by one job
// or several, whole or in shards that are merged, and what it says to words that it
// does not know.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UsageError } from "../../host/options.ts";
import { scenarioCommand } from "../../host/scenario_command.ts";
import { runPoints } from "../../host/scenario_jobs.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { valuesOf } from "../../scenarios/scenario.ts";
import { csv, parseShard, parseSweep } from "../../scenarios/sweep.ts";

const TAX = SCENARIOS.find(({ id }) => id === "tax")!;

/** What it prints, and its status. */
async function typed(
  ...words: string[]
): Promise<
  { text: string; lines: string[]; errors: string[]; status: number }
> {
  const printed: string[] = [], errors: string[] = [];
  const status = await scenarioCommand({ given: {}, rest: words }, {
    print: (text) => void printed.push(text),
    complain: (text) => void errors.push(text),
  });
  const text = printed.join("\n");
  return { text, lines: text.split("\n"), errors, status };
}

const QUICK = ["tax", "--param", "requests=10"];

test("without a name it lists every scenario", async () => {
  const { lines, status } = await typed();
  assertEquals(status, 0);
  for (const { id } of SCENARIOS) {
    assert(lines.some((line) => line.includes(` ${id} `)), id);
  }
});

test("a run shows the styles side by side, and says whether it came out as expected", async () => {
  const { lines, status } = await typed(...QUICK);
  assertEquals(status, 0);
  assert(lines.some((line) => /^ +block +submit$/.test(line)));
  assert(lines.some((line) => /^p50 +305\.0 µs +360\.0 µs$/.test(line)));
  assertEquals(lines.at(-1), "As expected.");
});

test("a claim's number does as well as its name, and --param may come twice", async () => {
  const line = await typed(
    "c8",
    "--param",
    "requests=10",
    "--param",
    "io=1000",
  );
  assert(line.lines.some((it) => it.includes("io 1000 µs")));
});

test("a sweep in text has a line for each point, and says where the claim holds", async () => {
  const { lines } = await typed(
    ...QUICK,
    "--sweep",
    "io=200,20000",
    "--jobs",
    "1",
  );
  assertEquals(lines.length, 3);
  assert(lines[1]!.trimEnd().endsWith("holds"));
  assert(lines[2]!.trimEnd().endsWith("fails"));
});

test("a map shows where in two ranges the claim holds, and who answers most", async () => {
  const map = ["--map", "share=2,40 clients=4,32"];
  const quick = ["--param", "threads=4,request=4000,seconds=0.03"];
  const { lines, status } = await typed(
    "io-bound",
    ...quick,
    ...map,
    "--jobs",
    "1",
  );
  assertEquals(status, 0);
  assertEquals(lines.slice(0, 3).map((line) => line.trim()), [
    "clients      2     40  share",
    "4     .=     .=",
    "32     #s     .=",
  ]);
});

test("a third range gives a map for each of its values", async () => {
  const words = ["tax", "--param", "requests=10", "--jobs", "1"];
  const map = ["--map", "io=200,20000 tax=0,60 threads=1,2"];
  const { lines } = await typed(...words, ...map);
  assertEquals(lines, [
    "threads 1",
    "       tax    200  20000  io",
    "         0     .=     .=",
    "        60     #b     .=",
    "",
    "threads 2",
    "       tax    200  20000  io",
    "         0     .=     .=",
    "        60     #b     .=",
    "",
    "# the claim holds   . it does not   ? not what the scenario expects",
    "and who answers most: b block   s submit   = nobody",
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

test("unknown names are answered with the nearest", async () => {
  const wrong = (sentence: string, ...words: string[]) =>
    assertRejects(() => typed(...words), UsageError, sentence);
  await wrong("there is no scenario taxx. Did you mean tax?", "taxx");
  await wrong("no option --parm. Did you mean --param?", "tax", "--parm=1");
  await wrong('"ioo". The nearest is "io"', "tax", "--param", "ioo=1");
  await wrong("--param takes NAME=NUMBER", "tax", "--param", "io=many");
  await wrong("--shard needs --sweep or --map", ...QUICK, "--shard", "0/2");
  await wrong(
    "--jobs takes at least 1",
    ...QUICK,
    "--sweep",
    "io=1,2",
    "--jobs",
    "0",
  );
  await wrong(
    "give one",
    "tax",
    "--sweep",
    "io=1,2",
    "--map",
    "io=1,2 tax=1,2",
  );
  await wrong("merge takes the files", "merge");
});

// ------------------------------------------------------------- jobs and shards

const SWEEP = [
  "full-queue",
  "--param",
  "seconds=0.1",
  "--sweep",
  "rate=100..300/3",
];
const MAP = [
  "tax",
  "--param",
  "requests=10",
  "--map",
  "io=200,20000 threads=1,2",
];
const FORMATS = [[], ["--json"], ["--csv"]];

test("several jobs print what one prints, to the byte", async () => {
  for (const words of [SWEEP, MAP]) {
    const one = await typed(...words, "--jobs", "1");
    assertEquals(await typed(...words, "--jobs", "2"), one);
  }
});

test("what goes wrong in a worker is told", async () => {
  const it = SCENARIOS.find(({ id }) => id === "tax")!;
  const points = [{ ...valuesOf(it, {}), requests: -1 }];
  const results = runPoints(it, points, { seed: 1, jobs: 2 });
  await assertRejects(() => results.next(), Error, "requests goes from 10");
});

/** Its shards, as files in a folder of their own. */
async function shardsOf(words: string[], of: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "kettle-shards-"));
  const names: string[] = [];
  for (let index = 0; index < of; index++) {
    const shard = ["--shard", `${index}/${of}`, "--json", "--jobs", "1"];
    const name = join(folder, `${index}.json`);
    writeFileSync(name, (await typed(...words, ...shard)).text + "\n");
    names.push(name);
  }
  return names;
}

test("shards are merged to what the whole prints, to the byte, whatever their order", async () => {
  for (const words of [SWEEP, MAP]) {
    const files = await shardsOf(words, 2);
    for (const format of FORMATS) {
      const whole = await typed(...words, ...format, "--jobs", "1");
      assertEquals(await typed("merge", ...format, ...files.reverse()), whole);
    }
  }
});

test("shards that do not fit together are refused with a sentence", async () => {
  const [a = "", b = ""] = await shardsOf(SWEEP, 2);
  const refused = async (sentence: string, ...files: string[]) => {
    const { errors, status, lines } = await typed("merge", ...files);
    assert(errors.join().includes(sentence), errors.join());
    assertEquals([status, lines], [1, [""]]);
  };
  await refused("of 2 shards 1 is missing: 1/2", a);
  await refused("are both shard 0/2", a, a);
  const [c = ""] = await shardsOf([...SWEEP, "--seed", "2"], 2);
  await refused("is of another sweep", c, b);
  const [d = ""] = await shardsOf(SWEEP, 3);
  await refused("is one of 3 shards", b, d);
  await refused("there is no such file", a, "/nosuch.json");
  const text = readFileSync(b, "utf8");
  writeFileSync(b, text.slice(0, 400));
  await refused("line 2: it is no JSON, or was cut off", a, b);
  writeFileSync(b, text.split("\n")[0]!);
  await refused("has 0 of its 1 points", a, b);
  writeFileSync(b, text.replace('"rate":200', '"rate":201'));
  await refused("line 2: it is not of this shard", a, b);
  writeFileSync(b, "{}");
  await refused("is no shard of a sweep", a, b);
});
