// How clients try again: pauses that grow, a part of them by chance, and no more
// tries than they allow themselves. Nobody listens where they knock.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { ms, type Program } from "../../mod.ts";
import { World } from "../../kernel/mod.ts";
import { FREE, WIRE } from "../../scenarios/costs.ts";
import { type LoadPlan, PLAN, runLoad } from "../../userland/lib/load.ts";

/** How long each client took to give up, ms, and how often all of them tried again. */
function knock(plan: Partial<LoadPlan>, seed = 1) {
  const world = new World({ seed, trace: false });
  const clients = world.boot({ name: "clients", ...FREE });
  const www = world.boot({ name: "www", ...FREE });
  world.cable(www, clients, WIRE);
  const tookMs: number[] = [];
  let retries = 0;
  clients.spawn(function* crowd(): Program {
    const tally = yield* runLoad({
      ...PLAN,
      to: { host: "www", port: 80 },
      observe: (beganNs, endedNs) => {
        tookMs.push((endedNs - beganNs) / ms);
      },
      ...plan,
    });
    retries = tally.retries;
  });
  world.run();
  return { tookMs, retries };
}

test("pauses grow by the factor each time", () => {
  const plan = { requests: 1, retries: 3, pauseNs: 10 * ms };
  assertEquals(knock(plan), { tookMs: [30], retries: 3 });
  assertEquals(knock({ ...plan, backoff: 2 }), { tookMs: [70], retries: 3 });
});

test("a part of a pause is left to chance, by seed, and is never longer", () => {
  const plan = { requests: 20, retries: 1, pauseNs: 100 * ms, jitter: 0.5 };
  const { tookMs } = knock(plan);
  assert(tookMs.every((took) => took > 50 && took <= 100), String(tookMs));
  assertEquals(new Set(tookMs).size, 20);
  assertEquals(knock(plan).tookMs, tookMs);
  assert(knock(plan, 2).tookMs[0] !== tookMs[0]);
});

test("no more is tried again than a share of what was asked", () => {
  const plan = { requests: 100, retries: 3, pauseNs: 1 * ms, rate: 1000 };
  assertEquals(knock(plan).retries, 300);
  assertEquals(knock({ ...plan, retryShare: 0.1 }).retries, 10);
});
