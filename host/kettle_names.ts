// What `import { … } from "kettle"` offers, seen as data: which names there
// are, which of them build a call, which objects come from its generators.
// Everything is read off the module itself, so nothing can be forgotten.

import * as kettle from "../mod.ts";
import { CALL_NAMES } from "../kernel/abi.ts";

/** The module as the loader hands it to programs. */
export const KETTLE: Record<string, unknown> = { ...kettle };

export const KETTLE_NAMES: ReadonlySet<string> = new Set(Object.keys(KETTLE));

/** Functions whose result does nothing until `yield*` takes it. */
export const BUILDERS: ReadonlySet<string> = new Set([
  ...CALL_NAMES,
  "within",
  "print",
  ...Object.keys(KETTLE).filter((name) => isGeneratorFunction(KETTLE[name])),
]);

/** Generators of the library inherit from one of these. */
export const LIBRARY_PROTOTYPES: ReadonlySet<unknown> = new Set(
  Object.values(KETTLE).flatMap(generatorsOf).map((fn) => fn.prototype),
);

/** Methods of the library's classes that wait for yield*: `Mutex.lock`. */
export const LIBRARY_METHODS: ReadonlySet<string> = new Set(
  Object.entries(KETTLE).flatMap(([name, value]) =>
    isGeneratorFunction(value)
      ? []
      : generatorsOf(value).map((fn) => `${name}.${fn.name}`)
  ),
);

interface GeneratorFunction {
  name: string;
  prototype: object;
}

function isGeneratorFunction(value: unknown): value is GeneratorFunction {
  return typeof value === "function" &&
    Object.prototype.toString.call(value) === "[object GeneratorFunction]";
}

/** A generator function itself, or those among a class's methods. */
function generatorsOf(value: unknown): GeneratorFunction[] {
  if (isGeneratorFunction(value)) return [value];
  if (typeof value !== "function" || !value.prototype) return [];
  return Object.values(Object.getOwnPropertyDescriptors(value.prototype))
    .map((property) => property.value as unknown)
    .filter(isGeneratorFunction);
}
