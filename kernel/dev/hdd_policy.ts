// Which of the waiting requests the drive serves next. A policy is a small
// strategy over the queue, in order of arrival; it knows where the arm is and
// what a request would cost to reach, and neither data nor programs.

/** What a policy sees of a request. */
export interface Candidate {
  readonly lba: number;
  readonly sectors: number;
  readonly cylinder: number;
  readonly write: boolean;
  /** When the drive got it, ns. */
  readonly arrivedNs: number;
}

/** What a policy sees of the drive. */
export interface Arm<C extends Candidate = Candidate> {
  readonly now: number;
  readonly cylinder: number;
  readonly lastCylinder: number;
  /** The sector after the last one served. */
  readonly nextLba: number;
  /** Seek, settling and rotation to reach it from here, now. */
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

export type PolicyName =
  | "fcfs"
  | "sstf"
  | "scan"
  | "c-look"
  | "satf"
  | "deadline";

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
    choose: (queue, { nextLba }) => upwards(queue, nextLba),
  }),

  "scan": () => new Scan(),
  "deadline": () => new Deadline(),
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

/** How long a request may wait before it goes first: mq-deadline's read_expire and write_expire. */
const READ_EXPIRE_NS = 500_000_000, WRITE_EXPIRE_NS = 5_000_000_000;
/** Requests served upwards before it looks at the clock again: fifo_batch. */
const BATCH = 16;
/** Times that reads may go before waiting writes: writes_starved. */
const WRITES_STARVED = 2;

/**
 * Linux's mq-deadline: upwards in batches of reads or of writes. A batch goes on
 * where the last of its kind came to; with the oldest instead, if that one's time
 * has come or nothing lies further up. Reads go first, but not for ever.
 */
export class Deadline implements Policy {
  readonly name = "deadline";
  #writing = false;
  #batched = BATCH;
  #starved = 0;
  /** Where the last batch of reads, and of writes, has come to. */
  #position = { read: 0, write: 0 };

  choose<C extends Candidate>(queue: readonly C[], arm: Arm<C>): Choice {
    let index = this.#batched < BATCH ? this.#further(queue) : -1;
    if (index < 0) index = this.#beginBatch(queue, arm.now);
    this.#position[this.#writing ? "write" : "read"] = queue[index]!.lba;
    this.#batched++;
    return { index, via: null };
  }

  /** Reads or writes, and which is the first of them. */
  #beginBatch(queue: readonly Candidate[], now: number): number {
    const writes = queue.some(({ write }) => write);
    const reads = queue.some(({ write }) => !write);
    this.#writing = writes && (!reads || this.#starved++ >= WRITES_STARVED);
    if (this.#writing) this.#starved = 0;
    this.#batched = 0;
    const oldest = queue.findIndex(({ write }) => write === this.#writing);
    const further = this.#further(queue);
    const isFirst = further < 0 || this.#isExpired(queue[oldest]!, now);
    return isFirst ? oldest : further;
  }

  /** The next upwards of the kind that is served; −1: there is none. */
  #further(queue: readonly Candidate[]): number {
    const { read, write } = this.#position;
    const position = this.#writing ? write : read;
    return least(
      queue,
      ({ lba }) => lba,
      (it) => it.write === this.#writing && it.lba >= position,
    ).index;
  }

  #isExpired({ write, arrivedNs }: Candidate, now: number): boolean {
    return now - arrivedNs >= (write ? WRITE_EXPIRE_NS : READ_EXPIRE_NS);
  }
}

const all = () => true;

/** The next from `lba` on; if there is none, the lowest. */
function upwards(queue: readonly Candidate[], lba: number): Choice {
  const ahead = (it: Candidate) => it.lba >= lba;
  return least(queue, (it) => it.lba, queue.some(ahead) ? ahead : all);
}

/** The first of those with the least cost; index −1: none is eligible. */
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
