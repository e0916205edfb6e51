// What programs pass is not trusted: here it is looked at, copied and refused.
// Nothing that a program hands over (a proxy, a getter that throws, a number
// that is none) may reach the rest of the kernel. It knows values, not calls.

import { KERNEL_SLAB } from "./bytes.ts";
import { READ_MAX_BYTES, TIME_MAX_NS, TRANSFER_MAX_BYTES } from "./params.ts";

/** A whole number from 0 to `most`. */
export function isCount(
  value: unknown,
  most = Number.MAX_SAFE_INTEGER,
): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 &&
    value <= most;
}

/** How many bytes a read may bring, or null for what is no count. */
export function readCount(value: unknown): number | null {
  if (!isCount(value)) return null;
  return value < READ_MAX_BYTES ? value : READ_MAX_BYTES;
}

/** ns, rounded; null for what is no time. Fractions come from `1.1 * ms`. */
export function timeNs(value: unknown): number | null {
  if (typeof value !== "number" || !(value >= 0)) return null;
  return value >= TIME_MAX_NS ? TIME_MAX_NS : Math.round(value);
}

/** What a write is given, as bytes; null for what is neither bytes nor text. */
export function dataOf(value: unknown): Uint8Array | null {
  if (typeof value === "string") return KERNEL_SLAB.encode(value);
  if (!ArrayBuffer.isView(value)) return null;
  if (Object.getPrototypeOf(value) !== Uint8Array.prototype) return null;
  const data = value as Uint8Array;
  return data.length <= TRANSFER_MAX_BYTES ? data : null;
}

const NO_FIELDS = Object.freeze({});

/** The named fields of an options object, copied; null if it is none, or throws. */
export function fieldsOf<N extends string>(
  value: unknown,
  names: readonly N[],
): { [K in N]?: unknown } | null {
  if (value === undefined) return NO_FIELDS;
  const fields: { [K in N]?: unknown } = {};
  if (typeof value !== "object" || value === null) return null;
  try {
    for (const name of names) {
      fields[name] = (value as Record<string, unknown>)[name];
    }
  } catch {
    return null;
  }
  return fields;
}

/** A list, copied; null if it is none, or throws. */
export function listOf(value: unknown, most: number): unknown[] | null {
  try {
    if (!Array.isArray(value) || value.length > most) return null;
    return Array.from({ length: value.length }, (_, i) => value[i] as unknown);
  } catch {
    return null;
  }
}

/** name → text pairs, copied; null if any is no text. */
export function textRecordOf(value: unknown): Record<string, string> | null {
  if (typeof value !== "object" || value === null) return null;
  const copy: Record<string, string> = Object.create(null);
  try {
    for (const name of Object.keys(value)) {
      const text = (value as Record<string, unknown>)[name];
      if (typeof text !== "string") return null;
      copy[name] = text;
    }
  } catch {
    return null;
  }
  return copy;
}

export function isOptionalBoolean(
  value: unknown,
): value is boolean | undefined {
  return value === undefined || typeof value === "boolean";
}

const DEEPEST = 3;
const LOOKED_AT = [
  "number",
  "a",
  "b",
  "c",
  "d",
  "used",
  "site",
  "limitNs",
  "id",
];

/** It, or something in it, throws when it is looked at: a proxy, a getter. */
export function isHostile(value: unknown, depth = 0): boolean {
  const isObject = typeof value === "object" || typeof value === "function";
  if (!isObject || value === null || depth > DEEPEST) return false;
  try {
    void (value instanceof Object);
    const names = [...LOOKED_AT, ...Object.keys(value as object).slice(0, 100)];
    return names.some((name) =>
      isHostile((value as Record<string, unknown>)[name], depth + 1)
    );
  } catch {
    return true;
  }
}
