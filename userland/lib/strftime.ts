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

function fieldOf(letter: string, at: Moment, ns: number): Field | null {
  const hour = Number(at.hour);
  const days = Math.floor(at.epoch / 86_400);
  const weekday = ((days + 4) % 7 + 7) % 7; // 0: Sunday
  const dayOfYear = days - daysTo(Number(at.year), 1, 1);
  const text = (text: string): Field => ({ text, pad: "", width: 0 });
  const number = (
    value: number | string,
    width: number,
    pad: "0" | " " = "0",
  ) => ({ text: String(Number(value)), pad, width }) as Field;
  const compound = (format: string) => text(strftime(format, at, ns));
  switch (letter) {
    case "Y":
      return number(at.year, 4);
    case "C":
      return number(Math.floor(Number(at.year) / 100), 2);
    case "y":
      return number(Number(at.year) % 100, 2);
    case "m":
      return number(at.monthNumber, 2);
    case "d":
      return number(at.day, 2);
    case "e":
      return number(at.day, 2, " ");
    case "H":
      return number(hour, 2);
    case "k":
      return number(hour, 2, " ");
    case "I":
      return number((hour + 11) % 12 + 1, 2);
    case "l":
      return number((hour + 11) % 12 + 1, 2, " ");
    case "M":
      return number(at.minute, 2);
    case "S":
      return number(at.second, 2);
    case "N":
      return number(ns, 9);
    case "s":
      return number(at.epoch, 0);
    case "j":
      return number(dayOfYear + 1, 3);
    case "u":
      return number(weekday || 7, 1);
    case "w":
      return number(weekday, 1);
    case "U":
      return number(Math.floor((dayOfYear + 7 - weekday) / 7), 2);
    case "W":
      return number(Math.floor((dayOfYear + 7 - (weekday + 6) % 7) / 7), 2);
    case "V":
      return number(isoWeek(days).week, 2);
    case "G":
      return number(isoWeek(days).year, 4);
    case "a":
      return text(at.weekday);
    case "A":
      return text(WEEKDAYS[weekday]!);
    case "b":
    case "h":
      return text(at.month);
    case "B":
      return text(MONTHS[Number(at.monthNumber) - 1]!);
    case "p":
      return text(hour < 12 ? "AM" : "PM");
    case "P":
      return text(hour < 12 ? "am" : "pm");
    case "q":
      return number(Math.ceil(Number(at.monthNumber) / 3), 1);
    case "Z":
      return text("UTC");
    case "z":
      return text("+0000");
    case ":z":
      return text("+00:00");
    case "n":
      return text("\n");
    case "t":
      return text("\t");
    case "%":
      return text("%");
    case "F":
      return compound("%Y-%m-%d");
    case "T":
    case "X":
      return compound("%H:%M:%S");
    case "R":
      return compound("%H:%M");
    case "D":
    case "x":
      return compound("%m/%d/%y");
    case "r":
      return compound("%I:%M:%S %p");
    case "c":
      return compound("%a %b %e %H:%M:%S %Y");
  }
  return null;
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
