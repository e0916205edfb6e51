/// <reference lib="dom" />
// Sharing, behind its door: makes the link of what is seen now, gives files out,
// takes one in, and says of a run that somebody sent how far it is and whether it
// is the one that was shared.

import { linkOf, openLink, type Shared } from "../../host/share.ts";
import type { Machine } from "../machine/machine.ts";
import type { Sent } from "../protocol.ts";
import { linkTo, openFileHere } from "./address.ts";
import { ArrivalCard } from "./arrival_card.ts";
import { chooseFile, saveFile } from "./save.ts";
import { type Made, ShareDialog } from "./share_dialog.ts";
import type { ForShare, ShareListener } from "./share_door.ts";
import { pngOf, svgOf } from "./timeline_file.ts";
import { VERSION } from "./version.ts";
import { VisitStrip } from "./visit_strip.ts";

/** The visitor is asked. Null: not to be run. */
export function ask(fragment: string): Promise<Shared | null> {
  return new ArrivalCard().ask(fragment);
}

/** What can be taken out, and how the file is called. */
const EXPORTS: Record<string, { name: string; type: string }> = {
  trace: { name: "kettle-trace.json", type: "application/json" },
  pcap: { name: "kettle.pcap", type: "application/vnd.tcpdump.pcap" },
  files: { name: "kettle-files.zip", type: "application/zip" },
};
const FILE_NAME = "run.kettle";
const FILE_BYTES_MAX = 16 * 1024 * 1024;

export class ShareDesk {
  readonly #machine: Machine;
  readonly #listener: ShareListener;
  readonly #dialog: ShareDialog;
  readonly #strip: VisitStrip | null;
  #waiting: ((sent: Sent) => void)[] = [];
  #code: Promise<string> | null = null;

  constructor(
    machine: Machine,
    shared: Shared | null,
    listener: ShareListener,
  ) {
    this.#machine = machine;
    this.#listener = listener;
    this.#dialog = new ShareDialog({
      onExport: (what) => this.#export(what),
      onOpenFile: () => this.#chooseFile(),
    });
    this.#strip = shared === null ? null : new VisitStrip(shared, {
      onEnough: () => machine.send({ kind: "enough" }),
      settle: () => listener.settle(),
    });
  }

  /** The page shows what somebody sent. */
  visit(): void {
    this.#strip?.show();
  }

  async open(): Promise<void> {
    this.#dialog.open();
    this.#dialog.show(await this.#make());
  }

  async link(): Promise<string> {
    return linkTo((await this.#make()).fragment);
  }

  hear(message: ForShare): void {
    switch (message.kind) {
      case "sent":
        for (const resolve of this.#waiting.splice(0)) resolve(message.sent);
        return;
      case "replaying":
        return this.#strip?.isOnItsWay
          ? this.#strip.advance(message.nowNs, message.atNs)
          : this.#dialog.advance(message.nowNs, message.atNs);
      case "opened":
        return this.#strip?.arrive(message);
      case "exported":
        return this.#save(message.what, message.bytes, message.error);
    }
  }

  /** A file that was dropped or chosen: the page is opened with it. */
  async take(file: File): Promise<void> {
    const problem = await problemOf(file);
    if (problem !== null) return this.#tell(`${file.name} ${problem}`);
    await this.#listener.settle();
    openFileHere((await file.text()).trim());
  }

  /** What the worker says is checked as a stranger's link is. */
  async #make(): Promise<Made> {
    const sent = await new Promise<Sent>((resolve) => {
      this.#waiting.push(resolve);
      this.#machine.send({ kind: "share" });
    });
    const { leftOut, isAsSeen } = sent;
    const fragment = await linkOf({ ...sent.shared, kettle: VERSION });
    const shared = await openLink(fragment);
    return { fragment, shared, leftOut, isAsSeen };
  }

  async #chooseFile(): Promise<void> {
    const file = await chooseFile(".kettle");
    if (file !== null) await this.take(file);
  }

  async #export(what: string): Promise<void> {
    try {
      if (what === "link") {
        const { fragment } = await this.#make();
        return saveFile(FILE_NAME, `${fragment}\n`, "text/plain");
      }
      if (what === "svg") return saveFile("kettle-timeline.svg", this.#svg());
      if (what === "png") {
        return saveFile("kettle-timeline.png", await pngOf(this.#svg()));
      }
      const code = await (this.#code ??= fetchCode());
      this.#machine.send({ kind: "export", code, what });
    } catch (error) {
      this.#code = null;
      this.#dialog.tell(`That could not be made: ${(error as Error).message}.`);
    }
  }

  #svg(): string {
    return svgOf(this.#listener.picture());
  }

  #save(what: string, bytes: Uint8Array, error: string): void {
    const file = EXPORTS[what];
    if (file === undefined) return;
    if (error !== "") return this.#dialog.tell(`No file: ${error}.`);
    saveFile(file.name, bytes, file.type);
    this.#dialog.tell(`${file.name} is made.`);
  }

  #tell(text: string): void {
    if (this.#dialog.isOpen) this.#dialog.tell(text);
    else this.#listener.onTell(text);
  }
}

/** Why a file is not taken; null: it is. */
async function problemOf(file: File): Promise<string | null> {
  if (file.size > FILE_BYTES_MAX) return "is too large for a run of Kettle's.";
  try {
    await openLink((await file.text()).trim());
    return null;
  } catch (error) {
    return `was not taken. ${(error as Error).message.replace("link", "file")}`;
  }
}

async function fetchCode(): Promise<string> {
  const response = await fetch("exports.js");
  if (!response.ok) throw new Error(`exports.js: ${response.status}`);
  return await response.text();
}
