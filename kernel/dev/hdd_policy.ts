// Which of the waiting requests the drive serves next. A policy is a small
// strategy over the queue, in order of arrival; it knows where the arm is and
// what a request would cost to reach, and neither data nor programs.

/** What a policy sees of a request. */
export interface Candidate {
  readonly lba: number;
  readonly cylinder: number;
}

/** What a policy sees of the drive. */
export interface Arm<C extends Candidate = Candidate> {
  readonly cylinder: number;
  readonly lastCylinder: number;
  /** The sector after the last one served. */
  readonly nextLba: number;
  /** Seek and rotation to reach it from here, now. */
  positioningNs(candidate: C): number;
}

export interface Choice {
  /** Which of the queue. */
  index: number;
  /** A cylinder that the arm visits on the way: SCAN turns at the edge only. */
  via: number | null;
}

export interface Policy {
  readonly name: PolicyName;
  /** The queue is not empty. */
  choose<C extends Candidate>(queue: readonly C[], arm: Arm<C>): Choice;
}

export type PolicyName = "fcfs" | "sstf" | "scan" | "c-look" | "satf";

/** A fresh policy for one drive. */
export function makePolicy(name: PolicyName): Policy {
  return POLICIES[name]();
}

export const POLICIES: Record<PolicyName, () => Policy> = {
  /** First come, first served. */
  "fcfs": () => ({ name: "fcfs", choose: () => ({ index: 0, via: null }) }),

  /** Shortest seek first; of equals the first that came. */
  "sstf": () => ({
    name: "sstf",
    choose: (queue, arm) =>
      least(queue, ({ cylinder }) => Math.abs(cylinder - arm.cylinder)),
  }),

  /** Shortest access first: seek and rotation together. */
  "satf": () => ({
    name: "satf",
    choose: (queue, arm) => least(queue, (it) => arm.positioningNs(it)),
  }),

  /** Upwards through all that wait, then back to the lowest. */
  "c-look": () => ({
    name: "c-look",
    choose: (queue, { nextLba }) => {
      const ahead = (it: Candidate) => it.lba >= nextLba;
      return least(queue, (it) => it.lba, queue.some(ahead) ? ahead : all);
    },
  }),

  "scan": () => new Scan(),
};

/** The elevator: to the edge of the disk, then back. */
export class Scan implements Policy {
  readonly name = "scan";
  #direction: 1 | -1;

  constructor(direction: 1 | -1 = 1) {
    this.#direction = direction;
  }

  choose<C extends Candidate>(queue: readonly C[], arm: Arm<C>): Choice {
    const onward = (it: C) =>
      (it.cylinder - arm.cylinder) * this.#direction >= 0;
    const distance = (it: C) => Math.abs(it.cylinder - arm.cylinder);
    if (queue.some(onward)) return least(queue, distance, onward);
    const via = this.#direction === 1 ? arm.lastCylinder : 0;
    this.#direction = this.#direction === 1 ? -1 : 1;
    return {
      ...least(queue, ({ cylinder }) => Math.abs(cylinder - via)),
      via,
    };
  }
}

const all = () => true;

/** The first of those with the least cost. */
function least<C>(
  queue: readonly C[],
  cost: (candidate: C) => number,
  eligible: (candidate: C) => boolean = all,
): Choice {
  let index = -1, leastCost = Infinity;
  queue.forEach((candidate, i) => {
    if (!eligible(candidate)) return;
    const candidateCost = cost(candidate);
    if (candidateCost >= leastCost) return;
    leastCost = candidateCost;
    index = i;
  });
  return { index, via: null };
}
