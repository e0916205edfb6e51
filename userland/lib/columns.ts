// Names side by side in columns, as ls and Tab show them. Knows nothing of what
// is named.

/** As many columns as fit into `width` cells, filled downwards; 0: one name a line. */
export function columnsOf(names: readonly string[], width: number): string {
  if (names.length === 0) return "";
  const longest = Math.max(...names.map((name) => [...name].length));
  const perRow = Math.max(1, Math.floor((width + 2) / (longest + 2)));
  const rows = Math.ceil(names.length / perRow);
  let text = "";
  for (let row = 0; row < rows; row += 1) {
    const cells: string[] = [];
    for (let at = row; at < names.length; at += rows) {
      const gap = longest - [...names[at]!].length + 2;
      cells.push(names[at]! + " ".repeat(gap));
    }
    text += cells.join("").trimEnd() + "\n";
  }
  return text;
}
