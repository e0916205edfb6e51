// Where a slice came from and where it goes: along the links between lanes, or
// to its neighbours when there is none. What `[` and `]` do, and the arrows of
// the selection.

import type { Lane, Slice } from "./lane.ts";
import { type Link, linksWithin } from "./links.ts";
import type { Scene } from "./scene.ts";
import { WAITS } from "./states.ts";
import { moment } from "../parts/units.ts";

/** A moment on a lane, and what the button to it says. */
export interface Place {
  laneId: string;
  at: number;
  words: string;
}

/** From a moment on one lane to a moment on another. */
export interface Arrow {
  fromLane: string;
  fromNs: number;
  toLane: string;
  toNs: number;
}

/** More would be noise. */
const ARROWS_MAX = 12;

export function originOf({ lane, slice, now }: Scene): Place | null {
  const end = Math.min(slice.end, now);
  const from = slice.state === "posted" && lane.kind === "request"
    ? undefined
    : linksWithin(lane.links.ins, slice.start, end - 1, 1)[0];
  if (from !== undefined) {
    return placeBefore(from, lane.kind === "request" ? "submitted by" : "from");
  }
  const before = lane.before(slice.start);
  return before === null ? null : neighbour(lane, before, "before: at");
}

export function goalOf(scene: Scene): Place | null {
  const { lane, slice, now } = scene;
  const end = Math.min(slice.end, now);
  const waits = lane.kind === "thread" && WAITS.has(slice.state);
  const ending = waits
    ? linksWithin(lane.links.ins, end, end, 1)[0]
    : undefined;
  if (ending !== undefined) return placeBefore(ending, "ended by");
  const out = linksWithin(lane.links.outs, slice.start, end, Infinity).at(-1);
  if (out !== undefined) {
    return {
      laneId: out.lane.id,
      at: out.there,
      words: lane.kind === "request"
        ? `taken at ${moment(out.there)}`
        : `to ${out.lane.name} at ${moment(out.there)}`,
    };
  }
  const after = lane.at(slice.end) ?? lane.beside(slice.start, 1);
  return after === null || after.start >= now
    ? null
    : neighbour(lane, after, "next: at");
}

function placeBefore({ lane, there }: Link, words: string): Place {
  const at = Math.max(0, there - 1);
  return {
    laneId: lane.id,
    at,
    words: `${words} ${lane.name} at ${moment(there)}`,
  };
}

function neighbour(lane: Lane, slice: Slice, word: string): Place {
  return {
    laneId: lane.id,
    at: slice.start,
    words: `${word} ${moment(slice.start)}`,
  };
}

/** What leads to a slice and away from it, at most a dozen. */
export function arrowsOf({ lane, slice, now }: Scene): Arrow[] {
  const end = Math.min(slice.end, now);
  const ins = linksWithin(lane.links.ins, slice.start, end, ARROWS_MAX);
  const outs = linksWithin(lane.links.outs, slice.start, end, ARROWS_MAX);
  return [
    ...ins.map((link) => arrow(link.lane, link.there, lane, link.at)),
    ...outs.map((link) => arrow(lane, link.at, link.lane, link.there)),
  ].slice(0, ARROWS_MAX);
}

function arrow(
  from: Lane,
  fromNs: number,
  to: Lane,
  toNs: number,
): Arrow {
  return { fromLane: from.id, fromNs, toLane: to.id, toNs };
}
