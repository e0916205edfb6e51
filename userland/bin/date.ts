// date [-d TEXT | -r FILE] [-u] [-R | -I[WHAT]] [+FORMAT]: the date and time of the
// virtual clock, or another. The machine booted on 18 September 2012 at 10:00:00
// UTC, and lives there. (Nobody can set the clock.)

import { clock, print, type Program, type Routine, stat } from "kettle";
import { noMore, type Options, options, refuse } from "../lib/args.ts";
import { BOOT_EPOCH, calendarOf } from "../lib/calendar.ts";
import { complain } from "../lib/stdio.ts";
import { parseTime, strftime } from "../lib/strftime.ts";

const USAGE = {
  name: "date",
  synopsis: "[-d TEXT | -r FILE] [-u] [+FORMAT]",
  about: "Prints the date. FORMAT is that of strftime: %Y-%m-%d %H:%M:%S.",
  options: {
    "-d, --date TEXT": "that time: @SECONDS, 2012-09-18 10:00, 2 hours ago",
    "-I, --iso-8601[=WHAT]": "2012-09-18; WHAT: hours, minutes, seconds, ns",
    "-r, --reference FILE": "when the file was changed",
    "-R, --rfc-email": "Tue, 18 Sep 2012 10:00:00 +0000",
    "-s, --set TEXT": "refused: virtual time goes its own way",
    "-u, --utc, --universal": "nothing: it is always UTC",
  },
};
const ISO: Record<string, string> = {
  date: "%Y-%m-%d",
  hours: "%Y-%m-%dT%H%:z",
  minutes: "%Y-%m-%dT%H:%M%:z",
  seconds: "%Y-%m-%dT%H:%M:%S%:z",
  ns: "%Y-%m-%dT%H:%M:%S,%N%:z",
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (given.s !== undefined) {
    yield* refuse(USAGE, "cannot set date: virtual time goes its own way");
  }
  const [format] = operands;
  if (format !== undefined && !format.startsWith("+")) {
    return yield* refuse(USAGE, `invalid date '${format}'`);
  }
  yield* noMore(USAGE, operands, 1);
  const ns = yield* timeOf(given);
  if (ns === null) return 1;
  const second = Math.floor(ns / 1e9);
  const shape = given.I !== undefined
    ? ISO[given.I === true ? "date" : given.I] ?? ISO.date!
    : given.R !== undefined
    ? "%a, %d %b %Y %H:%M:%S %z"
    : format?.slice(1) ?? "%a %b %e %H:%M:%S UTC %Y";
  const moment = calendarOf(BOOT_EPOCH + second);
  yield* print(strftime(shape, moment, ns - second * 1e9) + "\n");
}

/** Nanoseconds since the boot; null after a complaint. */
function* timeOf({ d, r }: Options["given"]): Routine<number | null> {
  const now = yield* clock();
  if (r !== undefined) {
    try {
      return (yield* stat(String(r))).mtimeNs;
    } catch (error) {
      yield* complain("date", error);
      return null;
    }
  }
  if (d === undefined) return now;
  const found = parseTime(String(d), BOOT_EPOCH + Math.floor(now / 1e9));
  if (found !== null) return (found - BOOT_EPOCH) * 1e9;
  return yield* refuse(USAGE, `invalid date '${d}'`);
}
