/// <reference lib="dom" />
// The page's door to sharing: the button, the key, and whether the page was
// opened with something that somebody sent. All that is behind it is fetched
// when it is wanted.

import type { Shared } from "../../host/share.ts";
import type { Machine } from "../machine/machine.ts";
import { byId } from "../parts/elements.ts";
import type { FromRunner } from "../protocol.ts";
import type { Span } from "../timeline/viewport.ts";
import type { LaneView } from "../trace/trace_model.ts";
import { sentHere } from "./address.ts";

type Desks = typeof import("./share_desk.ts");
type Desk = InstanceType<Desks["ShareDesk"]>;

/** What the timeline shows. */
export interface Picture {
  lanes: LaneView[];
  span: Span;
  now: number;
}

export interface ShareListener {
  onTell(text: string): void;
  picture(): Picture;
  /** Done when what the visitor has written is kept. */
  settle(): Promise<void>;
}

export type ForShare = Extract<
  FromRunner,
  { kind: "replaying" | "opened" | "sent" | "exported" }
>;

export class ShareDoor {
  readonly #machine: Machine;
  readonly #listener: ShareListener;
  /** What the machine comes from; null: it is the visitor's own. */
  readonly shared: Shared | null;
  #desk: Desk | null = null;

  constructor(
    machine: Machine,
    shared: Shared | null,
    listener: ShareListener,
  ) {
    this.#machine = machine;
    this.#listener = listener;
    this.shared = shared;
    byId("share").onclick = () => this.open();
    document.addEventListener("keydown", (event) => {
      const { ctrlKey, metaKey, shiftKey, key } = event;
      if (!shiftKey || !(ctrlKey || metaKey) || key.toLowerCase() !== "s") {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this.open();
    }, { capture: true });
    this.#listenToDrops();
    addEventListener("hashchange", () => this.#arriveAgain());
    if (shared !== null) this.#with((desk) => desk.visit());
  }

  open(): void {
    this.#with((desk) => desk.open());
  }

  /** A link to what is seen now. */
  async link(): Promise<string> {
    const desk = await this.#load();
    return await desk.link();
  }

  hear(message: ForShare): void {
    this.#with((desk) => desk.hear(message));
  }

  #listenToDrops(): void {
    const hasFile = ({ dataTransfer }: DragEvent) =>
      dataTransfer?.types.includes("Files") ?? false;
    addEventListener("dragover", (event) => {
      if (hasFile(event)) event.preventDefault();
    });
    addEventListener("drop", (event) => {
      const file = event.dataTransfer?.files[0];
      if (event.defaultPrevented || file === undefined) return;
      event.preventDefault();
      this.#with((desk) => desk.take(file));
    });
  }

  /** A link was put into the address of this very page. */
  async #arriveAgain(): Promise<void> {
    if (sentHere() === null) return;
    await this.#listener.settle();
    location.reload();
  }

  async #with(act: (desk: Desk) => void): Promise<void> {
    try {
      act(await this.#load());
    } catch (error) {
      this.#listener.onTell(
        `Sharing could not be loaded (${(error as Error).message}).`,
      );
    }
  }

  async #load(): Promise<Desk> {
    const { ShareDesk } = await fetchDesk();
    return this.#desk ??= new ShareDesk(
      this.#machine,
      this.shared,
      this.#listener,
    );
  }
}

/** The visitor is asked about what the page was opened with, if anything. Null: it is not to be run. */
export async function askAboutSent(): Promise<Shared | null> {
  const fragment = sentHere();
  if (fragment === null) return null;
  const { ask } = await fetchDesk();
  return await ask(fragment);
}

async function fetchDesk(): Promise<Desks> {
  const { href } = new URL("share.js", location.href);
  return await import(href) as Desks;
}
