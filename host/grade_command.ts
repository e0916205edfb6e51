// `kettle grade`: lists the assignments; shows one; grades a program. The program
// runs in a process of its own, so that nothing it does, not even taking all memory
// or never coming back, keeps the report from being written. Its status is 0 for all
// points, 1 for fewer. How grading goes is in grading/.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ASSIGNMENTS } from "../assignments/catalog.ts";
import {
  type Assignment,
  assignment,
  AssignmentError,
} from "../grading/assignment.ts";
import { grade, type Report, unjudged } from "../grading/grade.ts";
import {
  assignmentsText,
  assignmentText,
  lookAt,
  reportText,
} from "../grading/report.ts";
import { nearest } from "../userland/lib/nearest.ts";
import { compileNative } from "./compile_native.ts";
import { DiskFiles } from "./disk_files.ts";
import { readImage } from "./image.ts";
import { Loader } from "./loader.ts";
import {
  type CommandLine,
  duration,
  type OptionTable,
  readOptions,
  UsageError,
} from "./options.ts";

export const GRADE_OPTIONS: OptionTable = {
  seeds: { value: "FILE", about: "hidden seeds as well, whole numbers" },
  reveal: { about: "for the teacher: show hidden seeds, and what was seen" },
  json: { about: "the report as one line of JSON" },
  page: {
    value: "URL",
    about: "where links open (http://localhost:8000/, deno task start)",
  },
  patience: {
    value: "TIME",
    about: "real time that one run may take (60s)",
  },
};
/** For the process that does it. */
const INSIDE: OptionTable = {
  ...GRADE_OPTIONS,
  inside: { about: "prints what happens, a line of JSON each" },
};

const NOT_ALL = 1, NOT_FOUND = 2;

export async function gradeCommand(
  { given: before, rest: [name, ...words] }: CommandLine,
): Promise<number> {
  if (name === undefined) {
    console.log(assignmentsText(ASSIGNMENTS, "deno task kettle grade"));
    return 0;
  }
  const it = await assignmentNamed(name);
  const { given, rest } = readOptions(words, INSIDE);
  const own = { ...before, ...given };
  const [file, ...more] = rest;
  if (file === undefined) {
    console.log(assignmentText(it));
    return 0;
  }
  const after = readOptions(more, INSIDE);
  if (after.rest.length > 0) {
    throw new UsageError(
      `grade takes one program: ${after.rest[0]} is left over`,
    );
  }
  return await gradeFile(it, name, file, { ...own, ...after.given });
}

type Given = CommandLine["given"];

async function gradeFile(
  it: Assignment,
  name: string,
  file: string,
  given: Given,
): Promise<number> {
  const hidden = given.seeds === undefined
    ? []
    : readSeeds(String(given.seeds));
  const program = readProgram(file);
  if (program === null) {
    console.error(`kettle grade: ${file}: no such file`);
    return NOT_FOUND;
  }
  if (given.inside) {
    return await gradeInside(it, program, { hidden, given });
  }
  const error = { text: "" };
  const report = await gradeOutside([name, file], given, error) ??
    await unjudged(it, program, { hidden, error: error.text });
  const page = String(given.page ?? "http://localhost:8000/");
  console.log(
    given.json ? JSON.stringify(report) : reportText(report, lookAt(page)),
  );
  return report.points === report.of ? 0 : NOT_ALL;
}

// ------------------------------------------------------------- what is given

async function assignmentNamed(name: string): Promise<Assignment> {
  const found = ASSIGNMENTS.find(({ id }) => id === name);
  if (found !== undefined) return found;
  if (name.endsWith(".ts")) return await importAssignment(name);
  const near = nearest(name, ASSIGNMENTS.map(({ id }) => id));
  const hint = near === null
    ? "kettle grade lists them"
    : `Did you mean ${near}?`;
  throw new UsageError(`there is no assignment ${name}. ${hint}`);
}

async function importAssignment(file: string): Promise<Assignment> {
  try {
    const module = await import(pathToFileURL(resolve(file)).href);
    if (typeof module.default !== "object") {
      throw new TypeError("it has no export default assignment({ … })");
    }
    return assignment(module.default);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

/** Whole numbers with anything between them; from # to the end of a line is a remark. */
function readSeeds(file: string): number[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--seeds ${file}: ${(error as Error).message}`);
  }
  const words = text.replace(/#.*$/gm, "").split(/[\s,]+/).filter(Boolean);
  return words.map((word) => {
    if (/^\d+$/.test(word) && Number.isSafeInteger(Number(word))) {
      return Number(word);
    }
    throw new UsageError(`--seeds ${file}: ${word} is no whole number`);
  });
}

function readProgram(file: string): DiskFiles | null {
  try {
    return new DiskFiles(file, readImage());
  } catch {
    return null;
  }
}

// ------------------------------------------------------------- the process that runs it

type Line =
  | { run: { seed: number; hidden: boolean } }
  | { report: Report }
  /** The assignment is wrong. */
  | { mistake: string };

async function gradeInside(
  it: Assignment,
  program: DiskFiles,
  { hidden, given }: { hidden: number[]; given: Given },
): Promise<number> {
  const say = (line: Line) => console.log(JSON.stringify(line));
  const loader = new Loader({ compile: compileNative });
  const { path, source, read } = program;
  await loader.compile({ path, source, readFile: read }); // reads what it imports
  try {
    const report = await grade(it, program, {
      loader,
      image: readImage(),
      hidden,
      reveal: given.reveal === true,
      onRun: (run) => say({ run }),
    });
    say({ report });
  } catch (error) {
    if (!(error instanceof AssignmentError)) throw error;
    say({ mistake: error.message });
  }
  return 0;
}

/** Until the first run: the process starts, and the program is compiled. */
const START_MS = 60_000;

const CLI = fileURLToPath(new URL("./cli.ts", import.meta.url));

/** null: it did not come to a report, and why is in `error`. */
async function gradeOutside(
  words: string[],
  given: Given,
  error: { text: string },
): Promise<Report | null> {
  const patience = String(given.patience ?? "60s");
  const patienceMs = duration("patience", patience) / 1e6;
  const child = startInside(words, given);
  let report: Report | null = null, last = "", stderr = "";
  let timer = setTimeout(giveUp, Math.max(patienceMs, START_MS));
  function giveUp(): void {
    error.text =
      `${
        last || "Its start"
      } took more than ${patience} of your computer's time ` +
      "and was ended: it works without a call, or the world is too large";
    child.kill("SIGKILL");
  }
  child.stderr!.on("data", (data) => stderr += String(data));
  for await (const text of createInterface({ input: child.stdout! })) {
    const line = parsed(text);
    if (line === null) continue;
    if ("mistake" in line) throw new UsageError(`${words[0]}: ${line.mistake}`);
    if ("report" in line) report = line.report;
    else {
      last = line.run.hidden ? "A hidden seed" : `Seed ${line.run.seed}`;
      clearTimeout(timer);
      timer = setTimeout(giveUp, patienceMs);
    }
  }
  clearTimeout(timer);
  if (report === null && error.text === "") {
    error.text = stderr.includes("memory") || stderr === ""
      ? `${last || "It"} took all the memory of its process`
      : `it ended the process that graded it: ${stderr.trim().slice(0, 500)}`;
  }
  return report;
}

function startInside(words: string[], { seeds, reveal }: Given): ChildProcess {
  const engine = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const args = [
    ...(seeds === undefined ? [] : ["--seeds", String(seeds)]),
    ...(reveal ? ["--reveal"] : []),
  ];
  const [name, file] = words;
  return spawn(
    process.execPath,
    [...engine, CLI, "grade", name!, "--inside", ...args, file!],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
}

function parsed(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}
