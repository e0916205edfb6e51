// A report as a person reads it: points, and for each rule that failed what was
// expected, what was seen, and where to look. Lines of plain text; nothing is
// printed here.

import type { Failure, Report } from "./grade.ts";
import type { Assignment } from "./assignment.ts";

/** A longer link is no use on a screen: it is in the JSON. */
export const LINK_SHOWN_MAX = 8_000;

/** What stands after `look`, for a link. */
export type Look = (link: string) => string;

/** The link itself; `page` is where links open: `http://localhost:8000/`. */
export function lookAt(page: string): Look {
  return (link) =>
    link.length <= LINK_SHOWN_MAX
      ? `${page}#${link}`
      : `the link has ${link.length} characters: --json holds it`;
}

export function reportText(report: Report, look: Look): string {
  const { title, program, points, of, goals, failures, error } = report;
  const lines = [`${title}: ${program}`, "", `  ${points} of ${of} points`];
  if (error !== "") return [...lines, "", error].join("\n");
  lines.push("");
  for (const goal of goals) {
    const runs = goal.held === goal.runs
      ? ""
      : `  (in ${goal.held} of ${goal.runs} runs)`;
    const counts = goal.held === goal.runs && goal.points === 0
      ? "  (reached; it counts with what failed below)"
      : "";
    lines.push(
      `  ${goal.points} of ${goal.of}  ${goal.name}${runs}${counts}`,
    );
  }
  for (const failure of failures) {
    lines.push("", ...failureLines(failure, look));
  }
  return [...lines, "", endText(report)].join("\n");
}

const KINDS = {
  ending: "what every program must do",
  invariant: "it must hold, or nothing counts",
  goal: "a goal",
};

function failureLines(failure: Failure, look: Look): string[] {
  const { rule, kind, times, seed, expected, seen, said, link } = failure;
  const often = times === 1 ? "" : `, in ${times} runs`;
  const lines = [`Failed: ${rule}  (${KINDS[kind]}${often})`];
  if (seed === null) {
    return [
      ...lines,
      "  on a hidden seed, and on none of those you know",
    ];
  }
  lines.push(`  expected  ${expected}`, `  seen      ${seen}`);
  if (said !== null) {
    lines.push(`  it said   ${said.replaceAll("\n", "\n            ")}`);
  }
  lines.push(`  where     ${whereText(failure)}`);
  if (link !== null) lines.push(`  look      ${look(link)}`);
  return lines;
}

function whereText({ seed, cutNs, atNs, hidden }: Failure): string {
  const what = hidden ? `seed ${seed} (hidden)` : `seed ${seed}`;
  if (cutNs !== null) return `${what}, power cut at ${ms(cutNs)}`;
  return `${what}, at ${ms(atNs!)}`;
}

function endText({ seeds, hiddenSeeds, runs }: Report): string {
  const hidden = hiddenSeeds === 0 ? "" : `, and ${hiddenSeeds} hidden`;
  const known = `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`;
  return `${runs} ${runs === 1 ? "run" : "runs"}: ${known}${hidden}.`;
}

function ms(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

/** What a student reads before he begins. */
export function assignmentText(it: Assignment): string {
  const rows = it.goals.map(({ points, name }) =>
    `  ${String(points).padStart(2)}  ${name}`
  );
  const must = it.invariants.map(({ name }) => `      ${name}`);
  return [
    it.title,
    "",
    it.text,
    "",
    "Points:",
    ...rows,
    ...(must.length === 0 ? [] : ["", "Must hold, or nothing counts:"]),
    ...must,
  ].join("\n");
}

/** Which there are; `how` is what one types to see one and to grade a program. */
export function assignmentsText(
  all: readonly Assignment[],
  how: string,
): string {
  const rows = all.map(({ id, title, goals }) => {
    const points = goals.reduce((sum, goal) => sum + goal.points, 0);
    return `  ${id.padEnd(16)} ${title} (${points} points)`;
  });
  return [
    "Assignments:",
    "",
    ...rows,
    "",
    `  ${how} safe-save            what is to be done`,
    `  ${how} safe-save mine.ts    how many points it has`,
  ].join("\n");
}
