// `kettle grade` as it is called: lists, tasks, reports, statuses; and programs that
// attack the process that grades them.

import { after, test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Report } from "../../grading/grade.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = join(ROOT, "host/cli.ts");
// Inside the checkout, where "kettle/grading" can be imported; git ignores it.
mkdirSync(join(ROOT, "artifacts"), { recursive: true });
const directory = mkdtempSync(join(ROOT, "artifacts/grade-"));
after(() => rmSync(directory, { recursive: true }));

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

function kettle(...args: string[]): Promise<Finished> {
  const engine = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const child = spawn(process.execPath, [...engine, CLI, ...args], {
    cwd: ROOT,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => output.stdout += String(data));
  child.stderr.on("data", (data) => output.stderr += String(data));
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...output }));
  });
}

function file(name: string, source: string): string {
  const path = join(directory, name);
  writeFileSync(path, source);
  return path;
}

const OWN = file(
  "greet_assignment.ts",
  `import { assignment, goal, sameText } from "kettle/grading";
export default assignment({
  id: "greet",
  title: "Greet",
  text: "Print hello and the word you are given.",
  world: (seed) => ({ args: ["w" + seed] }),
  invariants: [],
  goals: [goal(2, {
    name: "the greeting",
    check: (run) =>
      sameText(run.stdout, "hello w" + run.seed + "\\n", "the greeting"),
  })],
  seeds: [1],
  budget: { timeNs: 1e9 },
});
`,
);
const GREET = `import { print } from "kettle";
import { hello } from "./hello.ts";
export default function* main([word]: string[]) {
  yield* print(hello + " " + word);
}
`;
file("hello.ts", `export const hello = "hello";\n`);
const RIGHT = file("greet.ts", GREET);
const SEEDS = file("seeds.txt", "7, 8 # and no more\n9\n");

test("without a program it shows what is to be done, without an assignment what there is", async () => {
  const list = await kettle("grade");
  assertEquals(list.status, 0);
  assertStringIncludes(list.stdout, "safe-save");
  const task = await kettle("grade", "safe-save");
  assertStringIncludes(task.stdout, "The power may go at any instant.");
  assertStringIncludes(task.stdout, "   4  what it said stays");
  const typo = await kettle("grade", "save-safe", "x.ts");
  assertEquals(typo.status, 2);
  assertStringIncludes(typo.stderr, "there is no assignment save-safe");
});

test("an assignment in a file, a program that imports, hidden seeds: all points, status 0", async () => {
  const { status, stdout } = await kettle(
    "grade",
    "--seeds",
    SEEDS,
    OWN,
    RIGHT,
  );
  assertEquals(status, 0);
  assertStringIncludes(stdout, "Greet: greet.ts\n\n  2 of 2 points");
  assertStringIncludes(stdout, "4 runs: seed 1, and 3 hidden.");
});

test("options may come last; a report in JSON; status 1 for fewer points", async () => {
  const wrong = file("wrong.ts", GREET.replace(`" "`, `"_"`));
  const { status, stdout } = await kettle("grade", OWN, wrong, "--json");
  assertEquals(status, 1);
  const report = JSON.parse(stdout) as Report;
  assertEquals([report.points, report.of], [0, 2]);
  assertEquals(
    report.failures[0]!.expected,
    'the greeting, line 1: "hello w1"',
  );
  assertStringIncludes(report.failures[0]!.seen!, 'line 1: "hello_w1"');
});

test("a program that is not there is a sentence, and no report", async () => {
  const { status, stderr } = await kettle("grade", OWN, "nowhere.ts");
  assertEquals(status, 2);
  assertEquals(stderr, "kettle grade: nowhere.ts: no such file\n");
});

test("who changes the engine that judges has no points", async () => {
  const cheat = file(
    "cheat.ts",
    `import { print } from "kettle";
export default function* main() {
  Array.prototype.some = () => false;
  String.prototype.split = function () { return []; };
  yield* print("x");
}
`,
  );
  const { status, stdout } = await kettle("grade", OWN, cheat);
  assertEquals(status, 1);
  assertStringIncludes(stdout, "0 of 2 points");
  assertStringIncludes(stdout, "it changes Array.prototype.some of the engine");
});

test("who never comes back is ended after a while of real time, and reported", async () => {
  const stuck = file(
    "stuck.ts",
    `import { print } from "kettle";
export default function* main() {
  yield* print(String(/^(a+)+$/.test("a".repeat(40) + "b")));
}
`,
  );
  const { status, stdout } = await kettle(
    "grade",
    OWN,
    stuck,
    "--patience",
    "1500ms",
  );
  assertEquals(status, 1);
  assertStringIncludes(stdout, "Seed 1 took more than 1500ms of your computer");
});
