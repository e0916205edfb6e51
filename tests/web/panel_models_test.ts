// What the panels are made of, the fold of the trace, against what the kernel
// itself has: equal at random instants of random worlds.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { MachineState } from "../../web/panels/machine_state.ts";
import { setupOf } from "../../web/panels/setup.ts";
import { compare, KINDS } from "./panel_truth.ts";
import { randomWorld, truthOf } from "./random_world.ts";

const SEEDS = 5;

test("with other policies the same are ready, as they came", () => {
  for (const scheduler of ["fair", "mlfq"] as const) {
    const { world, machine } = randomWorld(3, { scheduler, cpus: 2 });
    const state = new MachineState(setupOf(machine));
    let read = 0, most = 0;
    while (world.now < 30_000_000 && world.step()) {
      for (const event of world.trace.events(read)) state.add(event);
      read = world.trace.length;
      const { ready, running } = truthOf(machine);
      assertEquals([...state.ready.tids].sort(), ready.sort(), scheduler);
      assertEquals(state.cpus.map(({ tid }) => tid), running, scheduler);
      most = Math.max(most, ready.length);
    }
    assert(most > 1, `${most} at most`);
  }
});

for (const [name, options] of KINDS) {
  test(`the fold is what the kernel has, at random instants: ${name}`, () => {
    let instants = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      instants += compare(randomWorld(seed, options), seed).length;
    }
    assert(instants > SEEDS * 30, `only ${instants} instants`);
  });
}
