// How the worker is told that a panel is on show.

import type { ToRunner } from "../protocol.ts";

export function watchMessage(
  panel: "disk" | "network",
  isOpen: boolean,
): ToRunner {
  return panel === "disk"
    ? { kind: "watch", drive: isOpen }
    : { kind: "watchNetwork", isOpen };
}
