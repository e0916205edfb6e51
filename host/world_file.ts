// A world in a file: machines, switches, cables, and the programs that start on
// them, as JSON. Reading it checks every name and says what is wrong and where;
// making it boots the machines, starting it starts their programs. It lets no
// time pass.
//
//   {
//     "seed": 1,
//     "machines": [
//       { "name": "www", "cpus": 2, "files": { "/home/a": "text" },
//         "programs": [{ "run": "/servers/http_block.ts", "args": ["80"] }] },
//       { "name": "clients", "programs": [{ "run": "load", "args": ["www:80"], "atNs": 1000000 }] }
//     ],
//     "switches": [{ "name": "lan" }],
//     "cables": [{ "between": ["www", "lan"], "latencyNs": 50000, "loss": 0.01 }]
//   }

import type { MachineOptions } from "../kernel/machine_options.ts";
import type { Machine } from "../kernel/kernel.ts";
import {
  type CableOptions,
  hostsText,
  type Switch,
} from "../kernel/net/mod.ts";
import type { ProgramLoader } from "../kernel/program.ts";
import type { Platter } from "../kernel/dev/platter.ts";
import type { Process } from "../kernel/process.ts";
import { World, type WorldOptions } from "../kernel/world.ts";
import { nearest } from "../userland/lib/nearest.ts";
import type { Image } from "./base_files.ts";

/** The file is wrong: its message is for whoever wrote it. */
export class WorldFileError extends Error {}

/** A program that starts by itself. */
export interface StartedProgram {
  /** A path in the machine, or a name of /bin. */
  run: string;
  args: string[];
  /** When, in virtual ns. */
  atNs: number;
}

export interface WorldFile {
  /** Undefined: it does not say. */
  seed: number | undefined;
  machines: { options: MachineOptions; programs: StartedProgram[] }[];
  switches: { name: string; hopNs?: number; frames?: number }[];
  cables: { between: [string, string]; options: CableOptions }[];
}

const WORLD_NAMES = ["seed", "machines", "switches", "cables"];
const PROGRAM_NAMES = ["run", "args", "atNs"];
const SWITCH_NAMES = ["name", "hopNs", "frames"];
const CABLE_NAMES = [
  "between",
  "latencyNs",
  "bitsPerSecond",
  "loss",
  "duplicate",
  "reorder",
  "reorderNs",
  "jitterNs",
  "cuts",
];

/** Reads and checks the text of a world file. */
export function readWorldFile(text: string): WorldFile {
  return worldOf(parsed(text));
}

/** Checks what stands in a world file. */
export function worldOf(content: unknown): WorldFile {
  const given = objectAt("the file", content, WORLD_NAMES);
  const { seed } = given;
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    wrong("seed", "a whole number", seed);
  }
  const machines = listAt("machines", given.machines).map(readMachine);
  if (machines.length === 0) wrong("machines", "at least one machine", []);
  const switches = listAt("switches", given.switches).map((it, i) => {
    const where = `switches[${i}]`;
    const { name, ...rest } = objectAt(where, it, SWITCH_NAMES);
    return { name: textAt(`${where}.name`, name), ...rest };
  });
  const names = [
    ...machines.map(({ options }) => options.name!),
    ...switches.map(({ name }) => name),
  ];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new WorldFileError(`two are called "${twice}": names must differ`);
  }
  const cables = listAt("cables", given.cables)
    .map((it, i) => readCable(it, i, names));
  return { seed: seed as number | undefined, machines, switches, cables };
}

function readMachine(given: unknown, i: number): WorldFile["machines"][number] {
  const where = `machines[${i}]`;
  const { programs, ...options } = objectAt(where, given, null);
  textAt(`${where}.name`, options.name);
  const started = listAt(`${where}.programs`, programs).map((it, j) => {
    const place = `${where}.programs[${j}]`;
    const { run, args = [], atNs = 0 } = objectAt(place, it, PROGRAM_NAMES);
    const words = listAt(`${place}.args`, args);
    if (!(Number.isSafeInteger(atNs) && (atNs as number) >= 0)) {
      wrong(`${place}.atNs`, "a time in ns", atNs);
    }
    return {
      run: textAt(`${place}.run`, run),
      args: words.map((word, k) => textAt(`${place}.args[${k}]`, word)),
      atNs: atNs as number,
    };
  });
  return { options: options as MachineOptions, programs: started };
}

function readCable(
  given: unknown,
  i: number,
  names: readonly string[],
): WorldFile["cables"][number] {
  const where = `cables[${i}]`;
  const { between, ...options } = objectAt(where, given, CABLE_NAMES);
  const ends = listAt(`${where}.between`, between);
  if (ends.length !== 2) wrong(`${where}.between`, "two names", between);
  for (const end of ends) {
    const name = textAt(`${where}.between`, end);
    if (!names.includes(name)) throw unknown(`${where}.between`, name, names);
  }
  return {
    between: ends as [string, string],
    options: options as CableOptions,
  };
}

export interface WorldFileOptions extends WorldOptions {
  programs: ProgramLoader;
  /** What comes with Kettle: it is on every disk. */
  image: Image;
}

/** Boots it. The file's seed goes before the option's. */
export function makeWorld(
  file: WorldFile,
  { image, ...options }: WorldFileOptions,
): World {
  const world = new World({ ...options, seed: file.seed ?? options.seed });
  const ends = new Map<string, Machine | Switch>();
  const names = file.machines.map(({ options }) => options.name!);
  const disks = new Disks({ "/etc/hosts": hostsText(names), ...image });
  file.machines.forEach(({ options }, i) => {
    const machine = named(`machines[${i}]`, () => disks.boot(world, options));
    ends.set(machine.name, machine);
  });
  for (const each of file.switches) ends.set(each.name, world.switch(each));
  file.cables.forEach(({ between: [a, b], options }, i) =>
    named(
      `cables[${i}]`,
      () => world.cable(ends.get(a)!, ends.get(b)!, options),
    )
  );
  return world;
}

/** The first disk is written file by file, and copied for whoever wants the same. */
class Disks {
  readonly #image: Image;
  #fresh: Platter | null = null;

  constructor(image: Image) {
    this.#image = image;
  }

  boot(world: World, options: MachineOptions): Machine {
    const { files, disk } = options;
    const isOwn = files !== undefined || disk?.image !== undefined ||
      disk?.model !== undefined;
    if (!isOwn && this.#fresh !== null) {
      const image = this.#fresh.clone();
      return world.boot({ ...options, disk: { ...disk, image } });
    }
    const all = { ...this.#image, ...files };
    const machine = world.boot({ ...options, files: all });
    if (!isOwn) this.#fresh = machine.platter.clone();
    return machine;
  }
}

export interface Started {
  machine: string;
  /** Of the program, without directory and `.ts`. */
  name: string;
  process: Process;
}

/** Starts the file's programs, each at its time; those of 0 at once. */
export function startPrograms(
  world: World,
  file: WorldFile,
  onStart: (started: Started) => void = () => {},
): void {
  for (const { options, programs } of file.machines) {
    for (const program of programs) {
      const start = () => onStart(launch(world, options.name!, program));
      if (program.atNs === 0) start();
      else world.clock.schedule(program.atNs, { fire: start });
    }
  }
}

function launch(
  world: World,
  machine: string,
  { run, args }: StartedProgram,
): Started {
  const path = run.includes("/") ? run : `/bin/${run}`;
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.ts$/, "");
  const options = { name, cwd: "/home" };
  const process = world.machine(machine)!.spawn(path, args, options);
  return { machine, name, process };
}

/** What the kernel says is wrong, and where in the file. */
function named<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new WorldFileError(`${where}: ${(error as Error).message}`);
  }
}

// ------------------------------------------------------------- checks

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WorldFileError(`not JSON: ${(error as Error).message}`);
  }
}

/** `known` null: the kernel knows the names. */
function objectAt(
  where: string,
  value: unknown,
  known: readonly string[] | null,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    wrong(where, "an object { … }", value);
  }
  for (const name of known === null ? [] : Object.keys(value as object)) {
    if (!known!.includes(name)) throw unknown(where, name, known!);
  }
  return value as Record<string, unknown>;
}

function listAt(where: string, value: unknown): unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) wrong(where, "a list [ … ]", value);
  return value as unknown[];
}

function textAt(where: string, value: unknown): string {
  if (typeof value !== "string" || value === "") wrong(where, "text", value);
  return value as string;
}

function wrong(where: string, wanted: string, value: unknown): never {
  const got = value === undefined ? "nothing" : JSON.stringify(value);
  throw new WorldFileError(`${where} must be ${wanted}: it is ${got}`);
}

function unknown(
  where: string,
  name: string,
  known: readonly string[],
): WorldFileError {
  return new WorldFileError(
    `${where}: nothing is called "${name}"; the nearest is "${
      nearest(name, [...known]) ?? known[0]
    }"`,
  );
}
