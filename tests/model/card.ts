// The tables of docs/model.md: constants (from the code), and what moves when one
// is halved or doubled (measured). Each stands between two marks of the page.

import {
  type Constant,
  driveRows,
  driveSources,
  FILES,
  MACHINE,
  NETWORK,
} from "./constants.ts";
import {
  CONSTANTS,
  type DeviceFigures,
  DRIVE_CONSTANTS,
  driveFigures,
  movesText,
  percent,
  sensitivityOf,
  WIRE_CONSTANTS,
  wireFigures,
} from "./sensitivity.ts";

/** Name of a table → how it is made. Those of `measured` take a while. */
export const CONSTANT_TABLES: Record<string, () => string> = {
  machine: () => constantTable(MACHINE()),
  drives: () => table(driveRows()) + "\n\n" + driveSources().join(" "),
  files: () => constantTable(FILES()),
  network: () => constantTable(NETWORK()),
};
export const MEASURED_TABLES: Record<string, () => string> = {
  "claims moved": claimsTable,
  "drive moved": () => deviceTable(DRIVE_CONSTANTS, driveFigures),
  "wire moved": () => deviceTable(WIRE_CONSTANTS, wireFigures),
};

function constantTable(rows: readonly Constant[]): string {
  const lines = [["constant", "value", "why, and where it is from"]];
  let section = "";
  for (const row of rows) {
    if (row.section !== section) {
      section = row.section;
      lines.push([`**${section}**`, "", ""]);
    }
    lines.push([`\`${row.name}\``, row.value, row.about]);
  }
  return table(lines);
}

function claimsTable(): string {
  const rows = [["constant", "halved", "doubled"]];
  for (const name of CONSTANTS) {
    const { halved, doubled } = sensitivityOf(name);
    rows.push([`\`${name}\``, movesText(halved), movesText(doubled)]);
  }
  return table(rows);
}

function deviceTable(
  names: readonly string[],
  figures: (name?: string, factor?: number) => DeviceFigures,
): string {
  const base = figures();
  const whats = Object.keys(base);
  const rows = [
    ["constant", ...whats],
    [
      "as it is",
      ...whats.map((what) => `${(base[what]! / 1e6).toFixed(3)} ms`),
    ],
  ];
  for (const name of names) {
    const half = figures(name, 0.5), twice = figures(name, 2);
    rows.push([
      `\`${name}\` halved, doubled`,
      ...whats.map((what) =>
        `${percent(half[what]! / base[what]! - 1)}, ${
          percent(twice[what]! / base[what]! - 1)
        }`
      ),
    ]);
  }
  return table(rows);
}

/** As `deno fmt` sets a table. */
function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((row) => lengthOf(row[column]!)))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, i) => cell + " ".repeat(widths[i]! - lengthOf(cell)))
        .join(" | ")
    } |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [head, rule, ...body].join("\n");
}

function lengthOf(text: string): number {
  return [...text].length;
}

// ------------------------------------------------------------- the page

const begin = (name: string) => `<!-- ${name} -->`;
const END = "<!-- end -->";

/** What stands in the page between the marks of a table. */
export function tableIn(page: string, name: string): string {
  const from = page.indexOf(begin(name));
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`the page has no table "${name}"`);
  return page.slice(from + begin(name).length, to).trim();
}

export function withTable(page: string, name: string, text: string): string {
  const old = tableIn(page, name);
  if (old === "") {
    return page.replace(
      `${begin(name)}\n`,
      () => `${begin(name)}\n\n${text}\n\n`,
    );
  }
  return page.replace(old, () => text);
}
