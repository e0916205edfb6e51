// What a machine is made of: the options of `world.boot`, checked, with the
// defaults filled in. A name nobody knows is refused with the nearest known one.

import {
  type Costs,
  DEFAULT_COSTS,
  MEMORY_BYTES,
  QUANTUM_NS,
  STACK_BYTES,
} from "./params.ts";
import { QUEUE_DEPTH_MAX } from "./dev/hdd.ts";
import { Geometry } from "./dev/hdd_geometry.ts";
import { DEFAULT_MODEL, HDD_MODELS } from "./dev/hdd_model.ts";
import { POLICIES, type PolicyName } from "./dev/hdd_policy.ts";
import { Platter } from "./dev/platter.ts";
import { nearest } from "./nearest.ts";
import { type SchedulerName, SCHEDULERS } from "./scheduler.ts";

/** Options of the disk; `model` names one of the drives of dev/hdd_model.ts. */
export interface DiskOptions {
  model?: string;
  policy?: PolicyName;
  /** Requests the drive holds, 1 to 32. */
  queueDepth?: number;
  /** The drive reads on into its buffer; true if not given. */
  readAhead?: boolean;
  /** The drive takes writes at once and writes them later; false if not given. */
  writeCache?: boolean;
  /** A disk that was used before; without one, a fresh one is formatted. */
  image?: Platter;
}

/** Options of the network card. */
export interface NicOptions {
  bitsPerSecond?: number;
  /** Frames each ring holds, 256 if not given. */
  rxRing?: number;
  txRing?: number;
  /** The card is polled while there is much to do; false: each frame interrupts. */
  napi?: boolean;
  /** At least so long from one interrupt of the card to the next. */
  moderationNs?: number;
}

/** All optional; times in ns, sizes in bytes. */
export interface MachineOptions {
  name?: string;
  cpus?: number;
  memory?: number;
  scheduler?: SchedulerName;
  quantumNs?: number;
  stackBytes?: number;
  /** A woken thread preempts a running one. */
  wakeupPreemption?: boolean;
  /** Costs that differ from the defaults; "none" is all zero. */
  costs?: Partial<Costs> | "none";
  disk?: DiskOptions;
  nic?: NicOptions;
  backlogPolicy?: "drop" | "reset";
  /** Files the disk starts with: path → text or bytes. */
  files?: Record<string, string | Uint8Array>;
}

export type MachineSettings =
  & Omit<Required<MachineOptions>, "costs" | "disk" | "nic">
  & { costs: Costs; disk: DiskOptions; nic: NicOptions };

const DEFAULTS: MachineSettings = {
  name: "",
  cpus: 1,
  memory: MEMORY_BYTES,
  scheduler: "rr",
  quantumNs: QUANTUM_NS,
  stackBytes: STACK_BYTES,
  wakeupPreemption: false,
  costs: DEFAULT_COSTS,
  disk: {},
  nic: {},
  backlogPolicy: "drop",
  files: {},
};
const DISK_NAMES = [
  "model",
  "policy",
  "queueDepth",
  "readAhead",
  "writeCache",
  "image",
];
const NIC_NAMES = [
  "bitsPerSecond",
  "rxRing",
  "txRing",
  "napi",
  "moderationNs",
];

/** The options with every default filled in; throws a sentence about what is wrong. */
export function settle(
  options: MachineOptions,
  index: number,
): MachineSettings {
  checkNames(options, Object.keys(DEFAULTS), "machine option");
  checkNames(options.disk, DISK_NAMES, "disk option");
  checkNames(options.nic, NIC_NAMES, "nic option");
  checkDisk(options.disk ?? {});
  checkNic(options.nic ?? {});
  const settings: MachineSettings = {
    ...DEFAULTS,
    ...options,
    costs: settleCosts(options.costs),
  } as MachineSettings;
  if (settings.name === "") {
    settings.name = index === 0 ? "kettle" : `kettle${index}`;
  }
  checkInteger("cpus", settings.cpus, 1, 64);
  checkInteger("memory", settings.memory, 1, Number.MAX_SAFE_INTEGER);
  checkInteger("quantumNs", settings.quantumNs, 1, Number.MAX_SAFE_INTEGER);
  checkInteger("stackBytes", settings.stackBytes, 0, Number.MAX_SAFE_INTEGER);
  if (!SCHEDULERS.includes(settings.scheduler)) {
    const names = SCHEDULERS.map((name) => `"${name}"`).join(", ");
    throw new TypeError(
      `scheduler must be one of ${names}: received ${
        String(settings.scheduler)
      }`,
    );
  }
  return settings;
}

function checkNic({ napi, moderationNs }: NicOptions): void {
  if (napi !== undefined && typeof napi !== "boolean") {
    throw new TypeError(
      `nic.napi must be true or false: received ${String(napi)}`,
    );
  }
  if (moderationNs === undefined) return;
  checkInteger("nic.moderationNs", moderationNs, 0, Number.MAX_SAFE_INTEGER);
  if (napi === false && moderationNs > 0) {
    throw new TypeError(
      "nic.moderationNs needs polling: without napi each frame interrupts",
    );
  }
}

function checkDisk(options: DiskOptions): void {
  const { model, policy, queueDepth, image } = options;
  if (model !== undefined) {
    const known = HDD_MODELS.map(({ name }) => name);
    checkNames({ [model]: 0 }, known, "disk model");
  }
  if (policy !== undefined) {
    checkNames({ [policy]: 0 }, Object.keys(POLICIES), "disk policy");
  }
  checkBoolean("disk.readAhead", options.readAhead);
  checkBoolean("disk.writeCache", options.writeCache);
  if (queueDepth !== undefined) {
    checkInteger("disk.queueDepth", queueDepth, 1, QUEUE_DEPTH_MAX);
  }
  if (image !== undefined) checkImage(image, model ?? DEFAULT_MODEL.name);
}

/** An image has as many sectors as the drive it is in. */
function checkImage(image: unknown, model: string): void {
  if (!(image instanceof Platter)) {
    throw new TypeError("disk.image must be a Platter");
  }
  const owners = HDD_MODELS
    .filter((it) => new Geometry(it).capacity === image.sectors)
    .map(({ name }) => name);
  if (owners.includes(model)) return;
  throw new RangeError(
    `disk.image does not fit the model "${model}": ` +
      (owners.length > 0
        ? `it is of "${owners.join('" or "')}"`
        : `no model has its ${image.sectors} sectors`),
  );
}

function settleCosts(costs: Partial<Costs> | "none" = {}): Costs {
  if (costs === "none") {
    const free = { ...DEFAULT_COSTS };
    for (const name in free) free[name as keyof Costs] = 0;
    return free;
  }
  checkNames(costs, Object.keys(DEFAULT_COSTS), "cost");
  const settled = { ...DEFAULT_COSTS, ...costs };
  for (const [name, value] of Object.entries(settled)) {
    checkInteger(`costs.${name}`, value, 0, Number.MAX_SAFE_INTEGER);
  }
  return settled;
}

function checkNames(
  given: object | undefined,
  known: readonly string[],
  what: string,
): void {
  for (const name of Object.keys(given ?? {})) {
    if (known.includes(name)) continue;
    throw new TypeError(
      `no ${what} is called "${name}". The nearest is "${
        nearest(name, known)
      }"`,
    );
  }
}

function checkBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(`${name} is true or false: received ${String(value)}`);
}

function checkInteger(
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `${name} must be a whole number from ${least} to ${most}: received ${
      String(value)
    }`,
  );
}
