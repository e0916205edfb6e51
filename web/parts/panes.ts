/// <reference lib="dom" />
// The parts of the playground where there is room for one at a time: figure,
// code, terminal, panels. Where there is room for all it has nothing to do.

import { byId } from "./elements.ts";

export type Pane = "figure" | "code" | "terminal" | "panels";

const ONE_AT_A_TIME = "(width < 900px)";

export function listenToPanes(): void {
  for (const button of buttons()) {
    button.onclick = () => showPane(button.dataset.pane as Pane);
  }
  showPane("figure");
}

/** Brings that part to the front, if there is not room for all. */
export function showPane(pane: Pane): void {
  byId("screen").dataset.pane = pane;
  for (const button of buttons()) {
    button.ariaPressed = String(button.dataset.pane === pane);
  }
}

/** Whether there is room for one part only. */
export function isOnePane(): boolean {
  return matchMedia(ONE_AT_A_TIME).matches;
}

function buttons(): NodeListOf<HTMLButtonElement> {
  return byId("panes").querySelectorAll("button");
}
