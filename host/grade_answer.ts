// What `grade …`, typed in a machine's shell, gets: the same as `kettle grade …`
// of the assignments that come with Kettle, for a program on the machine's disk.
// It runs in any engine; whoever answers hands in what it needs.

import { ASSIGNMENTS } from "../assignments/catalog.ts";
import type { Assignment } from "../grading/assignment.ts";
import { grade } from "../grading/grade.ts";
import type { Submission, Tools } from "../grading/play.ts";
import {
  assignmentsText,
  assignmentText,
  type Look,
  lookAt,
  reportText,
} from "../grading/report.ts";
import type { Machine } from "../kernel/kernel.ts";
import { nearest } from "../userland/lib/nearest.ts";
import type { Answer } from "./host_answers.ts";

export interface GradeHost extends Tools {
  /** A file of the machine. */
  readFile(path: string): string | null;
  look: Look;
}

export interface GradeAnswer {
  text: string;
  status: number;
  /** What failed, and where it can be looked at. */
  links?: { rule: string; link: string }[];
}

/** Who answers `grade` for the programs of a machine, in this very process. */
export function gradeRow(machine: Machine, tools: Tools): Answer {
  const readFile = (path: string) => {
    const bytes = machine.files.peek(path);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  };
  return async ({ args }, withdrawn) => {
    const breathe = async () => {
      await new Promise((done) => setTimeout(done));
      withdrawn.throwIfAborted();
    };
    const look = lookAt("http://localhost:8000/");
    const host = { ...tools, readFile, look, breathe };
    const { text, status } = await answerGrade(args, host);
    return { text, status };
  };
}

/** `args`: an assignment, and an absolute path. */
export async function answerGrade(
  args: unknown,
  host: GradeHost,
): Promise<GradeAnswer> {
  const [name, path, ...more] = wordsOf(args);
  if (name === undefined) {
    return { text: assignmentsText(ASSIGNMENTS, "grade"), status: 0 };
  }
  const it = assignmentNamed(name);
  if (path === undefined) return { text: assignmentText(it), status: 0 };
  if (more.length > 0) {
    throw new Error(`it takes one program: ${more[0]} is left over`);
  }
  const submission = await submissionOf(path, host);
  const report = await grade(it, submission, host);
  return {
    text: reportText(report, host.look),
    status: report.points === report.of ? 0 : 1,
    links: report.failures.flatMap(({ rule, link }) =>
      link === null ? [] : [{ rule, link }]
    ),
  };
}

function wordsOf(args: unknown): string[] {
  const isList = Array.isArray(args) &&
    args.every((word) => typeof word === "string");
  if (!isList) throw new Error("args is a list of words");
  return args;
}

function assignmentNamed(name: string): Assignment {
  const found = ASSIGNMENTS.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const near = nearest(name, ASSIGNMENTS.map(({ id }) => id));
  const hint = near === null ? "grade lists them" : `Did you mean ${near}?`;
  throw new Error(`there is no assignment ${name}. ${hint}`);
}

/** The program with what it imports that does not come with Kettle. */
async function submissionOf(
  path: string,
  { loader, image, readFile }: GradeHost,
): Promise<Submission> {
  const source = readFile(path);
  if (source === null) throw new Error(`${path}: no such file`);
  const files: Record<string, string> = { [path]: source };
  const read = (each: string) => {
    const shipped = image[each];
    if (typeof shipped === "string" && !each.startsWith("/home/")) {
      return shipped;
    }
    const text = readFile(each);
    if (text !== null) files[each] = text;
    return text;
  };
  await loader.compile({ path, source, readFile: read });
  return { path, files };
}
