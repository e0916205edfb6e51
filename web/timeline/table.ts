/// <reference lib="dom" />
// The timeline as a table: the same slices in words, for those who cannot or
// would rather not look at the canvas.

import { slicesOf, type SliceView } from "../trace/slice_columns.ts";
import { STATES, WAITS } from "../trace/states.ts";
import type { LaneView } from "../trace/trace_model.ts";
import { grouped, moment } from "../parts/units.ts";

const HEADS = ["lane", "state", "does, or waits for", "from", "to"];
/** The columns from here on are numbers. */
const NUMBERS_FROM = 3;
const ROWS_MAX = 500;

/** Fills `parent` with what the timeline shows. */
export function showTable(
  parent: HTMLElement,
  lanes: LaneView[],
  now: number,
): void {
  const table = document.createElement("table");
  const caption = table.createCaption();
  caption.className = "visually-hidden";
  caption.textContent = "What each lane does in the visible span";
  const head = table.createTHead().insertRow();
  for (const [index, word] of HEADS.entries()) {
    const cell = document.createElement("th");
    if (index >= NUMBERS_FROM) cell.className = "number";
    cell.scope = "col";
    cell.textContent = word;
    head.append(cell);
  }
  const body = table.createTBody();
  let rows = 0;
  for (const cells of rowsOf(lanes, now)) {
    if (rows++ < ROWS_MAX) addRow(body, cells);
  }
  if (rows > ROWS_MAX) addMore(table, rows - ROWS_MAX);
  parent.replaceChildren(table);
}

function* rowsOf(lanes: LaneView[], now: number): Iterable<string[]> {
  for (const lane of lanes) {
    const name = lane.isHome ? lane.name : `${lane.machine}: ${lane.name}`;
    for (const slice of slicesOf(lane.slices)) {
      yield [name, ...cellsOf(slice, now)];
    }
  }
}

function cellsOf(slice: SliceView, now: number): string[] {
  const { state, label, start, end, dense, open } = slice;
  const { letter, word } = STATES[state];
  const waits = WAITS.has(state);
  return [
    `${letter} ${waits ? "blocked" : word}${dense ? ", many" : ""}`,
    waits ? `${word}${label === "" ? "" : `, ${label}`}` : does(label, word),
    moment(Math.max(0, start)),
    open && end >= now ? "not ended" : moment(end),
  ];
}

/** What does not fit is counted. */
function addMore(table: HTMLTableElement, more: number): void {
  const cell = table.createTFoot().insertRow().insertCell();
  cell.colSpan = HEADS.length;
  cell.textContent = `and ${grouped(more)} more: zoom in to see them`;
}

/** Nothing that the state does not say already. */
function does(label: string, word: string): string {
  return label === word ? "" : label;
}

function addRow(body: HTMLTableSectionElement, cells: string[]): void {
  const row = body.insertRow();
  cells.forEach((text, index) => {
    const cell = document.createElement(index === 0 ? "th" : "td");
    if (index === 0) (cell as HTMLTableCellElement).scope = "row";
    if (index >= NUMBERS_FROM) cell.className = "number";
    cell.textContent = text;
    row.append(cell);
  });
}
