/// <reference lib="dom" />
// Which panels a visitor had open, kept in the browser.

import { keep } from "../parts/keep.ts";
import { PANEL_NAMES, type PanelName, PANELS } from "./panel_list.ts";

const KEY = "kettle.panels";

/** Those of the last visit, the latest last; at the first visit the usual ones. */
export function recall(): PanelName[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (Array.isArray(found)) {
      return PANEL_NAMES.filter((name) => found.includes(name))
        .sort((a, b) => found.indexOf(a) - found.indexOf(b));
    }
  } catch {
    // Storage is off, or has something else in it.
  }
  return PANELS.filter(({ isFirst }) => isFirst).map(({ name }) => name)
    .reverse();
}

export function remember(open: readonly PanelName[]): void {
  keep(KEY, JSON.stringify(open));
}
