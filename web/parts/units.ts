// How the page writes times and numbers. A number has its unit, and the clock
// never changes its width.

/** 26896 → 26,896 */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A length of time in three digits and a unit: 200 ns, 1.50 µs, 3.69 ms, 2.00 s. */
export function duration(ns: number): string {
  if (ns < 1_000) return `${Math.round(ns)} ns`;
  if (ns < 1_000_000) return `${three(ns / 1_000)} µs`;
  if (ns < 1_000_000_000) return `${three(ns / 1_000_000)} ms`;
  return `${three(ns / 1_000_000_000)} s`;
}

/** A moment, in ms with three decimals: 5.208 ms. */
export function moment(ns: number): string {
  const us = Math.floor(ns / 1_000);
  return `${grouped(Math.floor(us / 1_000))}.${padded(us % 1_000)} ms`;
}

/** The clock: ms and all nanoseconds, 5.208 000. */
export function clock(ns: number): string {
  const wholeMs = Math.floor(ns / 1_000_000);
  const rest = String(ns % 1_000_000).padStart(6, "0");
  return `${grouped(wholeMs)}.${rest.slice(0, 3)} ${rest.slice(3)}`;
}

const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
};

/**
 * A moment as a person types it, in ns: `5.208 ms`, `5.208 000` (ms), `1,000 ns`,
 * `2 s`; after + or − counted from `now`. What is wrong with it, in a sentence, if
 * it is none.
 */
export function parseMoment(text: string, now: number): number | string {
  const [, sign = "", number = "", unit = "ms"] =
    /^([+−-]?)(\d[\d,\s]*(?:\.[\d\s]*)?|\.\d[\d\s]*)\s*([nuµm]?s)?$/
      .exec(text.trim()) ?? [];
  if (number === "") {
    return "Type a time: 5.208 ms, 300 us, 2 s; or +1 ms to go on, -1 ms to go back.";
  }
  const ns = Math.round(
    Number(number.replaceAll(/[,\s]/g, "")) * UNITS_NS[unit]!,
  );
  const at = sign === "" ? ns : sign === "+" ? now + ns : now - ns;
  if (at > MOMENT_MAX_NS) {
    return "That is too far: the clock ends after 104 days.";
  }
  return Math.max(0, at);
}

/** The last whole nanosecond of a number. */
const MOMENT_MAX_NS = Number.MAX_SAFE_INTEGER;

function three(value: number): string {
  return value < 10
    ? value.toFixed(2)
    : value < 100
    ? value.toFixed(1)
    : value.toFixed(0);
}

function padded(value: number): string {
  return String(value).padStart(3, "0");
}

/** Steps of the time axis: 1, 2 or 5 times a power of ten, at least `smallest` ns. */
export function niceStep(smallest: number): number {
  let unit = 1;
  while (unit * 10 <= smallest) unit *= 10;
  for (const factor of [1, 2, 5, 10]) {
    if (unit * factor >= smallest) return unit * factor;
  }
  return unit * 10;
}

/** What an axis of that step counts in. */
export function axisUnit(step: number): { name: string; ns: number } {
  if (step >= 1_000_000_000) return { name: "s", ns: 1_000_000_000 };
  if (step >= 10_000) return { name: "ms", ns: 1_000_000 };
  if (step >= 100) return { name: "µs", ns: 1_000 };
  return { name: "ns", ns: 1 };
}
