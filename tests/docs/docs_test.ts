// What the pages of docs/ show does what they say: their programs are run as they
// stand there. That their commands are right is checked here by name, and each is
// run in the long run.

import { after, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stopCompiler } from "../../host/compile_native.ts";
import { ASSIGNMENTS } from "../../assignments/catalog.ts";
import { type Assignment, assignment } from "../../grading/mod.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { check, type Scenario } from "../../scenarios/scenario.ts";
import { runScenario } from "../../scenarios/run.ts";
import { gradeText } from "../grading/kit.ts";
import { diesOf, turnsRound } from "../scenarios/trials.ts";
import { blocks, commands } from "./pages.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
// Inside the checkout, where "kettle" can be imported; git ignores it.
mkdirSync(join(ROOT, "artifacts"), { recursive: true });
const directory = mkdtempSync(join(ROOT, "artifacts/page-"));
after(() => rmSync(directory, { recursive: true }));
after(stopCompiler);

/** A module of a page, as if it stood in a room of the house. */
async function imported<T>(source: string, room: string): Promise<T> {
  const path = join(directory, `${room}_${source.length}.ts`);
  const text = source.replaceAll('from "../', 'from "../../')
    .replaceAll('from "./', `from "../../${room}/`);
  writeFileSync(path, text);
  const module = await import(pathToFileURL(path).href);
  return (module as { default: T }).default;
}

const SCENARIO = blocks("scenarios.md", "ts")[0]!;

test("the scenario of docs/scenarios.md holds, on three seeds and with its own numbers", async () => {
  const it = await imported<Scenario>(SCENARIO, "scenarios");
  for (const seed of [1, 2, 3]) {
    check(it, runScenario(it, { params: it.small, seed }));
  }
  check(it, runScenario(it));
  assertEquals(it.holds(runScenario(it)), true);
});

test("it stops being true at its crossover, and its mutants make it fail", async () => {
  const it = await imported<Scenario>(SCENARIO, "scenarios");
  turnsRound(it, 1);
  for (const mutant of it.mutants) diesOf(it, mutant, 1);
});

test("the assignment of docs/grading.md is one a teacher can write in 30 lines, and its program has all points", async () => {
  const [source, program] = blocks("grading.md", "ts");
  assert(source!.trim().split("\n").length <= 30);
  const it = assignment(await imported<Assignment>(source!, "assignments"));
  const { points, of, failures, error } = await gradeText(it, program!, {
    hidden: [7, 8],
  });
  assertEquals({ error, failures, points }, {
    error: "",
    failures: [],
    points: of,
  });
  const wrong = program!.replace("lines.reverse()", "lines.sort()");
  const report = await gradeText(it, wrong);
  assertEquals(report.points, 0);
  assertStringIncludes(report.failures[0]!.expected!, "the lines, line 1");
});

for (const page of ["course.md", "grading.md"]) {
  test(`the commands of docs/${page} name what there is`, () => {
    const wrong = commands(page).map(complaint).filter((it) => it !== "");
    assertEquals(wrong, []);
    assert(commands(page).length > 2);
  });
}

/** What is wrong with a command; "" if nothing is. */
function complaint([command, ...words]: string[]): string {
  const files = words.filter((word) => word.endsWith(".ts"));
  const missing = files.find((file) => !existsSync(join(ROOT, file)));
  if (missing !== undefined) return `there is no ${missing}`;
  if (command === "run" || command === "grade") {
    const known = ASSIGNMENTS.some(({ id }) => id === words[0]);
    const wants = command === "grade" && words.length > 0;
    return wants && !known ? `there is no assignment ${words[0]}` : "";
  }
  if (command !== "scenario") return `what is ${command}?`;
  const it = SCENARIOS.find(({ id }) => id === words[0]);
  if (it === undefined) return `there is no scenario ${words[0]}`;
  const names = words.filter((word) => /^[a-z]+=/.test(word))
    .map((word) => word.split("=")[0]!);
  const unknown = names.find((name) => !(name in it.params));
  return unknown === undefined ? "" : `${it.id} has no parameter ${unknown}`;
}

test("a wrong command would be found", () => {
  assertEquals(
    complaint(["scenario", "tax", "--param", "oi=3"]),
    "tax has no parameter oi",
  );
  assertEquals(complaint(["run", "no.ts"]), "there is no no.ts");
});

test("what the pages link to is there", () => {
  for (const page of ["course.md", "grading.md", "scenarios.md", "model.md"]) {
    const text = readFileSync(join(ROOT, "docs", page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert(existsSync(join(ROOT, "docs", target!)), `${page}: ${target}`);
    }
  }
});
