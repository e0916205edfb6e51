// Random times of a stated law: fixed, uniform, exponential, or a mixture of two
// exponentials. Made from draws in [0, 1) with + − × ÷ only, so that every engine
// gives the same bits: Math.log differs in the last one. Knows no clock and no
// source of chance.

/** A law of times, in the unit it was written in. */
export interface Law {
  mean: number;
  /** Always the mean: no draw is needed. */
  fixed: boolean;
  /** The time that belongs to a draw. */
  at: (draw: number) => number;
}

/** ln 2, to the last bit of a double. */
const LN2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;

/** The natural logarithm of a positive number, to about a unit in the last place. */
export function logarithm(x: number): number {
  let exponent = 0;
  while (x < SQRT_HALF) {
    x *= 2;
    exponent--;
  }
  while (x > 2 * SQRT_HALF) {
    x /= 2;
    exponent++;
  }
  // ln x = 2 artanh z = 2 (z + z³/3 + z⁵/5 + …), |z| < 0.172
  const z = (x - 1) / (x + 1), square = z * z;
  let sum = 0;
  for (let n = 21; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return exponent * LN2 + 2 * z * sum;
}

/** Mean 1: how long until something that happens once in a unit of time. */
export function exponential(draw: number): number {
  return -logarithm(1 - draw);
}

/**
 * `300` always 300 · `exp:300` exponential · `uniform:100-500` ·
 * `mix:0.9:1-20` exponential of mean 1 with chance 0.9, else of mean 20.
 * Null if it is none of these.
 */
export function lawOf(text: string): Law | null {
  const [kind = "", first = "", second = ""] = text.split(":");
  if (second === "" && first === "") {
    const value = numberOf(kind);
    return value === null
      ? null
      : { mean: value, fixed: true, at: () => value };
  }
  if (kind === "exp" && second === "") {
    const mean = numberOf(first);
    if (mean === null) return null;
    return { mean, fixed: false, at: (draw) => mean * exponential(draw) };
  }
  const [low, high] = (kind === "mix" ? second : first).split("-").map(
    numberOf,
  );
  if (typeof low !== "number" || typeof high !== "number") return null;
  if (kind === "uniform" && high >= low) {
    const at = (draw: number) => low + draw * (high - low);
    return { mean: (low + high) / 2, fixed: false, at };
  }
  const chance = numberOf(first);
  if (kind !== "mix" || chance === null || chance > 1) return null;
  return mixture(chance, low, high);
}

/** One draw tells both: which of the two, and what is left of it is as good as new. */
function mixture(chance: number, low: number, high: number): Law {
  const at = (draw: number) =>
    draw < chance
      ? low * exponential(draw / chance)
      : high * exponential((draw - chance) / (1 - chance));
  return { mean: chance * low + (1 - chance) * high, fixed: false, at };
}

function numberOf(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
