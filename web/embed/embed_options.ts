// What an embed is told by its address: ?embed=1&view=code&ro=1&theme=dark&t=2ms.
// What cannot be understood counts as not said. Pure.

import { parseMoment } from "../parts/units.ts";

export const VIEWS = [
  "timeline",
  "code",
  "terminal",
  "disk",
  "network",
] as const;

export type ViewName = typeof VIEWS[number];

export interface EmbedOptions {
  view: ViewName;
  /** The code cannot be changed, and nothing can be typed. */
  readOnly: boolean;
  /** The instant to open at, ns; null: the link's own. */
  atNs: number | null;
  /** Who may send messages; null: whoever embeds it. */
  origin: string | null;
}

export function embedOptions(search: string): EmbedOptions {
  const given = new URLSearchParams(search);
  const view = VIEWS.find((name) => name === given.get("view"));
  const t = given.get("t");
  const at = t === null ? "" : parseMoment(t, 0);
  return {
    view: view ?? "timeline",
    readOnly: given.has("ro") && given.get("ro") !== "0",
    atNs: typeof at === "number" ? at : null,
    origin: given.get("origin"),
  };
}
