// printf FORMAT [ARGUMENT]…: prints as the format says. %s %b %c are text, %d
// %i %u %o %x %X whole numbers, %e %f %g others. The format is used again while
// arguments are left.

import { type Program, write } from "kettle";
import { options } from "../lib/args.ts";
import { addEscaped, ByteText } from "../lib/escape.ts";
import { exponential, fixed } from "../lib/rounding.ts";

const USAGE = {
  name: "printf",
  synopsis: "FORMAT [ARGUMENT]…",
  about: "Prints as the format says.",
};

export default function* main(args: string[]): Program {
  if (args.length === 1 && args[0] === "--help") yield* options(args, USAGE);
  const { output, problems } = formatted(args);
  yield* write(1, output);
  for (const problem of problems) yield* write(2, `printf: ${problem}\n`);
  return problems.length > 0 ? 1 : 0;
}

/** Wider is no line any more. */
const COLUMNS_MAX = 1_000_000;
const DIRECTIVE = /%(%|([-+ 0#]*)(\*|\d*)(?:\.(\*|\d*))?([a-zA-Z]|$))/g;

/** What printf prints, and what it has to complain about. */
export function formatted(args: string[]) {
  const [format, ...values] = args[0] === "--" ? args.slice(1) : args;
  const output = new ByteText();
  const problems: string[] = [];
  if (format === undefined) problems.push("missing operand");
  do {
    const before = values.length;
    addOnce(output, format ?? "", values, problems);
    if (values.length === before) break;
  } while (values.length > 0 && !output.stopped);
  return { output: output.bytes(), problems };
}

function addOnce(
  output: ByteText,
  format: string,
  values: string[],
  problems: string[],
): void {
  let at = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    addEscaped(output, format.slice(at, match.index), "\\ooo");
    at = match.index + match[0].length;
    const [, kind, flags = "", width = "", precision, letter = ""] = match;
    if (kind === "%") {
      output.add("%");
      continue;
    }
    const number = (text: string) =>
      Number(text === "*" ? values.shift() ?? "0" : text);
    const columns = Math.min(COLUMNS_MAX, number(width));
    const digits = precision === undefined ? -1 : number(precision);
    const value = values.shift();
    if (letter === "b") addEscaped(output, value ?? "", "\\0ooo");
    else {
      const text = convert(letter, value, flags, digits, problems);
      output.add(pad(text, flags, columns, /[diuoxXeEfFgG]/.test(letter)));
    }
    if (output.stopped) return;
  }
  addEscaped(output, format.slice(at), "\\ooo");
}

function convert(
  letter: string,
  value: string | undefined,
  flags: string,
  digits: number,
  problems: string[],
): string {
  if (letter === "s") {
    return digits < 0
      ? value ?? ""
      : [...value ?? ""].slice(0, digits).join("");
  }
  if (letter === "c") return [...value ?? ""][0] ?? "";
  if (/[eEfFgG]/.test(letter)) {
    return signed(real(letter, value ?? "0", digits, problems), flags);
  }
  if (!/[diuoxX]/.test(letter)) {
    problems.push(`%${letter}: invalid directive`);
    return "";
  }
  const radix = letter === "o" ? 8 : letter.toLowerCase() === "x" ? 16 : 10;
  const whole = integer(value ?? "0", problems);
  let text = (whole < 0n ? -whole : whole).toString(radix);
  if (digits > text.length) text = text.padStart(digits, "0");
  if (flags.includes("#") && radix === 16) text = "0x" + text;
  if (flags.includes("#") && radix === 8) text = "0" + text;
  if (letter === "X") text = text.toUpperCase();
  return whole < 0n ? "-" + text : radix === 10 ? signed(text, flags) : text;
}

function signed(text: string, flags: string): string {
  if (text.startsWith("-")) return text;
  return flags.includes("+")
    ? "+" + text
    : flags.includes(" ")
    ? " " + text
    : text;
}

/** A whole number as C writes it, or `'A` for the code of a character. */
function integer(text: string, problems: string[]): bigint {
  if (/^["']./u.test(text)) return BigInt(text.codePointAt(1)!);
  const match = /^\s*([-+]?)(0[xX][\da-fA-F]+|0[0-7]*|\d*)/.exec(text)!;
  const rest = text.slice(match[0].length);
  if (rest !== "" || match[2] === "") {
    problems.push(`${text}: expected numeric value`);
  }
  const digits = match[2]!.replace(/^0(?=[0-7])/, "0o") || "0";
  return match[1] === "-" ? -BigInt(digits) : BigInt(digits);
}

function real(
  letter: string,
  text: string,
  digits: number,
  problems: string[],
): string {
  const value = /^[-+]?inf(?:inity)?$/i.test(text)
    ? text.startsWith("-") ? -Infinity : Infinity
    : Number(text);
  if (Number.isNaN(value)) {
    problems.push(`${text}: expected numeric value`);
    return "0";
  }
  const places = digits < 0 ? 6 : Math.min(digits, 100);
  const kind = letter.toLowerCase();
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const shown = size === Infinity
    ? "inf"
    : kind === "f"
    ? fixed(size, places)
    : kind === "e"
    ? exponential(size, places)
    : general(size, Math.max(places, 1));
  return sign + (letter === kind ? shown : shown.toUpperCase());
}

/** %g: the shorter of both, without zeros at the end. */
function general(size: number, digits: number): string {
  const short = exponential(size, digits - 1);
  const power = Number(short.split("e")[1]);
  if (power < -4 || power >= digits) return short.replace(/\.?0*(?=e)/, "");
  const long = fixed(size, Math.max(0, digits - 1 - power));
  return long.includes(".") ? long.replace(/\.?0+$/, "") : long;
}

function pad(text: string, flags: string, columns: number, number: boolean) {
  if (flags.includes("-")) return text.padEnd(columns);
  if (!number || !flags.includes("0")) return text.padStart(columns);
  const sign = /^[-+ ]?(?:0x)?/i.exec(text)![0];
  return sign + text.slice(sign.length).padStart(columns - sign.length, "0");
}
