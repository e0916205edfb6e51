// Dates as text and text as dates, as date(1) has them: `%F %T` and back from
// `2012-09-18 10:00`, `@1347962400`, `yesterday`, `2 hours ago`. UTC only.

import { calendarOf, daysTo, type Moment } from "./calendar.ts";

const MONTHS =
  "January February March April May June July August September October November December"
    .split(" ");
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday"
  .split(" ");

/** Fills a format; `ns`: what is beyond the whole second. */
export function strftime(format: string, at: Moment, ns = 0): string {
  return format.replace(
    /%([-_0^#]?)(\d*)(::?z|[A-Za-z%+])/g,
    (whole, flag: string, width: string, letter: string) => {
      const found = fieldOf(letter, at, ns);
      if (found === null) return whole;
      return padded(found, flag, width);
    },
  );
}

interface Field {
  text: string;
  /** What it is filled with up to `width` cells; "": it has its own width. */
  pad: "0" | " " | "";
  width: number;
}

function padded({ text, pad, width }: Field, flag: string, asked: string) {
  const shown = flag === "^"
    ? text.replace(/^(?![ap]m$).*/s, (whole) => whole.toUpperCase())
    : flag === "#"
    ? text.toLowerCase()
    : text;
  if (flag === "-") return shown;
  const fill = flag === "_" ? " " : flag === "0" ? "0" : pad || " ";
  return shown.padStart(asked === "" ? width : Number(asked), fill);
}

/** A moment in all the ways it can be counted. */
interface Counted {
  at: Moment;
  ns: number;
  days: number;
  /** 0: Sunday. */
  weekday: number;
  dayOfYear: number;
}

const NUMBERS: Record<string, [(time: Counted) => number, number, "0" | " "]> =
  {
    Y: [({ at }) => Number(at.year), 4, "0"],
    C: [({ at }) => Math.floor(Number(at.year) / 100), 2, "0"],
    y: [({ at }) => Number(at.year) % 100, 2, "0"],
    q: [({ at }) => Math.ceil(Number(at.monthNumber) / 3), 1, "0"],
    m: [({ at }) => Number(at.monthNumber), 2, "0"],
    d: [({ at }) => Number(at.day), 2, "0"],
    e: [({ at }) => Number(at.day), 2, " "],
    H: [({ at }) => Number(at.hour), 2, "0"],
    k: [({ at }) => Number(at.hour), 2, " "],
    I: [({ at }) => twelve(at), 2, "0"],
    l: [({ at }) => twelve(at), 2, " "],
    M: [({ at }) => Number(at.minute), 2, "0"],
    S: [({ at }) => Number(at.second), 2, "0"],
    N: [({ ns }) => ns, 9, "0"],
    s: [({ at }) => at.epoch, 0, "0"],
    j: [({ dayOfYear }) => dayOfYear + 1, 3, "0"],
    u: [({ weekday }) => weekday || 7, 1, "0"],
    w: [({ weekday }) => weekday, 1, "0"],
    U: [(time) => weekFrom(time, 0), 2, "0"],
    W: [(time) => weekFrom(time, 1), 2, "0"],
    V: [({ days }) => isoWeek(days).week, 2, "0"],
    G: [({ days }) => isoWeek(days).year, 4, "0"],
  };

const TEXTS: Record<string, (time: Counted) => string> = {
  a: ({ at }) => at.weekday,
  A: ({ weekday }) => WEEKDAYS[weekday]!,
  b: ({ at }) => at.month,
  h: ({ at }) => at.month,
  B: ({ at }) => MONTHS[Number(at.monthNumber) - 1]!,
  p: ({ at }) => Number(at.hour) < 12 ? "AM" : "PM",
  P: ({ at }) => Number(at.hour) < 12 ? "am" : "pm",
  Z: () => "UTC",
  z: () => "+0000",
  ":z": () => "+00:00",
  n: () => "\n",
  t: () => "\t",
  "%": () => "%",
};

/** Those that are made of others. */
const FORMATS: Record<string, string> = {
  F: "%Y-%m-%d",
  T: "%H:%M:%S",
  X: "%H:%M:%S",
  R: "%H:%M",
  D: "%m/%d/%y",
  x: "%m/%d/%y",
  r: "%I:%M:%S %p",
  c: "%a %b %e %H:%M:%S %Y",
};

function fieldOf(letter: string, at: Moment, ns: number): Field | null {
  const days = Math.floor(at.epoch / 86_400);
  const weekday = ((days + 4) % 7 + 7) % 7;
  const dayOfYear = days - daysTo(Number(at.year), 1, 1);
  const time: Counted = { at, ns, days, weekday, dayOfYear };
  const number = NUMBERS[letter];
  if (number !== undefined) {
    const [value, width, pad] = number;
    return { text: String(value(time)), pad, width };
  }
  const format = FORMATS[letter];
  const text = format === undefined
    ? TEXTS[letter]?.(time)
    : strftime(format, at, ns);
  return text === undefined ? null : { text, pad: "", width: 0 };
}

function twelve({ hour }: Moment): number {
  return (Number(hour) + 11) % 12 + 1;
}

/** The week of the year, from its first Sunday (0) or Monday (1) on. */
function weekFrom({ dayOfYear, weekday }: Counted, first: 0 | 1): number {
  return Math.floor((dayOfYear + 7 - (weekday + 7 - first) % 7) / 7);
}

/** The week that has the Thursday of this week, and its year. */
function isoWeek(days: number): { year: number; week: number } {
  const thursday = days - ((days + 3) % 7 + 7) % 7 + 3;
  const year = Number(calendarOf(thursday * 86_400).year);
  return { year, week: Math.floor((thursday - daysTo(year, 1, 1)) / 7) + 1 };
}

const UNITS: Record<string, number> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
};
const STAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?:Z| ?UTC)?/;

/** Seconds since 1970 that the text means, or null. */
export function parseTime(source: string, now: number): number | null {
  let rest = source.trim().toLowerCase();
  let at = now;
  const seconds = /^@(-?\d+)$/.exec(rest);
  if (seconds !== null) return Number(seconds[1]);
  const stamp = STAMP.exec(rest.toUpperCase());
  if (stamp !== null) {
    const found = momentOf(stamp);
    if (found === null) return null;
    at = found;
    rest = rest.slice(stamp[0].length);
  }
  while ((rest = rest.trim()) !== "") {
    const match = /^(now|today|yesterday|tomorrow)\b/.exec(rest) ??
      /^([-+]?\s*\d+|next|last|a)?\s*([a-z]+?)s?(\s+ago)?(?=\s|$|[-+\d])/.exec(
        rest,
      );
    if (match === null) return null;
    const step = stepOf(match);
    if (step === null) return null;
    at += step;
    rest = rest.slice(match[0].length);
  }
  return at;
}

function momentOf([, ...fields]: RegExpExecArray): number | null {
  const [year, month, day, hour, minute, second] = fields.map((field) =>
    Number(field ?? 0)
  ) as [number, number, number, number, number, number];
  const isWrong = month < 1 || month > 12 || day < 1 || hour > 23 ||
    minute > 59 || second > 60;
  if (isWrong) return null;
  const days = daysTo(year, month, day);
  if (Number(calendarOf(days * 86_400).day) !== day) return null;
  return days * 86_400 + hour * 3600 + minute * 60 + second;
}

function stepOf(match: RegExpExecArray): number | null {
  const [, first, unit, ago] = match;
  if (first === "now" || first === "today") return 0;
  if (first === "yesterday") return -86_400;
  if (first === "tomorrow") return 86_400;
  const size = UNITS[unit ?? ""];
  if (size === undefined) return null;
  const count = first === undefined || first === "next" || first === "a"
    ? 1
    : first === "last"
    ? -1
    : Number(first.replace(/\s/g, ""));
  return (ago === undefined ? 1 : -1) * count * size;
}
