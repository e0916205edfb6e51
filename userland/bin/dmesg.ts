// dmesg: what the kernel had to say: what it found when it was switched on, what
// the journal had to replay, notes about programs, processes that a signal
// killed. Reads /proc/kmsg.

import { print, type Program, s, sleep } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import { counters, fileText } from "../lib/proc.ts";

const USAGE = {
  name: "dmesg",
  synopsis: "[-T | -t | -r] [-w]",
  about: "Shows the messages of the kernel.",
  options: {
    "-T, --ctime": "with date and time",
    "-t, --notime": "without times",
    "-r, --raw": "as the kernel has them",
    "-w, --follow": "and goes on with new ones",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
  const { bootNs } = yield* counters();
  const form = given.r !== undefined
    ? "raw"
    : given.T !== undefined
    ? "date"
    : given.t !== undefined
    ? "none"
    : "seconds";
  let last: string[] = [];
  while (true) {
    const lines = (yield* fileText("/proc/kmsg")).trimEnd().split("\n");
    const fresh = newOnes(last, lines).map((line) => shown(line, form, bootNs));
    if (fresh.length > 0) yield* print(fresh.join("\n"));
    if (given.w === undefined) return 0;
    last = lines;
    yield* sleep(s);
  }
}

/** Lines after the last that was there before; old ones may be gone. */
function newOnes(before: string[], now: string[]): string[] {
  const last = before.at(-1);
  if (last === undefined) return now;
  for (let at = now.length - 1; at >= 0; at -= 1) {
    if (now[at] === last) return now.slice(at + 1);
  }
  return now;
}

/** From `<6>[    1.234567] text`. */
function shown(line: string, form: string, bootNs: number): string {
  if (form === "raw") return line;
  const [, time = "0", text = line] = /^<\d>\[ *([\d.]+)\] (.*)$/.exec(line) ??
    [];
  if (form === "none") return text;
  if (form === "seconds") return line.replace(/^<\d>/, "");
  const at = calendar(bootNs + Math.floor(Number(time)) * s);
  return `[${at.weekday} ${at.month} ${at.day.padStart(2)} ${at.hour}:` +
    `${at.minute}:${at.second} ${at.year}] ${text}`;
}
