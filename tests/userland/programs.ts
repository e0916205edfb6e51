// What the tests of userland share: a world with the programs of userland/bin in
// its /bin, run from the imported modules (no compiler), and one-line ways to
// run a command in it. User-written programs need the real loader; not this.

import { readdirSync, readFileSync } from "node:fs";
import type { Main } from "../../kernel/abi.ts";
import {
  type Loaded,
  type Machine,
  type MachineOptions,
  type Process,
  type ProgramLoader,
  World,
} from "../../kernel/mod.ts";

const BIN = new URL("../../userland/bin/", import.meta.url);
const NAMES = readdirSync(BIN).map((file) => file.replace(/\.ts$/, "")).sort();
const MAINS = new Map<string, Main>();
for (const name of NAMES) {
  const module = await import(new URL(`${name}.ts`, BIN).href);
  MAINS.set(name, module.default as Main);
}

/** Gives the imported module for a path in /bin, or for what a test adds. */
export class ImportedPrograms implements ProgramLoader {
  constructor(readonly added: Record<string, Main> = {}) {}

  load(path: string): Loaded {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const main = Object.hasOwn(this.added, path)
      ? this.added[path]
      : path.startsWith("/bin/")
      ? MAINS.get(name)
      : undefined;
    if (main === undefined) return { error: `${path}: not a program` };
    return { main, name };
  }
}

/** The sources of userland/bin as files of /bin. */
export function binFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of NAMES) {
    files[`/bin/${name}`] = readFileSync(new URL(`${name}.ts`, BIN), "utf8");
  }
  return files;
}

export interface Setting {
  files?: Record<string, string | Uint8Array>;
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  machine?: MachineOptions;
  programs?: Record<string, Main>;
  /** Longest virtual time, ns. */
  budgetNs?: number;
}

export interface Finished {
  stdout: string;
  stderr: string;
  status: number | undefined;
  signal: string | undefined;
  reason: string;
  machine: Machine;
  world: World;
}

const MINUTE_NS = 60_000_000_000;

/** A machine with all programs, an empty /home and /tmp. */
export function newMachine(setting: Setting = {}): {
  world: World;
  machine: Machine;
} {
  const world = new World({
    seed: 1,
    programs: new ImportedPrograms(setting.programs),
  });
  const machine = world.boot({
    name: "kettle",
    ...setting.machine,
    files: {
      ...binFiles(),
      ...setting.files,
    },
  });
  return { world, machine };
}

/** Runs a program of /bin in a fresh world until it ends. */
export function runProgram(
  path: string,
  args: string[],
  setting: Setting = {},
): Finished {
  const { world, machine } = newMachine(setting);
  const process = machine.spawn(path, args, {
    stdin: setting.stdin,
    env: setting.env,
    cwd: "/home",
  });
  const { reason, report } = world.run({
    until: process,
    budgetNs: setting.budgetNs ?? MINUTE_NS,
  });
  const { exit } = process;
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    status: exit !== null && "status" in exit ? exit.status : undefined,
    signal: exit !== null && "signal" in exit ? exit.signal : undefined,
    reason: report === "" ? reason : `${reason}: ${report}`,
    machine,
    world,
  };
}

/** Runs `sh -c COMMAND` in a fresh world. */
export function sh(command: string, setting: Setting = {}): Finished {
  return runProgram("/bin/sh", ["-c", command], setting);
}

// deno-lint-ignore no-control-regex -- escape sequences begin with one
const ESCAPES = /\x1b\[[\d;?]*[@-~]/g;

/** A login shell on a machine's console, and somebody who types. */
export class Session {
  readonly world: World;
  readonly machine: Machine;
  readonly shell: Process;
  #shown = "";

  constructor(setting: Setting = {}) {
    const { world, machine } = newMachine(setting);
    this.world = world;
    this.machine = machine;
    const decoder = new TextDecoder();
    machine.console.onOutput = (bytes) => {
      this.#shown += decoder.decode(bytes, { stream: true });
    };
    this.shell = machine.spawn("/bin/sh", ["-l"], {
      console: true,
      cwd: "/home",
      env: setting.env,
    });
    this.settle();
  }

  /** Lets time pass until everybody waits, but no longer than this. */
  settle(budgetNs = MINUTE_NS): string {
    const { reason, report } = this.world.run({ budgetNs });
    return report === "" ? reason : report;
  }

  /** Types keys, lets time pass, and gives what was shown meanwhile, without colours. */
  type(keys: string, budgetNs?: number): string {
    this.take();
    this.machine.type(keys);
    this.settle(budgetNs);
    return this.take();
  }

  /** What was shown since the last time. */
  take(): string {
    const fresh = this.#shown;
    this.#shown = "";
    return fresh.replace(ESCAPES, "").replaceAll("\r", "");
  }
}
