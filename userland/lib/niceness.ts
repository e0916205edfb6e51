// Niceness, as Unix has it, and the weight of a thread, which is what Kettle has:
// each step up is a quarter less of the CPU (Linux's table has the same step).
// A weight is from 1 to 100, so a niceness is from -10 to 10.

export const NICENESS_MAX = 10;
const STEP = 1.25;
/** The weight of niceness 0. */
const WEIGHT = 10;

/** Beyond the ends, the ends. */
export function weightOf(niceness: number): number {
  const steps = Math.min(Math.max(niceness, -NICENESS_MAX), NICENESS_MAX);
  let weight = WEIGHT;
  for (let n = 0; n < steps; n++) weight /= STEP;
  for (let n = 0; n > steps; n--) weight *= STEP;
  return Math.max(1, Math.round(weight));
}

/** The niceness whose weight comes nearest. */
export function nicenessOf(weight: number): number {
  let nearest = -NICENESS_MAX;
  const distance = (niceness: number) => Math.abs(weightOf(niceness) - weight);
  for (let niceness = nearest; niceness <= NICENESS_MAX; niceness++) {
    if (distance(niceness) < distance(nearest)) nearest = niceness;
  }
  return nearest;
}
