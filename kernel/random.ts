// Chance as an argument. A draw is a hash of (world seed, machine, purpose,
// key), so one draw never shifts another; a stream is the same with a counter
// as its key. Only 32-bit integer operations and one exact division are used:
// every engine gives the same bits. It knows nothing of who draws.

/** Mixes a 32-bit word: the finalizer of MurmurHash3 (Appleby, public domain). */
function mix(word: number): number {
  word ^= word >>> 16;
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  word = Math.imul(word, 0xc2b2ae35);
  return word ^ (word >>> 16);
}

/** Folds a string or an integer into a running 32-bit hash. */
export function hashInto(hash: number, value: string | number): number {
  if (typeof value === "number") {
    const low = value | 0;
    const high = Math.floor(value / 4294967296) | 0;
    return mix(Math.imul(mix(Math.imul(hash, 31) + low), 31) + high);
  }
  let result = mix(hash ^ value.length);
  for (let i = 0; i < value.length; i++) {
    result = Math.imul(result ^ value.charCodeAt(i), 0x01000193);
  }
  return mix(result);
}

/** A draw in [0, 1) with 53 random bits, a function of its keys alone. */
export function draw(seed: number, ...keys: (string | number)[]): number {
  let high = 0x9e3779b9, low = 0x7f4a7c15;
  high = hashInto(high, seed);
  low = hashInto(low, seed);
  for (const key of keys) {
    high = hashInto(high, key);
    low = hashInto(low, key);
  }
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

/** A named stream of draws; streams of different names are independent. */
export class RandomStream {
  #seed: number;
  #name: string;
  #count = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  /** The next draw in [0, 1). */
  next(): number {
    return draw(this.#seed, this.#name, this.#count++);
  }

  /** The draw that belongs to `key`, whatever was drawn before. */
  keyed(key: string | number): number {
    return draw(this.#seed, this.#name, "key", key);
  }

  /** The next integer from 0 up to, not including, `limit`. */
  integer(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
