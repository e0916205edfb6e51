// Names side by side in columns, as ls and Tab show them. Knows nothing of what
// is named.

/** Cells between two columns. */
const GAP = 2;

/**
 * As many columns as fit into `width` cells, each as wide as its longest name,
 * filled downwards; 0: one name a line.
 */
export function columnsOf(names: readonly string[], width: number): string {
  const lengths = names.map((name) => [...name].length);
  const { rows, widths } = fitting(lengths, width);
  let text = "";
  for (let row = 0; row < rows; row += 1) {
    let line = "", gap = 0;
    for (let at = row, column = 0; at < names.length; at += rows, column += 1) {
      line += " ".repeat(gap) + names[at]!;
      gap = widths[column]! - lengths[at]! + GAP;
    }
    text += line + "\n";
  }
  return text;
}

/** The fewest rows whose columns fit. */
function fitting(
  lengths: readonly number[],
  width: number,
): { rows: number; widths: number[] } {
  const most = Math.min(lengths.length, Math.floor(width / (1 + GAP)));
  for (let columns = most; columns > 1; columns -= 1) {
    const rows = Math.ceil(lengths.length / columns);
    const widths: number[] = [];
    lengths.forEach((length, at) => {
      const column = Math.floor(at / rows);
      widths[column] = Math.max(widths[column] ?? 0, length);
    });
    const needed = widths.reduce((sum, one) => sum + one + GAP, -GAP);
    if (needed < width) return { rows, widths };
  }
  return { rows: lengths.length, widths: [0] };
}
