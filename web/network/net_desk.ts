/// <reference lib="dom" />
// The panel Network opened and closed. The panel is fetched when it is opened
// first; while it is closed the machine tells nothing of the network.

import { byId } from "../parts/elements.ts";
import type { Machine } from "../machine/machine.ts";
import type { NetView } from "./net_model.ts";
import type { Status } from "../protocol.ts";

type Panels = typeof import("./net_panel.ts");
type Panel = InstanceType<Panels["NetPanel"]>;

export interface NetDeskListener {
  onTell(text: string): void;
  /** It is to be open: there may be no room for another. */
  onOpen(): void;
}

const OPEN_KEY = "kettle.network";

export class NetDesk {
  readonly #machine: Machine;
  readonly #listener: NetDeskListener;
  #panel: Promise<Panel> | null = null;
  #shown: Panel | null = null;
  #isOpen = false;
  #status: Status | null = null;

  constructor(machine: Machine, listener: NetDeskListener) {
    this.#machine = machine;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A machine is there: the panel of the last visit opens, and the machine tells it of the network. */
  ready(): void {
    if (this.#isOpen) return this.#watch();
    if (isRemembered()) this.#open();
  }

  async toggle(): Promise<void> {
    if (this.#isOpen) return this.close();
    remember(true);
    await this.#open();
    this.#shown?.focus();
  }

  close(): void {
    remember(false);
    this.#show(false);
    byId("as-network").focus();
  }

  /** Makes room for another panel; it opens again at the next visit. */
  stepAside(): void {
    if (this.#isOpen) this.#show(false);
  }

  advance(status: Status): void {
    this.#status = status;
  }

  show(view: NetView): void {
    if (this.#isOpen) this.#shown?.show(view, this.#status);
  }

  async #open(): Promise<void> {
    this.#listener.onOpen();
    this.#show(true);
    try {
      this.#shown = await this.#load();
      this.#watch();
    } catch (error) {
      this.#panel = null;
      this.#show(false);
      this.#listener.onTell(
        `The panel Network could not be loaded (${
          error instanceof Error ? error.message : String(error)
        }).`,
      );
    }
  }

  #show(isOpen: boolean): void {
    this.#isOpen = isOpen;
    byId("network").hidden = !isOpen;
    byId("screen").classList.toggle("with-network", isOpen);
    byId("as-network").setAttribute("aria-pressed", String(isOpen));
    if (!isOpen) this.#watch();
  }

  #watch(): void {
    this.#machine.send({ kind: "watchNetwork", isOpen: this.#isOpen });
  }

  #load(): Promise<Panel> {
    const { href } = new URL("net_panel.js", location.href);
    this.#panel ??= import(href).then(({ NetPanel }: Panels) =>
      new NetPanel(byId("network"), () => this.close())
    );
    return this.#panel;
  }
}

function isRemembered(): boolean {
  try {
    return localStorage.getItem(OPEN_KEY) === "open";
  } catch {
    return false;
  }
}

function remember(isOpen: boolean): void {
  try {
    localStorage.setItem(OPEN_KEY, isOpen ? "open" : "closed");
  } catch {
    // Storage is off: it lasts as long as the page.
  }
}
