// Numbers with so many digits, rounded as C rounds them: to the nearest, and what
// lies exactly in the middle to the even neighbour (JavaScript takes the larger).
// Knows no sign: numbers here are not negative.

/** More digits than tell a tie from what is only near one. */
const MORE_DIGITS = 30;
const DIGITS_MAX = 100;
/** From here on JavaScript writes an exponent. */
const LARGE = 1e21;

/** `%.2f` */
export function fixed(value: number, places: number): string {
  if (value >= LARGE) {
    const rest = places > 0 ? "." + "0".repeat(places) : "";
    return BigInt(value).toString() + rest;
  }
  const digits = Math.min(places, DIGITS_MAX);
  const rounded = evenAtTie(digits, (count) => value.toFixed(count));
  return rounded + "0".repeat(places - digits);
}

/** `%.2e`, with two digits of exponent at least. */
export function exponential(value: number, places: number): string {
  const digits = Math.min(places, DIGITS_MAX);
  const [, exponent = ""] = value.toExponential(digits).split("e");
  const [, exactExponent = ""] = value.toExponential(DIGITS_MAX).split("e");
  const isCarried = exponent !== exactExponent; // 9.99 became 1.00e+1
  const mantissa = (count: number) => value.toExponential(count).split("e")[0]!;
  const rounded = isCarried ? mantissa(digits) : evenAtTie(digits, mantissa);
  const filled = rounded + "0".repeat(places - digits);
  return `${filled}e${exponent.replace(/^([-+])(\d)$/, "$10$2")}`;
}

/** What `write` gives for that many digits; the even one where it is a tie. */
function evenAtTie(digits: number, write: (digits: number) => string): string {
  const rounded = write(digits);
  if (digits + MORE_DIGITS > DIGITS_MAX) return rounded;
  const exact = write(digits + MORE_DIGITS);
  if (!/^50*$/.test(exact.slice(-MORE_DIGITS))) return rounded;
  const below = exact.slice(0, -MORE_DIGITS).replace(/\.$/, "");
  return /[02468]$/.test(below) ? below : rounded;
}
