// tr [-c] [-d] [-s] [-t] SET1 [SET2]: replaces characters of SET1 by those of SET2
// in the same place, or deletes them. Sets: a-z, [:upper:], [x*5], \n, \101.
// Works on bytes, unless a set has a character that is several bytes long.
//
// Divergence from Linux: GNU's tr knows only bytes, so é is two of them to it.

import { type Program, read, type Routine, write } from "kettle";
import { type Options, options, refuse, usageError } from "../lib/args.ts";
import { decode, encode, sequenceAt } from "../lib/lossless.ts";
import {
  CHUNK_BYTES,
  complain,
  endWriting,
  isWriteError,
} from "../lib/stdio.ts";
import { join } from "../lib/text.ts";
import {
  type CodeSet,
  isCase,
  readSet,
  stretch,
  TrProblem,
} from "../lib/tr_set.ts";

const USAGE = {
  name: "tr",
  synopsis: "[-c] [-d] [-s] [-t] SET1 [SET2]",
  about: "Replaces or deletes characters.",
  options: {
    "-c, -C, --complement": "SET1 means all characters that are not in it",
    "-d, --delete": "delete those in SET1",
    "-s, --squeeze-repeats": "of a run of the same in the last set keep one",
    "-t, --truncate-set1": "SET1 is not longer than SET2",
  },
  stops: true,
};

/** What becomes of a character, and of which a run is one. */
interface Change {
  /** The new code; -1: it is deleted. */
  map: (code: number) => number;
  squeezes: (code: number) => boolean;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const problem = problemOf(given, operands);
  if (problem !== null) return yield* usageError(USAGE, problem);
  // deno-lint-ignore no-control-regex -- these are the characters of one byte
  const isBytes = operands.every((set) => /^[\x00-\x7f]*$/.test(set));
  try {
    const change = changeOf(operands, given, isBytes);
    yield* isBytes ? changeBytes(change) : changeText(change);
  } catch (error) {
    if (error instanceof TrProblem) yield* refuse(USAGE, error.message);
    if (isWriteError(error)) yield* endWriting("tr", error);
    return yield* complain("tr", error, "read error");
  }
}

function problemOf(
  given: Options["given"],
  operands: string[],
): string | null {
  const { d, s } = given;
  const least = (d === undefined) === (s === undefined) ? 2 : 1;
  const most = d !== undefined && s === undefined ? 1 : 2;
  if (operands.length === 0) return "missing operand";
  if (operands.length < least) {
    const why = d === undefined
      ? "translating"
      : "both deleting and squeezing repeats";
    return `missing operand after '${
      operands[0]
    }'\nTwo strings must be given when ${why}.`;
  }
  if (operands.length <= most) return null;
  const extra = `extra operand '${operands[most]}'`;
  return most === 1 && operands.length === 2
    ? `${extra}\nOnly one string may be given when deleting without squeezing repeats.`
    : extra;
}

function changeOf(
  [first = "", second]: string[],
  given: Options["given"],
  isBytes: boolean,
): Change {
  const from = readSet(first, isBytes);
  const to = second === undefined ? null : readSet(second, isBytes);
  const inFirst = new Set(from.codes);
  const isComplement = given.c !== undefined;
  const belongs = (code: number) => inFirst.has(code) !== isComplement;
  const squeezed = new Set(to?.codes);
  const squeezes = given.s === undefined
    ? () => false
    : to === null
    ? belongs
    : (code: number) => squeezed.has(code);
  if (given.d !== undefined) {
    return { map: (code) => belongs(code) ? -1 : code, squeezes };
  }
  if (to === null) return { map: (code) => code, squeezes };
  const places = isComplement
    ? Array.from({ length: 256 }, (_, code) => code).filter(belongs)
    : from.codes;
  const problem = pairProblem(from, to, places.length, given);
  if (problem !== null) throw new TrProblem(problem);
  const wanted = given.t === undefined || to.fill >= 0
    ? stretch(to, places.length)
    : to.codes;
  const table = new Map<number, number>();
  places.slice(0, wanted.length).forEach((code, at) => {
    table.set(code, wanted[at]!);
  });
  const beyond = (code: number) =>
    isComplement && code > 255 && belongs(code) ? wanted.at(-1)! : code;
  return { map: (code) => table.get(code) ?? beyond(code), squeezes };
}

/** Why SET2 cannot take the place of SET1. */
function pairProblem(
  from: CodeSet,
  to: CodeSet,
  length: number,
  { c, t }: Options["given"],
): string | null {
  const names = [...to.classes.values()];
  if (!names.every(isCase)) {
    return "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'";
  }
  if (to.codes.length === 0 && length > 0 && t === undefined) {
    return "when not truncating set1, string2 must be non-empty";
  }
  const isAligned = c !== undefined ||
    [...to.classes.keys()].every((at) => isCase(from.classes.get(at) ?? ""));
  if (!isAligned) return "misaligned [:upper:] and/or [:lower:] construct";
  const last = Math.max(-1, ...to.classes.keys());
  const endsWithClass = last >= 0 && last + 26 === to.codes.length;
  const isPair = c === undefined && from.classes.get(last) !== undefined;
  const isShort = to.codes.length < length && t === undefined;
  if (isShort && endsWithClass && !isPair) {
    return "when translating with string1 longer than string2,\nthe latter string must not end with a character class";
  }
  if (c !== undefined && from.classes.size > 0 && new Set(to.codes).size > 1) {
    return "when translating with complemented character classes,\nstring2 must map all characters in the domain to one";
  }
  return null;
}

function* changeBytes({ map, squeezes }: Change): Routine {
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const table = Int16Array.from(all.map(map));
  const runs = all.map(squeezes);
  let previous = -1;
  while (true) {
    const chunk = yield* read(0, CHUNK_BYTES);
    if (chunk.length === 0) return;
    const changed = new Uint8Array(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      const next = table[byte]!;
      if (next < 0 || next === previous && runs[next]) continue;
      changed[length++] = previous = next;
    }
    if (length > 0) yield* write(1, changed.subarray(0, length));
  }
}

function* changeText({ map, squeezes }: Change): Routine {
  let previous = -1;
  let rest: Uint8Array = new Uint8Array(0);
  while (true) {
    const chunk = yield* read(0, CHUNK_BYTES);
    const all = join([rest, chunk]);
    const end = chunk.length === 0 ? all.length : wholeCharacters(all);
    rest = all.subarray(end);
    let changed = "";
    for (const char of decode(all.subarray(0, end))) {
      const next = map(char.codePointAt(0)!);
      if (next < 0 || next === previous && squeezes(next)) continue;
      changed += String.fromCodePoint(next);
      previous = next;
    }
    if (changed !== "") yield* write(1, encode(changed));
    if (chunk.length === 0) return;
  }
}

/** Where the last character begins, if it is not whole; else the length. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const at = bytes.length - back;
    if ((bytes[at]! & 0xc0) === 0x80) continue;
    return bytes[at]! >= 0xc2 && sequenceAt(bytes, at) === 0
      ? at
      : bytes.length;
  }
  return bytes.length;
}
