// uptime: the time, how long the machine has run, and its load: how many threads
// ran, could have run or waited for the disk, averaged over 1, 5 and 15 minutes
// (as Linux does it: a sample every 5 s, decaying).

import { print, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import { counters, processes } from "../lib/proc.ts";

const USAGE = {
  name: "uptime",
  synopsis: "[-p | -s]",
  about: "Tells how long the machine has run, and how busy it was.",
  options: {
    "-p, --pretty": "only how long, in words",
    "-s, --since": "since when",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
  const { atNs, bootNs, loads } = yield* counters();
  const upNs = atNs - bootNs;
  if (given.p !== undefined) return yield* done(`up ${words(upNs)}`);
  if (given.s !== undefined) {
    const { year, monthNumber, day, hour, minute, second } = calendar(bootNs);
    return yield* done(
      `${year}-${monthNumber}-${day.padStart(2, "0")} ` +
        `${hour}:${minute}:${second}`,
    );
  }
  const { hour, minute, second } = calendar(atNs);
  const count = (yield* processes()).length;
  const average = loads.map((load) => load.toFixed(2)).join(", ");
  return yield* done(
    ` ${hour}:${minute}:${second} up ${short(upNs)},  ${count} process${
      count === 1 ? "" : "es"
    },  load average: ${average}`,
  );
}

function* done(line: string): Program {
  yield* print(line);
  return 0;
}

/** Below an hour in seconds, since that is what runs are here. */
function short(ns: number): string {
  const minutes = Math.floor(ns / 60e9);
  if (minutes < 60) return `${(ns / 1e9).toFixed(3)} s`;
  const hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  const clock = `${hours % 24}:${String(minutes % 60).padStart(2, "0")}`;
  return days === 0 ? clock : `${days} day${days === 1 ? "" : "s"}, ${clock}`;
}

function words(ns: number): string {
  const minutes = Math.floor(ns / 60e9);
  if (minutes === 0) return `${Math.floor(ns / 1e9)} seconds`;
  const parts: [number, string][] = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor(minutes / 60) % 24, "hour"],
    [minutes % 60, "minute"],
  ];
  return parts.filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(", ");
}
