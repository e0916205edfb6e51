// What is tried with every scenario: that it holds for a seed, that each of its
// mutants makes it fail, and that its claim turns round at its crossover.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { costsOf, runScenario } from "../../scenarios/run.ts";
import {
  check,
  type Mutant,
  type Result,
  type Scenario,
  valuesOf,
} from "../../scenarios/scenario.ts";
import { TraceCosts } from "./trace_costs.ts";

export function holdsFor(it: Scenario, seed: number): void {
  check(it, runScenario(it, { params: it.small, seed, trace: false }));
}

/** The expectation fails with a sentence of its own, not because something broke. */
export function diesOf(it: Scenario, mutant: Mutant, seed: number): void {
  const params = it.small;
  assertThrows(
    () =>
      check(
        it,
        runScenario(it, { params, seed, change: mutant, trace: false }),
      ),
    Error,
    "expected: ",
  );
}

/** Well below and well above the crossover, as far as the parameter goes. */
export function sidesOf(it: Scenario): number[] {
  const { param, at } = it.crossover;
  const { min, max, value } = it.params[param]!;
  const edge = at({ ...defaultsOf(it), ...it.small });
  const isWhole = Number.isInteger(value) && Number.isInteger(min);
  const sides = [edge / 2, edge * 1.5].map((side) =>
    isWhole ? Math.round(side) : side
  );
  return sides.filter((side) => side >= min && side <= max && side !== edge);
}

/** The claim is true on one side and false on the other, and both are expected. */
export function turnsRound(it: Scenario, seed: number): void {
  const { param, holds } = it.crossover;
  const sides = sidesOf(it);
  const seen = sides.map((value) => {
    const params = { ...it.small, [param]: value };
    const result = runScenario(it, { params, seed, trace: false });
    check(it, result);
    return result.holds;
  });
  assert(sides.length > 0, `${it.id}: nothing beside its crossover was tried`);
  if (sides.length < 2) return;
  assertEquals(seen, holds === "below" ? [true, false] : [false, true]);
}

/** The kernel's counters are what the trace adds up to. */
export function countsExactly(
  it: Scenario,
  seed: number,
  styles: readonly string[],
): void {
  const values = valuesOf(it, it.small);
  for (const style of styles) {
    const { world, machine, until, untilNs } = it.world(
      values,
      seed,
      style,
      {},
    );
    const traced = new TraceCosts(machine);
    world.run({ until, untilNs });
    assertEquals(costsOf(machine), traced.costs(), style);
  }
}

/** A run that records nothing has the same results but for the hash. */
export function isSameUntraced(it: Scenario, seed: number): void {
  const options = { params: it.small, seed };
  const traced = runScenario(it, options);
  const untraced = runScenario(it, { ...options, trace: false });
  assertEquals(withoutHash(untraced), withoutHash(traced));
}

function withoutHash(result: Result): Result {
  const styles = Object.entries(result.styles).map((
    [name, style],
  ) => [name, { ...style, traceHash: "" }]);
  return { ...result, styles: Object.fromEntries(styles) };
}

function defaultsOf(it: Scenario): Record<string, number> {
  return Object.fromEntries(
    Object.entries(it.params).map(([name, { value }]) => [name, value]),
  );
}
