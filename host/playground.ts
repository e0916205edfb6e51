// The world a newcomer meets: playground.json. The machine with the console, and
// at the ends of its cables mirror (for the figure), clients (which runs what it
// is told to, so that somebody can put this machine under load) and www, an HTTP
// server far away. The same in the terminal and on the page.

import type { Machine } from "../kernel/kernel.ts";
import type { MachineOptions } from "../kernel/machine_options.ts";
import type { ProgramLoader } from "../kernel/program.ts";
import type { World, WorldOptions } from "../kernel/world.ts";
import type { Image } from "./base_files.ts";
import PLAYGROUND from "./playground.json" with { type: "json" };
import { makeWorld, startPrograms, worldOf } from "./world_file.ts";

export interface PlaygroundOptions extends WorldOptions {
  programs: ProgramLoader;
  /** What comes with Kettle: it is on every disk. */
  image: Image;
  /** The visitor's own files, for the machine with the console. */
  own?: Image;
  /** Anything else about the machine with the console. */
  machine?: Omit<MachineOptions, "name" | "files">;
}

export interface Playground {
  world: World;
  /** The machine with the console. */
  machine: Machine;
}

/** Switches all machines on; nothing but their servers runs yet. */
export function makePlayground(options: PlaygroundOptions): Playground {
  const { own = {}, machine, ...rest } = options;
  const file = worldOf(PLAYGROUND);
  const [first] = file.machines;
  const files = Object.keys(own).length === 0 ? {} : { files: own };
  first!.options = { ...first!.options, ...machine, ...files };
  const world = makeWorld(file, rest);
  startPrograms(world, file);
  return { world, machine: world.machines[0]! };
}

/** The paths of the programs that run in it from the beginning. */
export function playgroundPrograms(): string[] {
  const started = worldOf(PLAYGROUND).machines
    .flatMap(({ programs }) => programs.map(({ run }) => run));
  return [...new Set(started)];
}
