/// <reference lib="dom" />
// The visitor's dealings with the disk: the panel opened and closed, the disk
// taken out as a file, put in from one, made fresh, and what is to be said when
// it is not kept or damaged. The panel and all that reads and writes files is
// fetched when the panel is opened first.

import { byId } from "../parts/elements.ts";
import type { DriveView } from "./disk_model.ts";
import type { DiskStore, Keeping } from "../store/disk_store.ts";
import type { Machine } from "../machine/machine.ts";
import type { Status } from "../protocol.ts";

type Panels = typeof import("./disk_panel.ts");
type Panel = InstanceType<Panels["DiskPanel"]>;

/** A button in what is told. */
export interface Action {
  name: string;
  act(): void;
}

export interface DeskListener {
  onTell(text: string, actions: Action[]): void;
  /** Another machine begins. */
  onClear(): void;
  /** A request of this thread was chosen. */
  onSelect(tid: number): void;
  /** It is to be open: there may be no room for another. */
  onOpen(): void;
}

const OPEN_KEY = "kettle.disk";
/** As wide as this, the panel is open unless it was closed. */
const WIDE = "(width >= 1180px)";

const NOT_KEPT: Record<Exclude<Keeping, "kept">, string> = {
  memory:
    "This browser keeps nothing (a private window, or storage is off), so the disk lasts as long as this page. Export it to keep it.",
  elsewhere:
    "This disk is open in another tab. Here is a copy of it, and what you write to it is not kept. To have the disk here, close the other tab and reload.",
  full:
    "The browser has no room left, so what is written now is not kept. Export the disk, or make room; each change tries again.",
};

export class DiskDesk {
  readonly #store: DiskStore;
  readonly #machine: Machine;
  readonly #listener: DeskListener;
  #panels: Promise<Panels> | null = null;
  #panel: Panel | null = null;
  #isOpen = false;
  #told: Keeping;
  #status: Status | null = null;

  constructor(store: DiskStore, machine: Machine, listener: DeskListener) {
    this.#store = store;
    this.#machine = machine;
    this.#listener = listener;
    this.#told = store.keeping;
    addEventListener("pagehide", () => machine.look());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") machine.look();
    });
  }

  // ----------------------------------------------------------- the panel

  /** A machine is there: the panel of the last visit opens, and the machine tells it of the drive. */
  ready(): void {
    if (this.#isOpen) return this.#watch();
    const before = remembered();
    if (before ?? matchMedia(WIDE).matches) this.#open();
  }

  async toggle(): Promise<void> {
    if (this.#isOpen) return this.close();
    remember(true);
    await this.#open();
    this.#panel?.focus();
  }

  close(): void {
    remember(false);
    this.#isOpen = false;
    this.#showOpen();
    byId("as-disk").focus();
  }

  /** Makes room for another panel; it opens again at the next visit. */
  stepAside(): void {
    this.#isOpen = false;
    this.#showOpen();
  }

  async #open(): Promise<void> {
    this.#listener.onOpen();
    this.#isOpen = true;
    this.#showOpen();
    try {
      const { DiskPanel } = await this.#load();
      this.#panel ??= new DiskPanel(byId("disk"), {
        onClose: () => this.close(),
        onSelect: (tid) => this.#listener.onSelect(tid),
        onExport: () => this.export(),
        onImport: (file) => this.import(file),
        onFresh: () => this.fresh(),
        onDamaged: () => this.exportDamaged(),
        onForget: () => this.#store.forgetDamaged(),
      });
      this.keepingChanged();
      this.#watch();
    } catch (error) {
      this.#isOpen = false;
      this.#showOpen();
      this.#listener.onTell(
        `The panel Disk could not be loaded (${reason(error)}).`,
        [],
      );
    }
  }

  #showOpen(): void {
    byId("disk").hidden = !this.#isOpen;
    byId("screen").classList.toggle("with-disk", this.#isOpen);
    byId("as-disk").setAttribute("aria-pressed", String(this.#isOpen));
    if (!this.#isOpen) this.#watch();
  }

  #watch(): void {
    this.#machine.send({ kind: "watch", drive: this.#isOpen });
  }

  /** The drive as it is now. */
  show(view: DriveView): void {
    if (this.#isOpen) this.#panel?.show(view, this.#status);
  }

  advance(status: Status): void {
    this.#status = status;
  }

  // ----------------------------------------------------------- what is kept

  /** The store has kept something, or could not. */
  keepingChanged(): void {
    const { keeping, blockCount, hasDamaged } = this.#store;
    this.#panel?.keep(keeping, blockCount, hasDamaged);
    if (keeping === this.#told) return;
    this.#told = keeping;
    if (keeping !== "kept") this.tellKeeping();
  }

  tellKeeping(): void {
    const { keeping } = this.#store;
    if (keeping === "kept") return;
    this.#listener.onTell(NOT_KEPT[keeping], [
      { name: "Export the disk", act: () => this.export() },
    ]);
  }

  tellDamage(why: string): void {
    this.#tellAside(`The disk of your last visit is damaged: ${why}`);
  }

  #tellAside(what: string): void {
    this.#listener.onTell(
      `${what}. It is put aside as it is, and the machine has a fresh one.`,
      [{
        name: "Download the old disk",
        act: () => this.exportDamaged(),
      }],
    );
  }

  /** No machine boots from the disk. */
  async refused(why: string): Promise<void> {
    if (await this.#store.goBack()) {
      this.#listener.onTell(
        `No machine starts from that disk: ${why}. The old one is in again.`,
        [],
      );
    } else {
      await this.#store.setAside(why);
      this.#tellAside(
        `No machine starts from the disk of your last visit: ${why}`,
      );
    }
    this.#restart();
  }

  // ----------------------------------------------------------- files

  async export(): Promise<void> {
    const { saveFile, imageOf } = await this.#load();
    await this.#machine.look();
    const { disk } = this.#store;
    if (disk !== null) saveFile("kettle.img", imageOf(disk));
  }

  async exportDamaged(): Promise<void> {
    const { saveFile, damagedImage } = await this.#load();
    const damaged = await this.#store.damaged();
    if (damaged !== null) {
      saveFile("kettle-damaged.img", damagedImage(damaged));
    }
  }

  /** The old disk is kept until a machine has booted from the new one. */
  async import(file: File): Promise<void> {
    const { readImage } = await this.#load();
    const found = await readImage(file);
    if ("error" in found) {
      return this.#listener.onTell(
        `${file.name} was not taken: ${found.error}. The disk is as it was.`,
        [],
      );
    }
    await this.#machine.look();
    await this.#store.replace(found.disk);
    this.#restart(`The disk of ${file.name} is in.`);
  }

  /** The visitor was asked. */
  async fresh(): Promise<void> {
    await this.#store.replace(null);
    this.#restart("The machine has a fresh disk.");
  }

  #restart(notice = ""): void {
    this.#listener.onClear();
    this.#machine.start(notice);
  }

  #load(): Promise<Panels> {
    const { href } = new URL("disk_panel.js", location.href);
    this.#panels ??= import(href).catch((error) => {
      this.#panels = null;
      throw error;
    });
    return this.#panels as Promise<Panels>;
  }
}

function remembered(): boolean | null {
  try {
    const found = localStorage.getItem(OPEN_KEY);
    return found === null ? null : found === "open";
  } catch {
    return null;
  }
}

function remember(isOpen: boolean): void {
  try {
    localStorage.setItem(OPEN_KEY, isOpen ? "open" : "closed");
  } catch {
    // Storage is off: it lasts as long as the page.
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
