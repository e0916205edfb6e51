// date [+FORMAT]: the date and time of the virtual clock. The machine booted on
// 18 September 2012 at 10:00:00 UTC.

import { clock, print, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar, type Moment } from "../lib/calendar.ts";

const USAGE = {
  name: "date",
  synopsis: "[+FORMAT]",
  about: "Prints the date. In FORMAT: %Y %m %d %H %M %S %s %a %b %F %T.",
  options: { "-u, --utc": "nothing: it is always UTC" },
};

export default function* main(args: string[]): Program {
  const { operands: [format] } = yield* options(args, USAGE);
  if (format !== undefined && !format.startsWith("+")) {
    return yield* usageError(USAGE, `invalid date '${format}'`);
  }
  const now = calendar(yield* clock());
  yield* print(written(format?.slice(1) ?? "%a %b %e %H:%M:%S UTC %Y", now));
}

function written(format: string, now: Moment): string {
  const day = now.day.padStart(2, "0");
  const date = `${now.year}-${now.monthNumber}-${day}`;
  const values = new Map([
    ["%Y", now.year],
    ["%m", now.monthNumber],
    ["%d", day],
    ["%e", now.day.padStart(2)],
    ["%H", now.hour],
    ["%M", now.minute],
    ["%S", now.second],
    ["%s", String(now.epoch)],
    ["%a", now.weekday],
    ["%b", now.month],
    ["%F", date],
    ["%T", `${now.hour}:${now.minute}:${now.second}`],
    ["%Z", "UTC"],
    ["%n", "\n"],
    ["%%", "%"],
  ]);
  return format.replace(/%./g, (code) => values.get(code) ?? code);
}
