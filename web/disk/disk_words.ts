// The drive in words: what its arm does now, the parts that come after, who
// waits, what the page cache spared. From a view of the drive; it does not draw.

import type { DriveView, Phase, PhaseName } from "./disk_model.ts";
import type { State } from "../trace/states.ts";
import { duration, grouped } from "../parts/units.ts";

/** The state of the palette that a phase has. */
export const PHASE_STATES: Readonly<Record<PhaseName, State>> = {
  overhead: "timer",
  seek: "seek",
  settle: "seek",
  turn: "turn",
  transfer: "transfer",
  buffer: "transfer",
};

/** What the drive does now, in a sentence. */
export function sentenceOf(view: DriveView): string {
  const { serving, phases, waiting } = view;
  const phase = phases[0];
  if (serving === null || phase === undefined) {
    const place = `The arm rests over cylinder ${
      grouped(Math.round(view.arm))
    }`;
    const { length } = waiting;
    return length === 0
      ? `${place}. No request waits.`
      : `${place}; ${counted(length, "request waits", "requests wait")}.`;
  }
  return `${DOINGS[phase.name](view)}: ${duration(phase.leftNs)} left.`;
}

const DOINGS: Record<PhaseName, (view: DriveView) => string> = {
  overhead: ({ serving }) =>
    `The controller reads the command of #${serving!.id}`,
  seek: ({ serving, from }) =>
    serving!.cylinder === from
      ? `Another head of cylinder ${grouped(from)} takes over`
      : `The arm seeks to cylinder ${grouped(serving!.cylinder)}`,
  settle: () => "The head settles on the track before it writes",
  turn: ({ serving }) =>
    `The head waits for the platter to turn to ${sectors(serving!.lba)}`,
  transfer: ({ serving }) =>
    serving!.what === "write"
      ? `${
        counted(serving!.sectors, "sector passes", "sectors pass")
      } the head to be written`
      : `${
        counted(serving!.sectors, "sector passes", "sectors pass")
      } the head to be read`,
  buffer: ({ serving }) =>
    serving!.what === "flush"
      ? `#${serving!.id} flushes the drive's cache`
      : `#${
        serving!.id
      } is served from the drive's own buffer, without the arm`,
};

function sectors(lba: number): string {
  return `sector ${grouped(lba)}`;
}

function counted(number: number, one: string, many: string): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

const PHASE_WORDS: Record<PhaseName, string> = {
  overhead: "overhead",
  seek: "seek",
  settle: "settle",
  turn: "turn",
  transfer: "transfer",
  buffer: "from its buffer",
};

/** A phase beside the platter: "seek", or "then turn". */
export function phaseWords({ name }: Phase, index: number): string {
  return index === 0 ? PHASE_WORDS[name] : `then ${PHASE_WORDS[name]}`;
}

/** How the platter turns, when that cannot be drawn. */
export function turningWords({ rpm }: DriveView): string {
  return `The platter turns ${
    Math.round(rpm / 60)
  } times a second, too fast to draw. Slow time down to see it.`;
}

/** What was moved, and what did not have to be. */
export function countWords({ counts }: DriveView): [string, string][] {
  const { reads, writes, hits, misses, commits } = counts;
  const all = hits + misses;
  const rate = all === 0 ? "" : `, ${Math.round(100 * hits / all)} % hits`;
  return [
    [
      "drive",
      `${counted(reads, "read", "reads")}, ${
        counted(writes, "write", "writes")
      }`,
    ],
    [
      "page cache",
      `${counted(hits, "hit", "hits")}, ${
        counted(misses, "miss", "misses")
      }${rate}`,
    ],
    ["journal", counted(commits, "commit", "commits")],
  ];
}
