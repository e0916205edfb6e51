// Copy many files with little memory, and have the CPU work while the disk turns.
// Whoever does one thing after the other waits twice.

import { KiB, ms, s } from "../mod.ts";
import {
  assignment,
  Chance,
  computeOf,
  endsWithin,
  type Finding,
  found,
  goal,
  noLeak,
  openFilesAtMost,
  piecesInHandAtMost,
  readsAtMost,
  type Run,
  sameText,
  threadsAtMost,
} from "../grading/mod.ts";

const COPIED = "every book, byte for byte";
const SHELVES = 24, CHECK_NS = 10 * ms;

export default assignment({
  id: "copy-shelves",
  title: "Copy the shelves, with little in your hands",
  text:
    `/home/in holds some shelves, which are directories, and in each of them a book
or more. Write a program that copies all of it to /home/out: the same shelves, the
same books, byte for byte, real copies and no links. When a book is copied it is
checked, which takes the CPU 10 ms: compute(10 * ms) for each.

Memory is short. Read no more than 16 KiB at once; never have more than 16 pieces
that are read and not yet written, never more than 40 files open (the three you
are given included), and never more than 8 threads. A read or a write may move
less than you asked for.

The disk needs some 15 ms for a book, and the CPU 10. Who checks one book while
the disk brings the next is done in little more than the larger of the two: be
done within 580 ms.`,
  world: (seed) => ({ files: library(seed) }),
  invariants: [
    readsAtMost(16 * KiB),
    piecesInHandAtMost(16),
    openFilesAtMost(40),
    threadsAtMost(8),
    noLeak(),
  ],
  goals: [
    goal(4, { name: COPIED, check: copied }),
    goal(
      1,
      { name: "real copies, and the books still there", check: noLinks },
      COPIED,
    ),
    goal(1, { name: "every book is checked", check: computed }),
    goal(4, endsWithin(580 * ms), COPIED),
  ],
  seeds: [1, 2],
  budget: { timeNs: 20 * s },
});

/** A book on each shelf: some are one read long, some more. They begin alike, so that a link can hold them. */
function library(seed: number): Record<string, string> {
  const chance = new Chance(seed, "library");
  const text = chance.text(28 * KiB);
  const files: Record<string, string> = {};
  for (let shelf = 1; shelf <= SHELVES; shelf++) {
    const book = chance.word();
    const length = chance.between(4 * KiB, 28 * KiB);
    files[`/home/in/${chance.word()}${shelf}/${book}`] = `${book}\n${text}`
      .slice(0, length);
  }
  return files;
}

function copied(run: Run): Finding {
  for (const [path, text] of Object.entries(library(run.seed))) {
    const copy = path.replace("/home/in/", "/home/out/");
    const finding = sameText(run.file(copy), text, copy);
    if (!finding.ok) return finding;
  }
  return found(true, "all books", "all books");
}

function noLinks(run: Run): Finding {
  let links = 0, atNs = 0;
  for (const event of run.ownEvents()) {
    const isCall = event.kind === "sys_enter" ||
      event.kind === "request_submit";
    if (!isCall || event.call !== "link") continue;
    links++;
    atNs = event.at;
  }
  if (links > 0) return found(false, "no link", `${links} links`, atNs);
  for (const [path, text] of Object.entries(library(run.seed))) {
    const finding = sameText(run.file(path), text, `${path} as it was`);
    if (!finding.ok) return finding;
  }
  return found(true, "no link", "none");
}

function computed(run: Run): Finding {
  const sumNs = computeOf(run);
  const leastNs = SHELVES * CHECK_NS;
  return found(
    sumNs >= leastNs,
    `${leastNs / ms} ms of computing`,
    `${sumNs / ms} ms`,
  );
}
