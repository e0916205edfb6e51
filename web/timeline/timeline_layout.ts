// Where each lane of the timeline lies: label column, axis, rows, groups. CPUs
// and pinned lanes stay when the others scroll; other machines are folded up
// until they are opened. Pure arithmetic over the lanes to be shown; it does not
// paint.

import { NO_SLICES } from "../trace/slice_columns.ts";
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
  isPinned: boolean;
  /** What hides and shows below it, if something does. */
  fold: { key: string; isOpen: boolean; count: number } | null;
  /** It is the name of a machine and no lane. */
  isHeader: boolean;
}

export interface Layout {
  /** Width of the column of names; 0 when names lie above their lanes. */
  labels: number;
  axis: number;
  rows: Row[];
  /** Height of the rows that stay when the others scroll. */
  fixed: number;
  /** Height of all rows. */
  content: number;
}

/** What the visitor has done with the lanes. */
export interface Arrangement {
  pinned: ReadonlySet<string>;
  /** Keys of folds: threads that hide their requests, machines that show. */
  turned: ReadonlySet<string>;
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
/** The rows that stay take no more of the height than this. */
const FIXED_MOST = 0.6;
const AS_THEY_COME: Arrangement = { pinned: new Set(), turned: new Set() };

export function layoutLanes(
  lanes: readonly LaneView[],
  width: number,
  height: number,
  arrangement: Arrangement = AS_THEY_COME,
): Layout {
  const narrow = width < NARROW_BELOW_PX;
  const labels = narrow ? 0 : LABELS_PX;
  const items = arranged(lanes, arrangement);
  const roomy = place(items, narrow ? NARROW : ROOMY);
  const room = height - AXIS_PX;
  const fits = roomy.content <= room;
  const { rows, content } = fits || narrow ? roomy : place(items, COMPACT);
  const last = rows.findLast((row) => row.isPinned);
  const fixed = last === undefined ? 0 : last.top + last.full;
  const stays = fixed <= room * FIXED_MOST ? fixed : 0;
  return { labels, axis: AXIS_PX, rows, fixed: stays, content };
}

type Item = Pick<Row, "lane" | "isPinned" | "fold" | "isHeader"> & {
  group: string;
};

/** What stays comes first, then this machine's lanes, then the other machines. */
function arranged(
  lanes: readonly LaneView[],
  { pinned, turned }: Arrangement,
): Item[] {
  const isPinned = (lane: LaneView) =>
    lane.isHome && lane.kind === "cpu" || pinned.has(lane.id);
  const stays = lanes.filter(isPinned)
    .sort((a, b) => Number(pinned.has(a.id)) - Number(pinned.has(b.id)))
    .map((lane) => item(named(lane), "stays", true));
  const rest = lanes.filter((lane) => !isPinned(lane));
  const home = foldedRequests(rest.filter(({ isHome }) => isHome), turned);
  const away = rest.filter(({ isHome }) => !isHome);
  const machines = new Map<string, LaneView[]>();
  for (const lane of away) {
    const own = machines.get(lane.machine);
    if (own === undefined) machines.set(lane.machine, [lane]);
    else own.push(lane);
  }
  return [
    ...stays,
    ...home,
    ...[...machines].flatMap(([name, own]) => machine(name, own, turned)),
  ];
}

/** Away from its machine's rows, a lane says which one it is of. */
function named(lane: LaneView): LaneView {
  return lane.isHome
    ? lane
    : { ...lane, name: `${lane.machine}: ${lane.name}` };
}

function item(lane: LaneView, group: string, isPinned = false): Item {
  return { lane, group, isPinned, fold: null, isHeader: false };
}

/** A machine's name, and its lanes when it is opened. */
function machine(
  name: string,
  lanes: LaneView[],
  turned: ReadonlySet<string>,
): Item[] {
  const key = `machine/${name}`;
  const isOpen = turned.has(key);
  const header: Item = {
    lane: {
      id: key,
      kind: "cpu",
      name,
      note: `${lanes.length} lanes`,
      machine: name,
      isHome: false,
      slices: NO_SLICES,
    },
    group: key,
    isPinned: false,
    fold: { key, isOpen, count: lanes.length },
    isHeader: true,
  };
  if (!isOpen) return [header];
  const own = foldedRequests(lanes, turned)
    .map((each) => ({ ...each, group: key }));
  return [header, ...own];
}

/** A thread's requests come after it, unless it hides them. */
function foldedRequests(
  lanes: readonly LaneView[],
  turned: ReadonlySet<string>,
): Item[] {
  const items: Item[] = [];
  let thread: Item | null = null;
  for (const lane of lanes) {
    if (lane.kind !== "request") {
      thread = item(lane, groupOf(lane));
      items.push(thread);
      continue;
    }
    if (thread === null || !lane.id.startsWith(`${thread.lane.id}/`)) {
      items.push(item(lane, "thread")); // its thread is pinned
      continue;
    }
    const { id } = thread.lane;
    thread.fold ??= { key: id, isOpen: !turned.has(id), count: 0 };
    thread.fold.count++;
    if (thread.fold.isOpen) items.push(item(lane, "thread"));
  }
  return items;
}

/** Threads and their requests are one group, disk and cables another. */
function groupOf({ kind }: LaneView): string {
  if (kind === "request") return "thread";
  return kind === "network" ? "disk" : kind;
}

function place(
  items: readonly Item[],
  measure: Measure,
): { rows: Row[]; content: number } {
  const rows: Row[] = [];
  let top = 4;
  let before = "";
  for (const { group, lane, isPinned, fold, isHeader } of items) {
    const rule = before !== "" && group !== before;
    if (rule) top += RULE_PX;
    before = group;
    const name = isHeader ? 0 : measure.name;
    const full = name + measure.lane + measure.gap;
    rows.push({
      lane,
      y: top + name,
      height: measure.lane,
      top,
      full,
      rule,
      isPinned,
      fold,
      isHeader,
    });
    top += full;
  }
  return { rows, content: top };
}

/** The row under a height below the axis, with the others scrolled by so much. */
export function rowAt(layout: Layout, y: number, scroll: number): Row | null {
  const place = y < layout.fixed ? y : y + scroll;
  const row = layout.rows[firstBelow(layout.rows, place)];
  return row !== undefined && place >= row.top ? row : null;
}

/** The rows that lie between two heights of the whole content. */
export function rowsWithin(
  rows: readonly Row[],
  top: number,
  bottom: number,
): Row[] {
  const found: Row[] = [];
  for (let i = firstBelow(rows, top); i < rows.length; i++) {
    if (rows[i]!.top >= bottom) break;
    found.push(rows[i]!);
  }
  return found;
}

/** The number of the first row that ends below a height. */
function firstBelow(rows: readonly Row[], height: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.top + rows[middle]!.full > height) high = middle;
    else low = middle + 1;
  }
  return low;
}
