// `kettle/world`: the machine itself, for hosts, tests and scenarios. The calls
// that programs make are `kettle`, mod.ts.

import type { Main } from "./abi.ts";
import type { MachineOptions } from "./machine_options.ts";
import type { Exit } from "./process.ts";
import type { Trace } from "./trace.ts";
import { type RunReason, World, type WorldOptions } from "./world.ts";

export type { Ask, Host } from "./host_port.ts";
export { Machine } from "./kernel.ts";
export type { LaunchOptions } from "./launch.ts";
export type {
  DiskOptions,
  MachineOptions,
  NicOptions,
} from "./machine_options.ts";
export { distance, nearest } from "./nearest.ts";
export { BOOT_EPOCH_S, type Costs, DEFAULT_COSTS } from "./params.ts";
export { type Exit, Process } from "./process.ts";
export type { Loaded, ProgramLoader, Wanted } from "./program.ts";
export type { Counts, Snapshot } from "./snapshot.ts";
export { Trace, type TraceEvent, type TraceKind } from "./trace.ts";
export { Fold, fold } from "./trace_fold.ts";
export type { TtyHost } from "./tty.ts";
export {
  type Input,
  type RunOptions,
  type RunReason,
  type RunResult,
  World,
  type WorldOptions,
} from "./world.ts";

export interface SingleRunOptions extends WorldOptions {
  args?: readonly string[];
  machine?: MachineOptions;
  files?: Record<string, string | Uint8Array>;
  stdin?: string | Uint8Array;
  untilNs?: number;
}

export interface SingleRun {
  reason: RunReason;
  report: string;
  exit: Exit | null;
  result: unknown;
  stdout: string;
  stderr: string;
  elapsedNs: number;
  trace: Trace;
  world: World;
}

/** Runs one program on one machine until it ends, waits for ever, or `untilNs`. */
export function run(
  program: Main | string,
  options: SingleRunOptions = {},
): SingleRun {
  const { args = [], machine, files, stdin, untilNs, ...worldOptions } =
    options;
  const world = new World(worldOptions);
  const booted = world.boot({
    ...machine,
    files: { ...machine?.files, ...files },
  });
  const process = booted.spawn(program, args, { stdin });
  const { reason, report } = untilNs === undefined
    ? world.run()
    : world.run({ untilNs });
  return {
    reason,
    report,
    exit: process.exit,
    result: process.result,
    stdout: process.stdout,
    stderr: process.stderr,
    elapsedNs: world.now,
    trace: world.trace,
    world,
  };
}
