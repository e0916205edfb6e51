// A figure of Kettle's beside the one it is held against. An oracle is a function
// that gives such rows; tests hold them, `deno task oracle` prints them.

export interface Row {
  what: string;
  unit: string;
  reference: number;
  measured: number;
  /** How far they may differ: a share of the reference, or an amount in its unit. */
  tolerance: { share: number } | { amount: number };
}

export function isWithin({ reference, measured, tolerance }: Row): boolean {
  const most = "share" in tolerance
    ? reference * tolerance.share
    : tolerance.amount;
  return Math.abs(measured - reference) <= most;
}

/** One line: what, reference, measured, how far off, whether that is within. */
export function rowText(row: Row): string {
  const { what, unit, reference, measured, tolerance } = row;
  const off = "share" in tolerance
    ? `${signed((measured / reference - 1) * 100, 2)} % of ±${
      tolerance.share * 100
    }`
    : `${signed(measured - reference, 3)} of ±${tolerance.amount}`;
  return [
    what.padEnd(46),
    `${figure(reference)} ${unit}`.padStart(16),
    `${figure(measured)} ${unit}`.padStart(16),
    off.padStart(20),
    isWithin(row) ? "" : "  OFF",
  ].join("");
}

export const ROW_HEAD = "".padEnd(46) + "reference".padStart(16) +
  "Kettle".padStart(16) + "apart".padStart(20);

function figure(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 1 : 3);
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
}
