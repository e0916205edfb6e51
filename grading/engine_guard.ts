// A student's program runs in the engine that also judges it. The loader gives it
// no way to the host by name, but an engine's own objects can be changed by anyone
// (`Array.prototype.every = …`). This remembers what they were, and says what is
// not as it was. It takes nothing back.

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys, apply } = Reflect;
const push = Array.prototype.push;

interface Kept {
  owner: object;
  name: string;
  key: PropertyKey;
  /** Value, or getter and setter. */
  value: unknown;
  get: unknown;
  set: unknown;
}

const ROOTS: Record<string, object> = {
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  Math,
  JSON,
  Map,
  Set,
  WeakMap,
  WeakSet,
  RegExp,
  Promise,
  Reflect,
  Error,
  TypeError,
  RangeError,
  ArrayBuffer,
  DataView,
  Uint8Array,
  Int32Array,
  Float64Array,
  TextEncoder,
  TextDecoder,
};

/** Remembers the engine as it is now; the answer says what has changed since, "" for nothing. */
export function guardEngine(): () => string {
  const kept: Kept[] = [];
  for (const name of ownKeys(ROOTS) as string[]) {
    const root = ROOTS[name]!;
    keep(kept, root, name);
    const { prototype } = root as { prototype?: object };
    if (prototype !== undefined) keep(kept, prototype, `${name}.prototype`);
  }
  keep(kept, getPrototypeOf(Uint8Array), "TypedArray");
  keep(kept, getPrototypeOf(Uint8Array).prototype, "TypedArray.prototype");
  keep(kept, getPrototypeOf([].values()), "ArrayIterator.prototype");
  const generator = getPrototypeOf(function* () {}).prototype;
  keep(kept, generator, "Generator.prototype");
  keep(kept, getPrototypeOf(generator), "Iterator.prototype");
  const sizes = sizesOf(kept);
  return () => changeIn(kept, sizes);
}

function keep(kept: Kept[], owner: object, name: string): void {
  const keys = ownKeys(owner);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const it = getOwnPropertyDescriptor(owner, key)!;
    const { value, get, set } = it;
    apply(push, kept, [{ owner, name, key, value, get, set }]);
  }
}

/** How many properties each owner had: something may be added, too. */
function sizesOf(kept: readonly Kept[]): { owner: object; size: number }[] {
  const sizes: { owner: object; size: number }[] = [];
  for (let i = 0; i < kept.length; i++) {
    const { owner } = kept[i]!;
    if (sizes.length > 0 && sizes[sizes.length - 1]!.owner === owner) continue;
    apply(push, sizes, [{ owner, size: ownKeys(owner).length }]);
  }
  return sizes;
}

function changeIn(
  kept: readonly Kept[],
  sizes: readonly { owner: object; size: number }[],
): string {
  for (let i = 0; i < kept.length; i++) {
    const { owner, name, key, value, get, set } = kept[i]!;
    const now = getOwnPropertyDescriptor(owner, key);
    const same = now !== undefined && same1(now.value, value) &&
      now.get === get && now.set === set;
    if (!same) return `${name}.${String(key)}`;
  }
  for (let i = 0; i < sizes.length; i++) {
    const { owner, size } = sizes[i]!;
    if (ownKeys(owner).length === size) continue;
    const keys = ownKeys(owner);
    const first = kept.find((it) => it.owner === owner)!;
    return `${first.name}.${String(keys[keys.length - 1])}`;
  }
  return "";
}

/** Equal, NaN included. */
function same1(a: unknown, b: unknown): boolean {
  return a === b || (a !== a && b !== b);
}
