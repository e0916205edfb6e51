/// <reference lib="dom" />
// The timeline as a table: the same slices in words, for those who cannot or
// would rather not look at the canvas.

import { STATES, WAITS } from "../trace/states.ts";
import type { LaneView } from "../trace/trace_model.ts";
import { moment } from "../parts/units.ts";

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
  for (const row of rowsOf(lanes, now).slice(0, ROWS_MAX)) addRow(body, row);
  parent.replaceChildren(table);
}

function rowsOf(lanes: LaneView[], now: number): string[][] {
  return lanes.flatMap((lane) =>
    lane.slices.map(({ state, label, start, end, dense, open }) => {
      const { letter, word } = STATES[state];
      const waits = WAITS.has(state);
      return [
        lane.name,
        `${letter} ${waits ? "blocked" : word}${dense ? ", many" : ""}`,
        waits
          ? `${word}${label === "" ? "" : `, ${label}`}`
          : does(label, word),
        moment(Math.max(0, start)),
        open && end >= now ? "not ended" : moment(end),
      ];
    })
  );
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
