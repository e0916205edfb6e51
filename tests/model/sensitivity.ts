// What moves when a constant is halved or doubled: the scenarios run with the
// costs of a real machine, once as they are and once with each constant changed.
// For the drive and the wire, what is measured is what a program sees of them.

import { KiB, MiB } from "../../mod.ts";
import {
  accept,
  bind,
  close,
  connect,
  fsync,
  listen,
  type Main,
  O_DIRECT,
  open,
  pread,
  type Program,
  random,
  read,
  socket,
  write,
} from "../../mod.ts";
import {
  type Costs,
  DEFAULT_COSTS,
  type MachineOptions,
  World,
} from "../../kernel/mod.ts";
import {
  DEFAULT_MODEL,
  HDD_MODELS,
  type HddModel,
  type SeekFit,
} from "../../kernel/dev/hdd_model.ts";
import { MEMORY_BYTES, QUANTUM_NS, STACK_BYTES } from "../../kernel/params.ts";
import {
  CABLE_LATENCY_NS,
  LINE_BITS_PER_SECOND,
} from "../../kernel/net/params.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { runScenario } from "../../scenarios/run.ts";
import type {
  Result,
  Scenario,
  StyleResult,
} from "../../scenarios/scenario.ts";

export interface Move {
  claim: number;
  /** Largest change of a time or a rate, and of the CPU time, of any style; 0.1 is 10 %. */
  time: number;
  cpu: number;
  /** The claim was true and is not, or the other way round. */
  turned: boolean;
}

export interface Sensitivity {
  name: string;
  halved: Move[];
  doubled: Move[];
}

/** What is less than this is not told. */
const TOLD = 0.02;

// ------------------------------------------------------------- claims

const CHANGES: Record<string, (factor: number) => MachineOptions> = {
  ...Object.fromEntries(
    (Object.keys(DEFAULT_COSTS) as (keyof Costs)[]).map((name) => [
      name,
      (factor: number) => ({
        costs: { ...DEFAULT_COSTS, [name]: DEFAULT_COSTS[name] * factor },
      }),
    ]),
  ),
  QUANTUM_NS: (factor) => ({ ...AS_IT_IS, quantumNs: QUANTUM_NS * factor }),
  STACK_BYTES: (factor) => ({ ...AS_IT_IS, stackBytes: STACK_BYTES * factor }),
  MEMORY_BYTES: (factor) => ({ ...AS_IT_IS, memory: MEMORY_BYTES * factor }),
};
const AS_IT_IS: MachineOptions = { costs: DEFAULT_COSTS };
/** What a constant that is no cost is compared with: the scenario says otherwise. */
const BASES: Record<string, MachineOptions> = {
  QUANTUM_NS: { ...AS_IT_IS, quantumNs: QUANTUM_NS },
  STACK_BYTES: { ...AS_IT_IS, stackBytes: STACK_BYTES },
  MEMORY_BYTES: { ...AS_IT_IS, memory: MEMORY_BYTES },
};

export const CONSTANTS = Object.keys(CHANGES);

export function sensitivityOf(
  name: string,
  scenarios: readonly Scenario[] = SCENARIOS,
): Sensitivity {
  const change = CHANGES[name]!;
  const base = BASES[name] ?? AS_IT_IS;
  const moves = (factor: number) =>
    scenarios.map((it) =>
      moveOf(it, resultOf(it, base), resultOf(it, change(factor)))
    )
      .filter(({ time, cpu, turned }) =>
        Math.abs(time) >= TOLD || Math.abs(cpu) >= TOLD || turned
      );
  return { name, halved: moves(0.5), doubled: moves(2) };
}

const known = new Map<string, Result>();

function resultOf(it: Scenario, machine: MachineOptions): Result {
  const key = `${it.id} ${JSON.stringify(machine)}`;
  let result = known.get(key);
  if (result === undefined) {
    const change = { machine };
    result = runScenario(it, { params: it.small, trace: false, change });
    known.set(key, result);
  }
  return result;
}

function moveOf(it: Scenario, before: Result, after: Result): Move {
  const move: Move = {
    claim: it.number,
    time: 0,
    cpu: 0,
    turned: before.holds !== after.holds,
  };
  for (const [name, style] of Object.entries(before.styles)) {
    const then = after.styles[name]!;
    const cpu = then.busyNs / style.busyNs - 1;
    if (Math.abs(cpu) > Math.abs(move.cpu)) move.cpu = cpu;
    for (const [figure, value] of figuresOf(style)) {
      const time = (new Map(figuresOf(then)).get(figure) ?? 0) / value - 1;
      if (Math.abs(time) > Math.abs(move.time)) move.time = time;
    }
  }
  return move;
}

/** A time below it says nothing when it doubles. */
const TIME_MIN_NS = 10_000;

/** Rates and times of a style: of its requests, or else whatever it tells. */
function figuresOf(style: StyleResult): [string, number][] {
  const { requests, perSecond, latency: { meanNs }, facts } = style;
  const figures: [string, number][] = requests > 0
    ? [["rate", perSecond], ["mean", meanNs]]
    : Object.entries(facts).filter(([name]) => name.endsWith("Ns"));
  return figures.filter(([name, value]) =>
    name === "rate" ? value > 0 : value >= TIME_MIN_NS
  );
}

export function movesText(moves: readonly Move[]): string {
  if (moves.length === 0) return "nothing by 2 %";
  return moves.map(({ claim, time, cpu, turned }) => {
    const parts = [
      Math.abs(time) >= TOLD ? percent(time) : "",
      Math.abs(cpu) >= TOLD ? `CPU ${percent(cpu)}` : "",
      turned ? "turns" : "",
    ].filter((part) => part !== "");
    return `C${claim} ${parts.join(", ")}`;
  }).join("; ");
}

export function percent(share: number): string {
  const value = Math.round(100 * share);
  return `${value < 0 ? "−" : "+"}${Math.abs(value)} %`;
}

// ------------------------------------------------------------- the drive

export interface DeviceFigures {
  [what: string]: number;
}

const READS = 200;

function* randomReads(): Program {
  const fd = yield* open("/dev/hda", `r`);
  yield* close(fd);
  const disk = yield* open("/dev/hda", O_DIRECT);
  for (let i = 0; i < READS; i++) {
    const block = Math.floor((yield* random(`read ${i}`)) * BLOCKS);
    yield* pread(disk, 4 * KiB, block * 4 * KiB);
  }
}
const BLOCKS = 900_000_000;

function* saves(): Program {
  const fd = yield* open("/home/saved", "w");
  for (let i = 0; i < 20; i++) {
    yield* write(fd, "x".repeat(4 * KiB));
    yield* fsync(fd);
  }
}

function* largeRead(): Program {
  const disk = yield* open("/dev/hda", O_DIRECT);
  for (let i = 0; i < 64; i++) yield* pread(disk, 1 * MiB, i * MiB);
}

const DRIVE_CHANGES: Record<string, (factor: number) => Partial<HddModel>> = {
  rpm: (factor) => ({ rpm: DEFAULT_MODEL.rpm * factor }),
  "seek (all of the curve)": (factor) => ({
    seek: scaled(DEFAULT_MODEL.seek as SeekFit, factor),
  }),
  overheadNs: (factor) => ({ overheadNs: DEFAULT_MODEL.overheadNs * factor }),
  trackSkew: (factor) => ({ trackSkew: DEFAULT_MODEL.trackSkew * factor }),
  busSectorNs: (factor) => ({
    busSectorNs: Math.round(DEFAULT_MODEL.busSectorNs * factor),
  }),
};

function scaled({ aNs, bNs, k, cNs, eNs }: SeekFit, factor: number): SeekFit {
  return {
    aNs: aNs * factor,
    bNs: bNs * factor,
    k,
    cNs: cNs * factor,
    eNs: eNs * factor,
  };
}

export const DRIVE_CONSTANTS = Object.keys(DRIVE_CHANGES);

export function driveFigures(name = "", factor = 1): DeviceFigures {
  const change = DRIVE_CHANGES[name]?.(factor) ?? {};
  return withModel({ ...DEFAULT_MODEL, ...change, name: "changed" }, () => ({
    "random read of 4 KiB":
      ran(randomReads, { disk: { model: "changed", readAhead: false } }) /
      READS,
    "write of 4 KiB and fsync": ran(saves, { disk: { model: "changed" } }) / 20,
    "1 MiB in a row": ran(largeRead, { disk: { model: "changed" } }) / 64,
  }));
}

/** A drive that is in the catalogue for as long as this takes. */
function withModel<T>(model: HddModel, work: () => T): T {
  const models = HDD_MODELS as HddModel[];
  models.push(model);
  try {
    return work();
  } finally {
    models.pop();
  }
}

function ran(program: Main, options: MachineOptions): number {
  const world = new World({ seed: 1, trace: false });
  const process = world.boot(options).spawn(program);
  world.run({ until: process });
  if (
    process.exit === null || !("status" in process.exit) ||
    process.exit.status !== 0
  ) {
    throw new Error(`it did not end well: ${process.stderr}`);
  }
  return world.now;
}

// ------------------------------------------------------------- the wire

const WIRE_CHANGES: Record<
  string,
  (
    factor: number,
  ) => { latencyNs?: number; bitsPerSecond?: number; costs?: Partial<Costs> }
> = {
  CABLE_LATENCY_NS: (factor) => ({ latencyNs: CABLE_LATENCY_NS * factor }),
  LINE_BITS_PER_SECOND: (factor) => ({
    bitsPerSecond: LINE_BITS_PER_SECOND * factor,
  }),
  packetNs: (factor) => ({
    costs: { packetNs: DEFAULT_COSTS.packetNs * factor },
  }),
  interruptNs: (factor) => ({
    costs: { interruptNs: DEFAULT_COSTS.interruptNs * factor },
  }),
};
export const WIRE_CONSTANTS = Object.keys(WIRE_CHANGES);

export function wireFigures(name = "", factor = 1): DeviceFigures {
  const { costs, ...cable } = WIRE_CHANGES[name]?.(factor) ?? {};
  const took = (bytes: number, times: number) => {
    const world = new World({ seed: 1, trace: false });
    const a = world.boot({ name: "a", costs }),
      b = world.boot({ name: "b", costs });
    world.cable(a, b, cable);
    b.spawn(answering(bytes));
    const client = a.spawn(asking(bytes, times));
    world.run({ until: client });
    return world.now / times;
  };
  return {
    "question and answer, new connection": took(1, 10),
    "1 MiB, new connection": took(1 * MiB, 1),
  };
}

const answering = (bytes: number): Main =>
  function* (): Program {
    const listener = yield* socket();
    yield* bind(listener, { port: 7 });
    yield* listen(listener, 16);
    const answer = new Uint8Array(bytes);
    while (true) {
      const fd = yield* accept(listener);
      yield* read(fd, 1);
      for (let done = 0; done < bytes;) {
        done += yield* write(fd, answer.subarray(done));
      }
      yield* close(fd);
    }
  };

const asking = (bytes: number, times: number): Main =>
  function* (): Program {
    for (let i = 0; i < times; i++) {
      const fd = yield* socket();
      yield* connect(fd, { host: "b", port: 7 });
      yield* write(fd, "?");
      for (let got = 0; got < bytes;) got += (yield* read(fd, 65_536)).length;
      yield* close(fd);
    }
  };
