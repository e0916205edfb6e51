// Switching a machine on: in a file of its own, so that the world need not know
// how a machine is built.

import { Machine } from "./kernel.ts";
import type { MachineOptions } from "./machine_options.ts";
import type { World } from "./world.ts";

export function boot(
  world: World,
  index: number,
  options: MachineOptions,
): Machine {
  return new Machine(world, index, options);
}
