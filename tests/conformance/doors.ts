// The vocabulary of the conformance tests: machines that run one program to its
// end, and one scenario sent through each of the three doors. After every run
// nothing may have leaked, and the trace must add up to the machine. It knows
// the calls and the World API, nothing inside the kernel.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  type Event,
  type Handle,
  join,
  type Main,
  pause,
  push,
  type Request,
  type RequestName,
  type Routine,
  submit,
  SysError,
  thread,
  wait,
  yieldCpu,
} from "kettle";
import {
  fold,
  type Machine,
  type MachineOptions,
  type Process,
  type Snapshot,
  World,
} from "kettle/world";
import { assertDiskWhole } from "../kernel/disk_whole.ts";

// ------------------------------------------------------------- machines

export interface Booted {
  world: World;
  machine: Machine;
  /** The machine as it was, for {@link assertNothingLeaked}. */
  before: Snapshot;
}

/** A world of one machine. */
export function boot(options: MachineOptions = {}, seed = 1): Booted {
  const world = new World({ seed });
  const machine = world.boot(options);
  return { world, machine, before: machine.snapshot() };
}

/** The trace adds up to the machine, for every machine of the world. */
export function assertTraceAddsUp(world: World): void {
  for (const machine of world.machines) {
    assertEquals(fold(world.trace.events(), machine.index), machine.snapshot());
  }
}

/** Nothing is left that was not there before, and the trace says so too; nor on the disk. */
export function assertNothingLeaked({ world, machine, before }: Booted): void {
  assertTraceAddsUp(world);
  assertEquals(machine.snapshot(), before);
  assertDiskWhole(machine);
}

export interface Ran<T> extends Booted {
  process: Process;
  /** What the program returned. */
  value: T;
  stderr: string;
}

export interface RunOptions extends MachineOptions {
  stdin?: string;
  /** The program may print errors; without this they fail the test. */
  mayComplain?: boolean;
  /** Called with the machine before time passes. */
  prepare?: (booted: Booted) => void;
}

/** Runs a program on a machine of its own to its end; what it throws fails the test. */
export function runToEnd<T>(
  program: () => Routine<T>,
  { stdin, mayComplain, prepare, ...options }: RunOptions = {},
): Ran<T> {
  const booted = boot(options);
  prepare?.(booted);
  const { world, machine } = booted;
  const main = carefully(program);
  const process = machine.spawn(main.run, [], { name: "main", stdin });
  const { reason, report } = world.run();
  main.rethrow();
  if (process.stderr !== "" && mayComplain !== true) {
    throw new Error(`it said: ${process.stderr}`);
  }
  assertEquals([reason, report], ["done", ""]);
  assertNothingLeaked(booted);
  return {
    ...booted,
    process,
    value: process.result as T,
    stderr: process.stderr,
  };
}

/** Keeps what a program throws, so that the test can throw it again. */
function carefully(program: () => Routine<unknown>): {
  run: Main;
  rethrow: () => void;
} {
  let thrown: { error: unknown } | null = null;
  return {
    *run() {
      try {
        // deno-lint-ignore no-explicit-any
        return (yield* program()) as any;
      } catch (error) {
        thrown = { error };
      }
    },
    rethrow() {
      if (thrown === null) return;
      const { error } = thrown;
      throw error instanceof SysError ? new Error(error.message) : error;
    },
  };
}

// ------------------------------------------------------------- outcomes

/** What a test compares: bytes as text, nothing as "ok", a failure as its code. */
export type Plain = unknown;

export function plain(value: unknown): Plain {
  if (value === undefined) return "ok";
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

/** The code of a SysError; anything else is thrown on. */
export function codeOf(error: unknown): string {
  if (error instanceof SysError) return error.code;
  throw error;
}

/** How a call ends: its value or its error code. */
export function* outcome(
  call: Iterable<unknown, unknown, unknown>,
): Routine<Plain> {
  try {
    // deno-lint-ignore no-explicit-any
    return plain(yield* call as any);
  } catch (error) {
    return codeOf(error);
  }
}

export function eventOutcome(event: Event): Plain {
  return event.ok ? plain(event.value) : event.error.code;
}

// ------------------------------------------------------------- three doors

/** A request under way through some door. */
export interface Pending {
  /** Waits for its end. */
  end(): Routine<Plain>;
  /** How it ended, or null while it has not. */
  readonly ended: { outcome: Plain } | null;
}

export interface Door {
  readonly name: "call" | "submit" | "push";
  /** Sends a request through and waits for its end. */
  do(request: Request): Routine<Plain>;
  /** Sends a request through and goes on; when this returns it is under way. */
  start(request: Request): Routine<Pending>;
}

/** Door 1: who wants to go on meanwhile needs a thread. */
const CALL_DOOR: Door = {
  name: "call",
  do: outcome,
  *start(request) {
    let ended: Pending["ended"] = null;
    const tid = yield* thread(function* caller() {
      ended = { outcome: yield* outcome(request) };
    });
    yield* yieldCpu();
    return {
      get ended() {
        return ended;
      },
      *end() {
        yield* join(tid);
        return ended!.outcome;
      },
    };
  },
};

const SUBMIT_DOOR: Door = {
  name: "submit",
  do: doWith(startSubmit),
  start: startSubmit,
};

function* startSubmit<C extends RequestName>(
  request: Request<C>,
): Routine<Pending> {
  const handle: Handle<C> = yield* submit(request);
  return {
    ended: null,
    *end() {
      return eventOutcome((yield* wait(handle)) as Event);
    },
  };
}

const PUSH_DOOR: Door = {
  name: "push",
  do: doWith(startPush),
  start: startPush,
};

function* startPush(request: Request): Routine<Pending> {
  let ended: Pending["ended"] = null;
  yield* push(request, (event) => {
    ended = { outcome: eventOutcome(event) };
  });
  return {
    get ended() {
      return ended;
    },
    *end() {
      while (ended === null) yield* pause();
      return (ended as { outcome: Plain }).outcome;
    },
  };
}

function doWith(start: Door["start"]): Door["do"] {
  return function* (request) {
    return yield* (yield* start(request)).end();
  };
}

export const DOORS: readonly Door[] = [CALL_DOOR, SUBMIT_DOOR, PUSH_DOOR];

export type Scenario = (door: Door) => Routine<unknown>;

/**
 * One test: the scenario runs through each door on a machine of its own. Its
 * assertions hold there, and what it returns (results and effects) is the same.
 */
export function throughDoors(
  name: string,
  scenario: Scenario,
  options: RunOptions = {},
): void {
  test(name, () => {
    const values = DOORS.map((door) => {
      return runToEnd(() => scenario(door), options).value;
    });
    assertEquals(values[1], values[0], "submit differs from call");
    assertEquals(values[2], values[0], "push differs from call");
  });
}

/** A test that runs one program to its end on a machine of its own. */
export function program(
  name: string,
  body: () => Routine<unknown>,
  options: RunOptions = {},
): void {
  test(name, () => {
    runToEnd(body, options);
  });
}
