// What the dock and a panel's own file know of each other: a panel gets a place
// and gives back how it is told what to show.

import type { DiskDealings } from "../disk/disk_desk.ts";
import type { Status } from "../protocol.ts";
import type { Chosen, PanelName, PanelViews } from "./panel_list.ts";

/** Where a panel lives, and whom it tells what the visitor does in it. */
export interface PanelPlace {
  /** Its own part of the dock, under the head. */
  body: HTMLElement;
  /** A few words beside its name. */
  note(words: string): void;
  choose(what: Chosen): void;
  goTo(atNs: number): void;
  /** What can be done with the disk as a whole. */
  disk: DiskDealings;
}

export interface OpenPanel<K extends PanelName> {
  show(view: PanelViews[K], status: Status | null): void;
  /** Something was chosen, here or elsewhere; null: nothing is. */
  select?(what: Chosen | null): void;
  /** Another theme, or another size. */
  repaint?(): void;
}

/** What the file of a panel exports. */
export interface PanelFile<K extends PanelName> {
  open(place: PanelPlace): OpenPanel<K>;
}
