// How the open panels share the dock: which of them are shown where there is not
// room for all, and how wide each is. Numbers in, numbers out.

import { type PanelKind, type PanelName, PANELS } from "./panel_list.ts";

/** How much there is room for: as many as fit, two, one. */
export type Room = "row" | "two" | "one";

/** A panel in the row, and its width in px; the last one has the rest. */
export interface Column {
  name: PanelName;
  px: number;
}

const KINDS = new Map(PANELS.map((kind) => [kind.name, kind]));

export function kindOf(name: PanelName): PanelKind {
  return KINDS.get(name)!;
}

/** The open ones that are shown, in the order in which they lie. `recent` has them all, the latest last. */
export function shownOf(
  recent: readonly PanelName[],
  room: Room,
  widthPx: number,
): PanelName[] {
  const most = room === "row" ? Infinity : room === "two" ? 2 : 1;
  const shown = new Set<PanelName>();
  let left = widthPx;
  for (const name of [...recent].reverse()) {
    const { width } = kindOf(name);
    if (shown.size >= most) break;
    if (room === "row" && width > left && shown.size > 0) break;
    shown.add(name);
    left -= width;
  }
  return PANELS.map(({ name }) => name).filter((name) => shown.has(name));
}

/** Their widths, after what was shown before: who goes leaves its width to its right neighbour. */
export function columnsOf(
  shown: readonly PanelName[],
  before: readonly Column[],
  widthPx: number,
): Column[] {
  const kept = inherit(before, shown);
  const columns = shown.map((name) => ({
    name,
    px: kept.get(name) ?? kindOf(name).width,
  }));
  const fixed = columns.slice(0, -1).reduce((sum, { px }) => sum + px, 0);
  const last = shown[shown.length - 1];
  if (last === undefined || fixed + kindOf(last).width <= widthPx) {
    return columns;
  }
  return shown.map((name) => ({ name, px: kindOf(name).width }));
}

function inherit(
  before: readonly Column[],
  shown: readonly PanelName[],
): Map<PanelName, number> {
  const kept = new Map<PanelName, number>();
  let left = 0;
  for (const { name, px } of before) {
    if (!shown.includes(name)) {
      left += px;
      continue;
    }
    kept.set(name, px + left);
    left = 0;
  }
  return kept;
}

/** The row as CSS has it: two or one share it evenly. */
export function templateOf(columns: readonly Column[], room: Room): string {
  return columns.map(({ px }, i) =>
    room !== "row" || i === columns.length - 1
      ? "minmax(0, 1fr)"
      : `${Math.round(px)}px`
  ).join(" ");
}
