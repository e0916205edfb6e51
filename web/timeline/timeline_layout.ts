// Where each lane of the timeline lies: label column, axis, rows, groups. Pure
// arithmetic over the lanes to be shown; it does not paint.

import type { LaneKind } from "../trace/lane.ts";
import type { LaneView } from "../trace/trace_model.ts";

export interface Row {
  lane: LaneView;
  /** Top and height of the slices, px. */
  y: number;
  height: number;
  /** Top and height of the whole row with its name. */
  top: number;
  full: number;
  /** A rule above it parts it from the group before. */
  rule: boolean;
}

export interface Layout {
  /** Width of the column of names; 0 when names lie above their lanes. */
  labels: number;
  axis: number;
  rows: Row[];
  /** Height of the rows that stay when the others scroll: the CPUs. */
  fixed: number;
  /** Height of all rows. */
  content: number;
}

interface Measure {
  lane: number;
  gap: number;
  name: number;
}

const ROOMY: Measure = { lane: 30, gap: 8, name: 0 };
const COMPACT: Measure = { lane: 20, gap: 4, name: 0 };
const NARROW: Measure = { lane: 24, gap: 6, name: 18 };
const LABELS_PX = 144;
const AXIS_PX = 22;
const RULE_PX = 6;
const NARROW_BELOW_PX = 600;

/** Threads and their requests are one group. */
function groupOf(kind: LaneKind): string {
  if (kind === "request") return "thread";
  return kind === "network" ? "disk" : kind;
}

export function layoutLanes(
  lanes: LaneView[],
  width: number,
  height: number,
): Layout {
  const narrow = width < NARROW_BELOW_PX;
  const labels = narrow ? 0 : LABELS_PX;
  const roomy = place(lanes, narrow ? NARROW : ROOMY);
  const fits = roomy.content <= height - AXIS_PX;
  const { rows, content } = fits || narrow ? roomy : place(lanes, COMPACT);
  const last = rows.findLast(({ lane }) => lane.kind === "cpu");
  const fixed = last === undefined ? 0 : last.top + last.full;
  return { labels, axis: AXIS_PX, rows, fixed, content };
}

function place(
  lanes: LaneView[],
  measure: Measure,
): { rows: Row[]; content: number } {
  const rows: Row[] = [];
  let top = 4;
  let group = "";
  for (const lane of lanes) {
    const rule = group !== "" && groupOf(lane.kind) !== group;
    if (rule) top += RULE_PX;
    group = groupOf(lane.kind);
    const full = measure.name + measure.lane + measure.gap;
    const y = top + measure.name;
    rows.push({ lane, y, height: measure.lane, top, full, rule });
    top += full;
  }
  return { rows, content: top };
}

/** The row under a height below the axis, with the others scrolled by so much. */
export function rowAt(layout: Layout, y: number, scroll: number): Row | null {
  const place = y < layout.fixed ? y : y + scroll;
  for (const row of layout.rows) {
    if (place >= row.top && place < row.top + row.full) return row;
  }
  return null;
}
