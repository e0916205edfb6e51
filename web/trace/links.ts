// What leads from one lane to another: a submit to its request, the end of a
// request to the thread that takes it, a wake-up to who is woken. Each lane
// keeps its ends of them, in the order of time.

import type { Lane } from "./lane.ts";

/** One end of a link: when on this lane, and where it leads. */
export interface Link {
  at: number;
  /** The other lane, and when there. */
  lane: Lane;
  there: number;
}

/** Both ends of it get to know. */
export function link(
  from: Lane,
  fromAt: number,
  to: Lane,
  toAt: number,
): void {
  from.links.outs.push({ at: fromAt, lane: to, there: toAt });
  to.links.ins.push({ at: toAt, lane: from, there: fromAt });
}

export class Links {
  readonly ins: Link[] = [];
  readonly outs: Link[] = [];

  forgetBefore(at: number): void {
    this.ins.splice(0, firstFrom(this.ins, at));
    this.outs.splice(0, firstFrom(this.outs, at));
  }
}

/** The links of a span, both its ends included, at most `limit`. */
export function linksWithin(
  links: readonly Link[],
  from: number,
  to: number,
  limit: number,
): Link[] {
  const found: Link[] = [];
  for (let i = firstFrom(links, from); i < links.length; i++) {
    if (links[i]!.at > to || found.length >= limit) break;
    found.push(links[i]!);
  }
  return found;
}

function firstFrom(links: readonly Link[], at: number): number {
  let low = 0;
  let high = links.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (links[middle]!.at >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}
