// A slice, the moment asked about and all that was known: what every sentence is
// made from, and the words that several of them share.

import type { Lane, Slice } from "./lane.ts";
import { capital } from "./phrases.ts";
import type { TraceModel } from "./trace_model.ts";
import { duration } from "../parts/units.ts";

export interface Scene {
  model: TraceModel;
  lane: Lane;
  slice: Slice;
  /** The moment asked about. */
  at: number;
  now: number;
}

export function length({ slice, now }: Scene): string {
  return duration(Math.min(slice.end, now) - slice.start);
}

export function waited(scene: Scene): string {
  return scene.slice.end > scene.now
    ? `${length(scene)} so far.`
    : `It took ${length(scene)}.`;
}

/** What the disk does at that moment, and for how long. */
export function diskPlace({ model, at, lane }: Scene): string {
  const [found] = model.slicesAt("disk", at, lane.machine);
  if (found === undefined) return "The disk has not begun.";
  const left = duration(found.slice.end - at);
  return `${capital(found.slice.about)}; ${left} of that to go.`;
}

export function whoHasCpus({ model, at, lane }: Scene): string {
  const taken = model.slicesAt("cpu", at, lane.machine);
  if (taken.length === 0) return "No CPU is busy.";
  return taken.map(({ lane, slice }) =>
    `${capital(lane.name)} is taken by ${
      slice.about.startsWith("interrupt: ") ? "an interrupt from " : ""
    }${slice.label}.`
  ).join(" ");
}

export function cpuOf({ model, at, lane }: Scene): string {
  const mine = model.slicesAt("cpu", at, lane.machine).find(({ slice }) =>
    slice.label === lane.name
  );
  return mine?.lane.name ?? "a CPU";
}
