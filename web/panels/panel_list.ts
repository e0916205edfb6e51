// Which panels there are: their names, keys and widths, and the view that each
// gets. The order is that in which they lie side by side.

import type { DriveView } from "../disk/disk_model.ts";
import type { NetView } from "../network/net_model.ts";
import type { ChartsView } from "./charts_model.ts";
import type { HandlesView } from "./handles_model.ts";
import type { MemoryView } from "./memory_model.ts";
import type { RequestsView } from "./requests_model.ts";
import type { RunQueueView } from "./run_queue_model.ts";

/** What each panel shows. */
export interface PanelViews {
  requests: RequestsView;
  queue: RunQueueView;
  disk: DriveView;
  network: NetView;
  handles: HandlesView;
  memory: MemoryView;
  charts: ChartsView;
}

export type PanelName = keyof PanelViews;

export interface PanelKind {
  name: PanelName;
  title: string;
  /** One line for the menu. */
  about: string;
  /** The letter that opens and closes it. */
  key: string;
  /** What it has beside others, px. */
  width: number;
  /** Open at the first visit. */
  isFirst: boolean;
}

export const PANELS: readonly PanelKind[] = [
  {
    name: "requests",
    title: "Pending requests",
    about: "what the kernel babysits",
    key: "R",
    width: 328,
    isFirst: true,
  },
  {
    name: "queue",
    title: "Run queue",
    about: "who runs, who could, who waits",
    key: "U",
    width: 184,
    isFirst: true,
  },
  {
    name: "disk",
    title: "Disk",
    about: "the drive from above",
    key: "H",
    width: 264,
    isFirst: true,
  },
  {
    name: "network",
    title: "Network",
    about: "packets, rings, connections",
    key: "N",
    width: 240,
    isFirst: true,
  },
  {
    name: "handles",
    title: "Handles and files",
    about: "queues, events, callbacks, descriptors",
    key: "E",
    width: 328,
    isFirst: false,
  },
  {
    name: "memory",
    title: "Memory",
    about: "what the 64 MiB are used for",
    key: "M",
    width: 264,
    isFirst: false,
  },
  {
    name: "charts",
    title: "Charts",
    about: "latency and use over time",
    key: "C",
    width: 440,
    isFirst: false,
  },
];

export const PANEL_NAMES = PANELS.map(({ name }) => name);

/** A view, and whose. */
export type PanelView = {
  [K in PanelName]: { panel: K; view: PanelViews[K] };
}[PanelName];

/** What can be chosen, here or on the timeline. */
export interface Chosen {
  tid: number;
  pid: number;
  /** The number of a submitted or pushed request of that process; 0: the thread itself. */
  request: number;
}
