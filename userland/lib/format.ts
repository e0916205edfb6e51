// printf for programs: a pattern with % in it, and values of JavaScript. The
// pure part is `format`; `printf` is a request like any write, so it goes
// through every door. (The command printf, whose arguments are all text, is
// bin/printf.ts.)

import { type Request, write } from "kettle";
import { exponential, fixed } from "./rounding.ts";

/** flags, width, precision, letter */
const DIRECTIVE = /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])/g;
/** The same, to see whether there was a point. */
const HAS_POINT = /\./;

/** Writes the formatted text to standard output. No newline is added. */
export function printf(
  pattern: string,
  ...values: unknown[]
): Request<"write"> {
  return write(1, format(pattern, ...values));
}

/**
 * The pattern with its values put in: %d %i %u whole numbers, %x %X %o %b in
 * base 16, 8 and 2, %f %e with a precision, %s text, %c one character (or a
 * code point), %j JSON, %% a percent sign. Flags `-+ 0#`, width and precision as
 * in C; `*` takes them from the values. Throws a RangeError when a value is
 * missing, left over, or of the wrong kind.
 */
export function format(pattern: string, ...values: unknown[]): string {
  let taken = 0;
  const next = (directive: string): unknown => {
    if (taken >= values.length) {
      throw new RangeError(`format: no value for ${directive}`);
    }
    return values[taken++];
  };
  const text = pattern.replace(
    DIRECTIVE,
    (whole, flags: string, width, precision, letter: string) => {
      if (letter === "%") return "%";
      const count = (word: string | undefined) =>
        word === "*" ? Number(next(whole)) : Number(word ?? "0");
      let columns = count(width);
      const left = flags.includes("-") || columns < 0;
      if (columns < 0) columns = -columns;
      const digits = HAS_POINT.test(whole) ? count(precision) : -1;
      const { sign, body, isNumber } = converted(
        letter,
        next(whole),
        flags,
        digits,
        whole,
      );
      const zeros = flags.includes("0") && isNumber && !left &&
        !(digits >= 0 && "diuxXob".includes(letter));
      return padded(sign, body, columns, left, zeros);
    },
  );
  if (taken < values.length) {
    throw new RangeError(
      `format: ${values.length - taken} more values than the pattern takes`,
    );
  }
  return text;
}

interface Converted {
  /** What zeros are put behind: a sign, `0x`. */
  sign: string;
  body: string;
  isNumber: boolean;
}

function converted(
  letter: string,
  value: unknown,
  flags: string,
  digits: number,
  whole: string,
): Converted {
  switch (letter) {
    case "s":
    case "j": {
      const text = letter === "j" ? JSON.stringify(value) : String(value);
      const cut = digits < 0 ? text : [...text].slice(0, digits).join("");
      return { sign: "", body: cut, isNumber: false };
    }
    case "c": {
      const body = typeof value === "number"
        ? String.fromCodePoint(value)
        : [...String(value)][0] ?? "";
      return { sign: "", body, isNumber: false };
    }
    case "d":
    case "i":
    case "u":
      return wholeNumber(value, flags, digits, 10, letter, whole);
    case "x":
    case "X":
      return wholeNumber(value, flags, digits, 16, letter, whole);
    case "o":
      return wholeNumber(value, flags, digits, 8, letter, whole);
    case "b":
      return wholeNumber(value, flags, digits, 2, letter, whole);
    case "f":
    case "e":
      return real(value, flags, digits, letter, whole);
  }
  throw new RangeError(`format: there is no ${whole}`);
}

const PREFIX: Record<string, string> = { x: "0x", X: "0X", o: "0", b: "0b" };

function wholeNumber(
  value: unknown,
  flags: string,
  digits: number,
  base: number,
  letter: string,
  whole: string,
): Converted {
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  if (!isWhole) {
    throw new RangeError(`format: ${whole} takes a whole number, not ${value}`);
  }
  const number = BigInt(value as number | bigint);
  const magnitude = (number < 0n ? -number : number).toString(base);
  const body = magnitude.padStart(digits, "0");
  const prefix = flags.includes("#") && number !== 0n
    ? PREFIX[letter] ?? ""
    : "";
  return {
    sign: signOf(number < 0n, flags) + prefix,
    body: letter === "X" ? body.toUpperCase() : body,
    isNumber: true,
  };
}

function real(
  value: unknown,
  flags: string,
  digits: number,
  letter: string,
  whole: string,
): Converted {
  if (typeof value !== "number") {
    throw new RangeError(`format: ${whole} takes a number, not ${value}`);
  }
  const magnitude = Math.abs(value);
  const places = digits < 0 ? 6 : digits;
  const isNumber = Number.isFinite(value);
  const body = !isNumber
    ? Number.isNaN(value) ? "nan" : "inf"
    : letter === "f"
    ? fixed(magnitude, places)
    : exponential(magnitude, places);
  return {
    sign: signOf(value < 0 || Object.is(value, -0), flags),
    body,
    isNumber,
  };
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return "-";
  return flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
}

function padded(
  sign: string,
  body: string,
  columns: number,
  left: boolean,
  zeros: boolean,
): string {
  const missing = columns - [...sign, ...body].length;
  if (missing <= 0) return sign + body;
  if (left) return sign + body + " ".repeat(missing);
  if (zeros) return sign + "0".repeat(missing) + body;
  return " ".repeat(missing) + sign + body;
}
