/// <reference lib="dom" />
// Going round the page with F6, out of the terminal as well.

import { byId } from "./elements.ts";

/** F6 goes round: time bar, editor, terminal, timeline, the panels that are open. */
export function moveRegion(step: 1 | -1): void {
  const regions = [
    byId("play"),
    document.querySelector<HTMLElement>("#editor [contenteditable]"),
    document.querySelector<HTMLElement>(".tty textarea"),
    byId("table").hidden ? byId("lanes") : byId("table"),
    ...document.querySelectorAll<HTMLElement>(
      "#dock .panel:not([hidden]) .body",
    ),
  ].filter((region) =>
    region !== null && region.offsetParent !== null
  ) as HTMLElement[];
  const active = document.activeElement;
  const present = regions.findIndex((region) =>
    region === active || region.parentElement?.contains(active)
  );
  const count = regions.length;
  regions[(present + step + count) % count]!.focus();
}
