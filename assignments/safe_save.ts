// Save so that no power cut can hurt: whole, and kept once it is said. The power
// goes where it hurts most: while the disk writes, and right after the program has
// said "saved".

import { KiB, ms, s } from "../mod.ts";
import {
  assignment,
  Chance,
  type Finding,
  found,
  goal,
  noLeak,
  type Run,
  sameText,
  within,
} from "../grading/mod.ts";

const VERSIONS = 3;
const NOTES = "/home/notes";
const ALL = "all versions, in their order";

export default assignment({
  id: "safe-save",
  title: "Save so that no power cut can hurt",
  text:
    `/home/notes holds a text. Newer versions of it lie in /home/versions: 1, 2
and 3. Write a program that saves each of them as /home/notes, in this order:

  for 1, 2, 3:  read /home/versions/1, make it what /home/notes holds,
                and print "saved 1" when it is safe

The power may go at any instant. When it is back, /home/notes must be one of the
versions, whole: never empty, never half of this and half of that. And when the
program has said "saved 2", it must not be older than version 2. At the end
nothing else may lie in /home that was not there before.

The calls to think about: write, fsync (of a file, and of a directory), rename.`,
  world: (seed) => {
    const files: Record<string, string> = { [NOTES]: version(seed, 0) };
    for (let i = 1; i <= VERSIONS; i++) {
      files[`/home/versions/${i}`] = version(seed, i);
    }
    return { files };
  },
  cuts,
  invariants: [
    { name: "the notes are whole", check: whole, runs: "all" },
    noLeak(),
  ],
  goals: [
    goal(3, { name: ALL, check: all }),
    goal(4, { name: "what it said stays", check: kept, runs: "cut" }, ALL),
    goal(1, { name: "nothing else is left in /home", check: tidy }, ALL),
    goal(2, {
      name: "at most 70 ms for each",
      check: ({ endedNs }) => within(endedNs / VERSIONS, 70 * ms, "each"),
    }, ALL),
  ],
  seeds: [1, 2],
  budget: { timeNs: 10 * s },
});

/** Of another length each time, and of other words. */
function version(seed: number, number: number): string {
  const chance = new Chance(seed, `version ${number}`);
  return chance.text(chance.between(24 * KiB, 48 * KiB));
}

/** Which version the notes are; -1: none of them. */
function versionOf(run: Run): number {
  const text = run.file(NOTES);
  for (let i = 0; i <= VERSIONS; i++) {
    if (text === version(run.seed, i)) return i;
  }
  return -1;
}

function whole(run: Run): Finding {
  const number = versionOf(run);
  const text = run.file(NOTES);
  const size = text === null ? "no file" : `${text.length} characters`;
  return found(
    number >= 0,
    "one of the versions, whole",
    number >= 0 ? `version ${number}` : `none of them: ${size}`,
  );
}

function all(run: Run): Finding {
  const said = "saved 1\nsaved 2\nsaved 3\n";
  const finding = sameText(run.stdout, said, "its output");
  if (!finding.ok) return finding;
  const last = versionOf(run);
  return found(last === VERSIONS, "version 3 at the end", `version ${last}`);
}

/** The last number it said before the power went. */
function saidOf({ stdout }: Run): number {
  return stdout.split("saved ").length - 1;
}

function kept(run: Run): Finding {
  const said = saidOf(run), is = versionOf(run);
  return found(
    is === said || is === said + 1,
    `after it said "saved" ${said} times, version ${said} or the next`,
    is < 0 ? "none of the versions" : `version ${is}`,
  );
}

function tidy(run: Run): Finding {
  const given = [NOTES, ...[1, 2, 3].map((i) => `/home/versions/${i}`)];
  const others = run.files("/home").filter((path) =>
    !given.includes(path) && !path.endsWith(".ts")
  );
  return found(others.length === 0, "nothing", others.join(", ") || "nothing");
}

/** So many of the disk's writes are cut in each world. */
const CUT_WRITES = 9;

/** Just after each word of the program, and in the middle of some of what the disk writes. */
function cuts(run: Run, seed: number): number[] {
  const words: number[] = [], writes: number[] = [];
  const writing = new Set<number>();
  for (const event of run.events()) {
    if (event.kind === "block_issue" && event.write !== "") {
      writing.add(event.id);
    } else if (event.kind === "block_start" && writing.has(event.id)) {
      writes.push(event.at + middleOf(event.phases));
    } else if (event.kind === "sys_exit" && event.call === "write") {
      if (event.result.length < 4) words.push(event.at + 1);
    }
  }
  const chance = new Chance(seed, "cuts");
  while (writes.length > CUT_WRITES) {
    writes.splice(chance.between(0, writes.length - 1), 1);
  }
  return [...words, ...writes].sort((a, b) => a - b);
}

/** From where the disk begins with a request to the middle of its bytes, ns. */
function middleOf(phases: string): number {
  const [overhead = 0, seek = 0, settle = 0, rotate = 0, transfer = 0] = phases
    .split(" ").map(Number);
  return overhead + seek + settle + rotate + Math.floor(transfer / 2);
}
