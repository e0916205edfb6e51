// seq [-w] [-s TEXT] [-f FORMAT] [FIRST [STEP]] LAST: prints the numbers from FIRST
// to LAST.

import type { Program } from "kettle";
import { options, refuse, usageError } from "../lib/args.ts";
import { Output } from "../lib/stdio.ts";
import { text } from "../lib/text.ts";
import { formatted } from "./printf.ts";

const USAGE = {
  name: "seq",
  synopsis: "[-w] [-s TEXT] [-f FORMAT] [FIRST [STEP]] LAST",
  about: "Prints numbers, one a line.",
  options: {
    "-f, --format FORMAT": "as printf prints a number: %03g, %.2f",
    "-s, --separator TEXT": "between the numbers, instead of a newline",
    "-w, --equal-width": "all of one width, with zeros before",
  },
  stops: true,
};
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

export default function* main(args: string[]): Program {
  // -3 is a number here, no option.
  const first = args.findIndex((arg) => NUMBER.test(arg));
  const cut = first < 0 ? args.length : first;
  const takesIt = /^-[^-]*[fs]$|^--(?:f|s)[a-z]*$/.test(args[cut - 1] ?? "");
  const end = takesIt ? cut + 1 : cut;
  const { given, operands: rest } = yield* options(args.slice(0, end), USAGE);
  const numbers = [...rest, ...args.slice(end)];
  const bad = numbers.find((arg) => !NUMBER.test(arg));
  if (bad !== undefined) {
    yield* usageError(USAGE, `invalid floating point argument: '${bad}'`);
  }
  if (numbers.length === 0) yield* usageError(USAGE, "missing operand");
  if (numbers.length > 3) {
    yield* usageError(USAGE, `extra operand '${numbers[3]}'`);
  }
  const step = numbers.length > 2 ? Number(numbers[1]) : 1;
  if (step === 0) {
    yield* usageError(USAGE, `invalid Zero increment value: '${numbers[1]}'`);
  }
  const format = given.f === undefined ? null : String(given.f);
  const problem = format === null ? null : problemOf(format);
  if (problem !== null) yield* refuse(USAGE, problem);
  const start = numbers.length > 1 ? Number(numbers[0]) : 1;
  const range = { start, step, last: Number(numbers.at(-1)) };
  const places = Math.max(...numbers.map(decimals));
  const width = given.w === undefined ? 0 : widthOf(range, places);
  const isWhole = places === 0 && width === 0;
  const show = (value: number) =>
    format === null && isWhole && Math.abs(value) < 1e15
      ? String(value)
      : format === null
      ? filled(value.toFixed(places), width)
      : text(formatted([format, value.toFixed(places)]).output);
  yield* count(range, places, show, String(given.s ?? "\n"));
}

interface Range {
  start: number;
  step: number;
  last: number;
}

function* count(
  { start, step, last }: Range,
  places: number,
  show: (value: number) => string,
  between: string,
) {
  const output = new Output();
  const sign = Math.sign(step);
  // By multiplying: adding 0.1 again and again would drift.
  for (let index = 0;; index += 1) {
    const value = start + index * step;
    const shown = places === 0 ? value : Number(value.toFixed(places));
    if (sign * shown > sign * last) {
      if (index > 0) yield* output.write("\n");
      break;
    }
    yield* output.write((index > 0 ? between : "") + show(value));
  }
  yield* output.flush();
}

function problemOf(format: string): string | null {
  const rest = format.replaceAll("%%", "");
  const directives = rest.match(/%[-+ 0#]*\d*(?:\.\d+)?[efgEFG]/g) ?? [];
  if (directives.length === 1 && rest.split("%").length === 2) return null;
  if (!rest.includes("%")) return `format '${format}' has no % directive`;
  const unknown = /%[-+ 0#]*\d*(?:\.\d+)?([^efgEFG]|$)/.exec(rest);
  return unknown !== null
    ? `format '${format}' has unknown %${unknown[1]} directive`
    : `format '${format}' has too many % directives`;
}

/** Cells of the widest number. */
function widthOf({ start, step, last }: Range, places: number): number {
  const steps = Math.max(0, Math.floor((last - start) / step));
  const end = start + steps * step;
  return Math.max(...[start, end].map((it) => it.toFixed(places).length));
}

function filled(number: string, width: number): string {
  const sign = number.startsWith("-") ? "-" : "";
  return sign + number.slice(sign.length).padStart(width - sign.length, "0");
}

function decimals(number: string): number {
  const [digits = "", power = "0"] = number.toLowerCase().split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(power));
}
