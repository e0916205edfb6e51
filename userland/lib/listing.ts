// What ls makes of names and what is known of them: the order, and the forms (long,
// columns, one a line, with commas). Reads nothing.

import type { Stat } from "kettle";
import type { Options } from "./args.ts";
import { calendar } from "./calendar.ts";
import { columnsOf } from "./columns.ts";
import { humanSize } from "./sizes.ts";

export interface Row {
  name: string;
  stat: Stat | null;
}

export interface Shape {
  given: Options["given"];
  /** Cells of the terminal; 0: one name a line. */
  width: number;
}

const LETTERS = {
  file: "-",
  directory: "d",
  pipe: "p",
  socket: "s",
  device: "c",
};
const MARKS = { file: "", directory: "/", pipe: "|", socket: "=", device: "" };

/** In the order that is asked for; names decide between equals. */
export function ordered(rows: Row[], given: Options["given"]): Row[] {
  if (given.U ?? given.f) return rows;
  const sign = given.r === undefined ? 1 : -1;
  const byName = (a: Row, b: Row) =>
    a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
  const size = (row: Row) => row.stat?.size ?? 0;
  const time = (row: Row) => row.stat?.mtimeNs ?? 0;
  const ending = ({ name }: Row) => /[^.](\.[^.]*)$/.exec(name)?.[1] ?? "";
  const compare = given.S !== undefined
    ? (a: Row, b: Row) => size(b) - size(a)
    : given.t !== undefined
    ? (a: Row, b: Row) => time(b) - time(a)
    : given.X !== undefined
    ? (a: Row, b: Row) =>
      ending(a) === ending(b) ? 0 : ending(a) < ending(b) ? -1 : 1
    : () => 0;
  return [...rows].sort((a, b) => sign * (compare(a, b) || byName(a, b)));
}

/** True if more than names is shown or compared. */
export function needsStat({ l, s, i, t, S, F, p }: Options["given"]): boolean {
  return (l ?? s ?? i ?? t ?? S ?? F ?? p) !== undefined;
}

/** `total 12`, before the long lists and those with sizes. */
export function totalLine(rows: readonly Row[], { given }: Shape): string {
  if ((given.l ?? given.s) === undefined) return "";
  let blocks = 0;
  for (const { stat } of rows) blocks += stat?.blocks ?? 0;
  return `total ${blockSize(blocks, given)}\n`;
}

/** The rows as text. */
export function shaped(rows: readonly Row[], shape: Shape): string {
  const { given, width } = shape;
  if (rows.length === 0) return "";
  const before = prefixes(rows, given);
  const names = rows.map((row, at) => before[at] + marked(row, given));
  if (given.l !== undefined) {
    const details = long(rows, shape);
    return rows.map((row, at) =>
      `${before[at]}${details[at]} ${marked(row, given)}\n`
    ).join("");
  }
  if (given.m !== undefined) return `${names.join(", ")}\n`;
  return columnsOf(names, given[1] === undefined ? width : 0);
}

function marked({ name, stat }: Row, { F, p }: Options["given"]): string {
  if (stat === null) return name;
  if (F !== undefined) return name + MARKS[stat.type];
  return p !== undefined && stat.type === "directory" ? `${name}/` : name;
}

/** Inode numbers and sizes on the disk, where asked for. */
function prefixes(rows: readonly Row[], given: Options["given"]): string[] {
  const columns: string[][] = [];
  if (given.i !== undefined) {
    columns.push(rows.map(({ stat }) => String(stat!.ino)));
  }
  if (given.s !== undefined) {
    columns.push(rows.map(({ stat }) => blockSize(stat!.blocks, given)));
  }
  return rows.map((_, at) =>
    columns.map((column) => `${right(column, at)} `).join("")
  );
}

function blockSize(blocks: number, given: Options["given"]): string {
  return given.h === undefined ? String(blocks / 2) : humanSize(blocks * 512);
}

/** Type, links, size and time of change: Kettle has no owners and no permissions. */
function long(rows: readonly Row[], { given }: Shape): string[] {
  const links = rows.map(({ stat }) => String(stat!.nlink));
  const sizes = rows.map(({ stat }) =>
    given.h === undefined ? String(stat!.size) : humanSize(stat!.size)
  );
  return rows.map(({ stat }, at) => {
    const time = timeOf(stat!.mtimeNs);
    const letter = LETTERS[stat!.type];
    return `${letter} ${right(links, at)} ${right(sizes, at)} ${time}`;
  });
}

function right(column: readonly string[], at: number): string {
  const width = Math.max(...column.map((cell) => cell.length));
  return column[at]!.padStart(width);
}

/** The year is left out: virtual time has none but the first hundred days. */
function timeOf(mtimeNs: number): string {
  const { month, day, hour, minute } = calendar(mtimeNs);
  return `${month} ${day.padStart(2)} ${hour}:${minute}`;
}
