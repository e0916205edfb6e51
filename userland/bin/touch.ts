// touch [-c] [-d TEXT | -r FILE | -t STAMP] FILE…: makes files that are not there,
// and sets the time of the last change: to now, or to what is asked for.
//
// Divergence from Linux: a file has this one time, so -a and -m say nothing.

import {
  clock,
  close,
  open,
  type Program,
  type Routine,
  stat,
  SysError,
  utimes,
} from "kettle";
import { type Options, options, refuse, usageError } from "../lib/args.ts";
import { BOOT_EPOCH } from "../lib/calendar.ts";
import { complain } from "../lib/stdio.ts";
import { parseTime } from "../lib/strftime.ts";

const USAGE = {
  name: "touch",
  synopsis: "[-c] [-d TEXT | -r FILE | -t STAMP] FILE…",
  about: "Makes files that are not there, and sets the time of the others.",
  options: {
    "-a": "nothing: there is one time",
    "-c, --no-create": "make no file",
    "-d, --date TEXT": "to this time, as date -d understands it",
    "-m": "nothing: there is one time",
    "-r, --reference FILE": "to the time of this file",
    "-t STAMP": "to [[CC]YY]MMDDhhmm[.ss]",
  },
};
const NS = 1_000_000_000;
/** Whole ns up to 2⁵³. */
const TOO_FAR = "a file's time is within 104 days of 18 September 2012";

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing file operand");
  let status = 0;
  const time = yield* timeOf(given);
  if (time === null) return 1;
  for (const file of operands) {
    try {
      yield* touch(file, time ?? (yield* clock()), given.c === undefined);
    } catch (error) {
      const what = given.c === undefined ? "cannot touch" : "setting times of";
      status = yield* complain("touch", error, `${what} '${file}'`);
    }
  }
  return status;
}

function* touch(file: string, mtimeNs: number, makes: boolean): Routine {
  try {
    return yield* utimes(file, mtimeNs);
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "ENOENT") throw error;
  }
  if (!makes) return;
  yield* close(yield* open(file, "a"));
  yield* utimes(file, mtimeNs);
}

/** ns since the boot; undefined: now; null: it was told that there is none. */
function* timeOf(given: Options["given"]): Routine<number | undefined | null> {
  const { d, r, t } = given;
  if (r !== undefined) {
    try {
      return (yield* stat(String(r))).mtimeNs;
    } catch (error) {
      const about = `failed to get attributes of '${r}'`;
      yield* complain("touch", error, about);
      return null;
    }
  }
  if (d === undefined && t === undefined) return undefined;
  const now = BOOT_EPOCH + Math.floor((yield* clock()) / NS);
  const text = d === undefined ? stampText(String(t), now) : String(d);
  const seconds = text === null ? null : parseTime(text, now);
  if (seconds === null) {
    return yield* refuse(USAGE, `invalid date format '${d ?? t}'`);
  }
  const ns = (seconds - BOOT_EPOCH) * NS;
  if (Number.isSafeInteger(ns)) return ns;
  return yield* refuse(USAGE, `'${d ?? t}': ${TOO_FAR}`);
}

/** [[CC]YY]MMDDhhmm[.ss] as `2012-09-18 10:00:00`; null if it is none. */
function stampText(stamp: string, now: number): string | null {
  const match = /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/
    .exec(stamp);
  if (match === null) return null;
  const [, first, second, month, day, hour, minute, end = "00"] = match;
  const thisYear = String(2012 + Math.floor((now - BOOT_EPOCH) / 31_556_952));
  const year = first === undefined
    ? thisYear
    : second === undefined
    ? `${Number(first) < 69 ? 20 : 19}${first}`
    : first + second;
  return `${year}-${month}-${day} ${hour}:${minute}:${end}`;
}
