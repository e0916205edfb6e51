/// <reference lib="dom" />
// The visitor's dealings with the disk as a whole: it is taken out as a file, put
// in from one, made fresh; and what is to be said when it is not kept or damaged.
// What reads and writes files is fetched with the panel Disk, or when it is needed.

import type { DiskStore, Keeping } from "../store/disk_store.ts";
import type { Machine } from "../machine/machine.ts";

type DiskFiles = typeof import("./disk_panel.ts");

/** What the panel Disk asks for. */
export interface DiskDealings {
  export(): void;
  import(file: File): void;
  /** The visitor was asked. */
  fresh(): void;
  exportDamaged(): void;
  forgetDamaged(): void;
  /** Where the disk is kept; tells again when that changes. */
  follow(tell: (kept: Kept) => void): void;
}

/** Where the disk is kept, how much of it, and whether one was put aside. */
export interface Kept {
  keeping: Keeping;
  blocks: number;
  hasDamaged: boolean;
}

/** A button in what is told. */
export interface Action {
  name: string;
  act(): void;
}

export interface DeskListener {
  onTell(text: string, actions: Action[]): void;
  /** Another machine begins. */
  onClear(): void;
}

const NOT_KEPT: Record<Exclude<Keeping, "kept">, string> = {
  memory:
    "This browser keeps nothing (a private window, or storage is off), so the disk lasts as long as this page. Export it to keep it.",
  elsewhere:
    "This disk is open in another tab. Here is a copy of it, and what you write to it is not kept. To have the disk here, close the other tab and reload.",
  full:
    "The browser has no room left, so what is written now is not kept. Export the disk, or make room; each change tries again.",
};

export class DiskDesk implements DiskDealings {
  readonly #store: DiskStore;
  readonly #machine: Machine;
  readonly #listener: DeskListener;
  #files: Promise<DiskFiles> | null = null;
  #follower: (kept: Kept) => void = () => {};
  #told: Keeping;

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

  // ----------------------------------------------------------- what is kept

  /** The store has kept something, or could not. */
  keepingChanged(): void {
    const { keeping } = this.#store;
    this.#follower(this.#kept);
    if (keeping === this.#told) return;
    this.#told = keeping;
    if (keeping !== "kept") this.tellKeeping();
  }

  follow(tell: (kept: Kept) => void): void {
    this.#follower = tell;
    tell(this.#kept);
  }

  get #kept(): Kept {
    const { keeping, blockCount, hasDamaged } = this.#store;
    return { keeping, blocks: blockCount, hasDamaged };
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

  forgetDamaged(): void {
    this.#store.forgetDamaged();
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

  #load(): Promise<DiskFiles> {
    const { href } = new URL("panel_disk.js", location.href);
    this.#files ??= import(href).catch((error) => {
      this.#files = null;
      throw error;
    });
    return this.#files as Promise<DiskFiles>;
  }
}
