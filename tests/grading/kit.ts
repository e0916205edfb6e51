// The vocabulary of the grading tests: a program, from a file or from its text, is
// graded in this process.

import { assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileNative } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { grade, type GradeOptions, type Report } from "../../grading/grade.ts";
import type { Assignment } from "../../grading/mod.ts";

const ROOM = fileURLToPath(new URL("../../assignments/", import.meta.url));
export const image = readImage();
export const loader = new Loader({ compile: compileNative });

export function gradeText(
  it: Assignment,
  source: string,
  options: Partial<GradeOptions> = {},
): Promise<Report> {
  const path = "/home/answer.ts";
  const submission = { path, files: { [path]: source } };
  return grade(it, submission, { loader, image, links: false, ...options });
}

export interface Answer {
  /** `wrong/safe-save/no_fsync.ts` */
  file: string;
  source: string;
  /** The rules that it must break; none for a solution. */
  mustFail: string[];
}

/** The programs in a folder of answers to an assignment. */
export function answersTo(id: string, kind: "solutions" | "wrong"): Answer[] {
  return readdirSync(`${ROOM}${kind}/${id}`).sort().map((name) => {
    const file = `${kind}/${id}/${name}`;
    const source = readFileSync(ROOM + file, "utf8");
    const mustFail = [...source.matchAll(/^\/\/ Must fail: (.*)$/gm)]
      .map(([, rule]) => rule!);
    return { file, source, mustFail };
  });
}

export function sentenceOn({ file, mustFail }: Answer): string {
  if (mustFail.length === 0) return `${file} has all points`;
  return `${file} fails: ${mustFail.join(", ")}`;
}

/** It fails in the rules that it names, and in no others. */
export async function isAsSaid(
  it: Assignment,
  { source, mustFail }: Answer,
  hidden: readonly number[] = [],
): Promise<void> {
  const report = await gradeText(it, source, { hidden, reveal: true });
  const { error, points, of, failures } = report;
  const failed = failures.map(({ rule }) => rule).sort();
  const said = { error: "", failed: mustFail.toSorted() };
  assertEquals({ error, failed }, said);
  assertEquals(points === of, mustFail.length === 0);
}
