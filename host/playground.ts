// The world a newcomer meets: the machine with the console, and at the other
// end of a cable a machine called mirror, which answers on port 80. The same in
// the terminal and on the page.

import type { Machine } from "../kernel/kernel.ts";
import type { MachineOptions } from "../kernel/machine_options.ts";
import type { ProgramLoader } from "../kernel/program.ts";
import { World, type WorldOptions } from "../kernel/world.ts";
import type { Image } from "./base_files.ts";

export interface PlaygroundOptions extends WorldOptions {
  programs: ProgramLoader;
  /** What is on the disk; the visitor's files as well. */
  image: Image;
  /** Anything else about the machine with the console. */
  machine?: Omit<MachineOptions, "name" | "files">;
}

export interface Playground {
  world: World;
  /** The machine with the console. */
  machine: Machine;
  mirror: Machine;
}

const MIRROR = "/servers/mirror.ts";

/** Switches both machines on; nothing but the mirror runs yet. */
export function makePlayground(options: PlaygroundOptions): Playground {
  const { image, machine: machineOptions, ...worldOptions } = options;
  const world = new World(worldOptions);
  const machine = world.boot({
    ...machineOptions,
    name: "kettle",
    files: image,
  });
  const mirror = world.boot({ name: "mirror", files: mirrorFiles(image) });
  world.cable(machine, mirror);
  mirror.spawn(MIRROR, [], { name: "mirror" });
  return { world, machine, mirror };
}

/** The mirror's disk: its one program, and what that may import. */
function mirrorFiles(image: Image): Image {
  const wanted = ([path]: [string, unknown]) =>
    path === MIRROR || path === "/sys.ts" || path.startsWith("/lib/");
  return Object.fromEntries(Object.entries(image).filter(wanted));
}
