// Sizes in bytes for people (1.5K, 12M, as coreutils' -h prints them), and tables
// of them. Knows nothing of what is measured.

const UNITS = ["", "K", "M", "G", "T"];

/** At most four characters, powers of 1024, rounded up as df and du round. */
export function humanSize(bytes: number): string {
  let value = bytes, unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return String(value);
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value);
  return (rounded < 10 ? rounded.toFixed(1) : String(rounded)) + UNITS[unit];
}

/** 4.2 MB (by 1000) or 4.0 MiB (by 1024), rounded to the nearest. */
export function scaled(bytes: number, base: 1000 | 1024): string {
  let value = bytes, unit = 0;
  for (; Math.round(value) >= base && unit < 4; unit++) value /= base;
  if (unit === 0) return `${Math.round(value)} B`;
  const short = value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  const letter = " kMGT"[unit]!;
  return `${short} ${
    base === 1000 ? `${letter}B` : `${letter.toUpperCase()}iB`
  }`;
}

/** Rows as columns, to the right but for those named. */
export function table(
  rows: readonly (readonly string[])[],
  left: readonly number[],
): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => [...row[column]!].length))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const gap = " ".repeat(widths[column]! - [...cell].length);
      return left.includes(column) ? cell + gap : gap + cell;
    }).join(" ").trimEnd() + "\n"
  ).join("");
}
