// The disk of OSTEP's homework (disk.py): three tracks, a tick at a time, with
// this drive's policies choosing. Rules and quirks as in
// remzi-arpacidusseau/ostep-homework file-disks/disk.py at 6c6cfc7e82c2: the
// angle is set to 0 at 360, a turn or transfer is over when the head is nearer
// than one tick's turn, blocks in sequence on a track need neither, a block has
// an even number of degrees (an odd width loses one).

import {
  type Arm,
  type Candidate,
  makePolicy,
} from "../../kernel/dev/hdd_policy.ts";

export interface OstepOptions {
  requests: number[];
  policy: "FIFO" | "SSTF" | "SATF" | "BSATF";
  /** Distance units a tick. */
  seekSpeed: number;
  /** Degrees a tick. */
  rotateSpeed: number;
  skew: number;
  /** Requests it chooses among; −1: all. */
  window: number;
  /** Degrees of a block on the outer, middle and inner track. */
  zones: number[];
}

export interface OstepTimes {
  block: number;
  seek: number;
  rotate: number;
  transfer: number;
  total: number;
}

const TRACK_WIDTH = 40;
/** More ticks than any list needs that one would type. */
const TICKS_MAX = 100_000_000;

interface Block {
  track: number;
  /** Where its first and last bit are, degrees. */
  start: number;
  end: number;
  width: number;
}

/** Blocks outwards in, as disk.py numbers them. */
function blocksOf({ zones, skew }: OstepOptions): Block[] {
  return zones.flatMap((given, track) => {
    const width = given - given % 2;
    return Array.from({ length: Math.ceil(360 / width) }, (_, i) => {
      const middle = i * width + width * skew * track + 180;
      return {
        track,
        width,
        start: onCircle(middle - width / 2),
        end: onCircle(middle + width / 2),
      };
    });
  });
}

function onCircle(angle: number): number {
  return (angle % 360 + 360) % 360;
}

/** Serves all requests; what each took, in the order of service. */
export function runOstep(options: OstepOptions): OstepTimes[] {
  const { requests, rotateSpeed, seekSpeed } = options;
  const blocks = blocksOf(options);
  for (const block of requests) {
    if (blocks[block] === undefined) {
      throw new RangeError(
        `block ${block} is not on the disk: it has 0 to ${blocks.length - 1}`,
      );
    }
  }
  const window = new Window(options, blocks);
  const served: OstepTimes[] = [];
  let timer = 0, angle = 0, arm = 0;
  let current = window.next(arm, angle);
  let seekBegin = 0, rotateBegin = 0, transferBegin = 0, distance = 0;
  let state: "seek" | "rotate" | "transfer" = "seek";
  const plan = (block: number) => {
    seekBegin = rotateBegin = transferBegin = timer;
    distance = Math.abs(blocks[block]!.track - arm) * TRACK_WIDTH;
    state = distance === 0 ? "rotate" : "seek";
  };
  const isAt = (target: number) => Math.abs(angle - target) < rotateSpeed;
  plan(current);
  while (timer < TICKS_MAX) {
    timer++;
    angle += rotateSpeed;
    if (angle >= 360) angle = 0;
    const block = blocks[current]!;
    if (state === "seek") {
      distance -= seekSpeed;
      if (distance <= 0) {
        arm = block.track;
        rotateBegin = timer;
        state = "rotate";
      }
    }
    if (state === "rotate" && isAt(block.start)) {
      transferBegin = timer;
      state = "transfer";
    }
    if (state !== "transfer" || !isAt(block.end)) continue;
    served.push({
      block: current,
      seek: rotateBegin - seekBegin,
      rotate: transferBegin - rotateBegin,
      transfer: timer - transferBegin,
      total: timer - seekBegin,
    });
    if (served.length === requests.length) return served;
    const before = current;
    current = window.next(arm, angle);
    plan(current);
    if (follows(before, current, blocks)) {
      transferBegin = timer;
      state = "transfer";
    }
  }
  throw new RangeError(
    `not done after ${
      TICKS_MAX.toLocaleString("en")
    } ticks: the head passes a block only if a tick's turn is smaller than it`,
  );
}

/** The next block of the track, or its first after its last. */
function follows(before: number, next: number, blocks: Block[]): boolean {
  const { track } = blocks[before]!;
  if (blocks[next]!.track !== track) return false;
  const first = blocks.findIndex((block) => block.track === track);
  const last = blocks.findLastIndex((block) => block.track === track);
  return next === before + 1 || (before === last && next === first);
}

/** Which of the first so many requests is next. */
class Window {
  readonly #waiting: (Candidate & { order: number })[];
  #end: number;
  readonly #fcfs = makePolicy("fcfs");
  readonly #sstf = makePolicy("sstf");
  readonly #satf = makePolicy("satf");
  #served = 0;

  constructor(readonly options: OstepOptions, readonly blocks: Block[]) {
    this.#waiting = options.requests.map((lba, order) => ({
      lba,
      order,
      sectors: 1,
      write: false,
      arrivedNs: 0,
      cylinder: blocks[lba]!.track,
    }));
    const { window } = options;
    this.#end = window < 0 ? Infinity : window;
  }

  /** Takes the next request out; its block. */
  next(track: number, angle: number): number {
    if (this.#served++ > 0) this.#slide();
    const { policy } = this.options;
    const arm: Arm = {
      now: 0,
      cylinder: track,
      lastCylinder: 2,
      nextLba: 0,
      positioningNs: (it) => this.#accessTicks(it, track, angle),
    };
    let seen = this.#waiting.filter(({ order }) => order < this.#end);
    if (policy === "SSTF") {
      // All on the nearest tracks, then the shortest access among them.
      const nearest = seen[this.#sstf.choose(seen, arm).index]!;
      const reach = (it: Candidate) => Math.abs(it.cylinder - track);
      seen = seen.filter((it) => reach(it) === reach(nearest));
    }
    const rule = policy === "FIFO" ? this.#fcfs : this.#satf;
    const chosen = seen[rule.choose(seen, arm).index]!;
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    return chosen.lba;
  }

  /** One further with each that is done; BSATF when all in it are. */
  #slide(): void {
    const { policy, window } = this.options;
    if (policy !== "BSATF") this.#end++;
    else if (this.#waiting.every(({ order }) => order >= this.#end)) {
      this.#end += window;
    }
  }

  #accessTicks({ lba }: Candidate, track: number, angle: number): number {
    const { seekSpeed, rotateSpeed } = this.options;
    const block = this.blocks[lba]!;
    const seek = TRACK_WIDTH * Math.abs(block.track - track) / seekSpeed;
    let turn = block.start - (angle + seek * rotateSpeed);
    while (turn < 0) turn += 360;
    return seek + turn / rotateSpeed + block.width / rotateSpeed;
  }
}

// ------------------------------------------------------------- the command's options

/** Options as disk.py has them: -a or -A's list, -p -S -R -o -w -z. Throws a sentence. */
export function ostepOptions(args: readonly string[]): OstepOptions {
  const options: OstepOptions = {
    requests: [],
    policy: "FIFO",
    seekSpeed: 1,
    rotateSpeed: 1,
    skew: 0,
    window: -1,
    zones: [30, 30, 30],
  };
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!;
    if (name === "-c" || name === "-G") continue; // compute, no graphics: always so
    const set = SETTERS[name];
    if (set === undefined) {
      throw new TypeError(
        `there is no option ${name}: use ${
          Object.keys(SETTERS).join(" ")
        } (lists drawn by chance, -A, depend on Python's generator: give the list with -a)`,
      );
    }
    const value = args[++i];
    if (value === undefined) throw new TypeError(`${name} needs a value`);
    set(options, value);
  }
  if (options.requests.length === 0) {
    throw new TypeError("which blocks? for example -a 7,30,8");
  }
  return options;
}

const POLICY_NAMES = ["FIFO", "SSTF", "SATF", "BSATF"] as const;

const SETTERS: Record<string, (to: OstepOptions, value: string) => void> = {
  "-a": (to, value) => to.requests = numbers("-a", value, 0),
  "-p": (to, value) => {
    const policy = POLICY_NAMES.find((name) => name === value);
    if (policy === undefined) {
      throw new TypeError(`-p is one of ${POLICY_NAMES.join(" ")}: ${value}`);
    }
    to.policy = policy;
  },
  "-S": (to, value) => to.seekSpeed = seekSpeed(value),
  "-R": (to, value) => to.rotateSpeed = positive("-R", value),
  "-o": (to, value) => to.skew = number("-o", value, -Infinity),
  "-w": (to, value) => {
    to.window = number("-w", value, -1);
    if (to.window === 0) {
      throw new TypeError("-w needs 1 or more, or -1 for all: 0");
    }
  },
  "-z": (to, value) => {
    const zones = numbers("-z", value, 2);
    if (zones.length !== 3) throw new TypeError("-z needs three widths");
    to.zones = zones;
  },
};

function numbers(name: string, text: string, least: number): number[] {
  const parts = text.split(",");
  const values = parts.map(Number);
  const isRight = parts.every((part, i) =>
    part.trim() !== "" && Number.isInteger(values[i]) && values[i]! >= least
  );
  if (!isRight) {
    throw new TypeError(
      `${name} needs whole numbers from ${least} on, with commas: ${text}`,
    );
  }
  return values;
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least) {
    return value;
  }
  const from = least === -Infinity ? "" : ` from ${least} on`;
  throw new TypeError(`${name} needs a whole number${from}: ${text}`);
}

/** The arm comes to a track at the end of a tick, and the tracks are 40 apart. */
function seekSpeed(text: string): number {
  const speed = positive("-S", text);
  const fits = speed > 1
    ? TRACK_WIDTH % speed === 0
    : Number.isInteger(TRACK_WIDTH / speed);
  if (fits) return speed;
  throw new TypeError(
    `-S has to divide the distance of two tracks, ${TRACK_WIDTH}, evenly: ${text}`,
  );
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TypeError(`${name} needs a number above 0: ${text}`);
}
