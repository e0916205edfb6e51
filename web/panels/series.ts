// Numbers that come in the order of time, and what they were in each part of a
// window: how many, how much of the time, the most. It does not know what they
// mean.

/** More than this are not kept: the older half goes. */
const LENGTH_MAX = 200_000;

/** Moments, each with a number. */
export class Samples {
  readonly #at: number[] = [];
  readonly #value: number[] = [];

  get length(): number {
    return this.#at.length;
  }

  add(at: number, value: number): void {
    if (this.#at.length >= LENGTH_MAX) {
      this.#at.splice(0, LENGTH_MAX / 2);
      this.#value.splice(0, LENGTH_MAX / 2);
    }
    this.#at.push(at);
    this.#value.push(value);
  }

  /** The numbers of a span, its end not included, each `stride`-th. */
  within(fromNs: number, toNs: number, stride = 1): number[] {
    const found: number[] = [];
    const end = firstFrom(this.#at, toNs);
    for (let i = firstFrom(this.#at, fromNs); i < end; i += stride) {
      found.push(this.#value[i]!);
    }
    return found;
  }

  count(fromNs: number, toNs: number): number {
    return firstFrom(this.#at, toNs) - firstFrom(this.#at, fromNs);
  }

  sum(fromNs: number, toNs: number): number {
    let sum = 0;
    for (const value of this.within(fromNs, toNs)) sum += value;
    return sum;
  }
}

/** A number that stays until it changes. */
export class Level {
  readonly #at: number[] = [0];
  readonly #value: number[] = [0];

  get last(): number {
    return this.#value[this.#value.length - 1]!;
  }

  set(at: number, value: number): void {
    const last = this.#at.length - 1;
    if (this.#value[last] === value) return;
    if (this.#at[last] === at) {
      this.#value[last] = value;
      return;
    }
    if (this.#at.length >= LENGTH_MAX) {
      this.#at.splice(0, LENGTH_MAX / 2);
      this.#value.splice(0, LENGTH_MAX / 2);
    }
    this.#at.push(at);
    this.#value.push(value);
  }

  /** Averaged over a span that is not empty, and the most in it. */
  over(fromNs: number, toNs: number): { mean: number; most: number } {
    let area = 0, most = 0;
    this.#walk(fromNs, toNs, (value, ns) => {
      area += value * ns;
      if (value > most) most = value;
    });
    return { mean: area / (toNs - fromNs), most };
  }

  /** The part of a span in which it was this. */
  partAt(wanted: number, fromNs: number, toNs: number): number {
    let sum = 0;
    this.#walk(fromNs, toNs, (value, ns) => {
      if (value === wanted) sum += ns;
    });
    return sum / (toNs - fromNs);
  }

  /** What it was in a span, and for how long each time. */
  #walk(
    fromNs: number,
    toNs: number,
    visit: (value: number, ns: number) => void,
  ): void {
    let i = Math.max(0, firstFrom(this.#at, fromNs + 1) - 1);
    for (let at = fromNs; at < toNs; i++) {
      const until = Math.min(toNs, this.#at[i + 1] ?? Infinity);
      if (until > at) visit(this.#value[i]!, until - at);
      at = Math.max(at, until);
    }
  }
}

/** The part of numbers in order below which `part` of them are; null of none. */
export function percentile(
  sorted: readonly number[],
  part: number,
): number | null {
  if (sorted.length === 0) return null;
  const index = Math.max(0, Math.ceil(part * sorted.length) - 1);
  return sorted[index]!;
}

/** Index of the first that is not smaller. */
function firstFrom(ascending: readonly number[], at: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}
