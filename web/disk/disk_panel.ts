/// <reference lib="dom" />
// The panel Disk: the picture of the drive, what it does in words, who waits, and
// what can be done with the disk as a whole. With it comes what turns a disk into
// a file and back. It does not know the machine.

import {
  decodeImage,
  encodeBlocks,
  type ImageBlock,
} from "../../host/disk_image.ts";
import { DEFAULT_MODEL } from "../../kernel/dev/hdd_model.ts";
import { Geometry } from "../../kernel/dev/hdd_geometry.ts";
import { crc32 } from "../../host/checksum.ts";
import type { Kept } from "./disk_desk.ts";
import type { DriveRequest, DriveView } from "./disk_model.ts";
import { DiskPicture } from "./disk_picture.ts";
import {
  BLOCK_BYTES,
  checksumOf,
  type Header,
  type Rows,
} from "../store/disk_records.ts";
import type { Keeping } from "../store/disk_store.ts";
import {
  countWords,
  PHASE_STATES,
  phaseWords,
  sentenceOf,
  turningWords,
} from "./disk_words.ts";
import type { DiskBlocks, Status } from "../protocol.ts";
import { STATES } from "../trace/states.ts";
import { duration, grouped } from "../parts/units.ts";
import type { Chosen } from "../panels/panel_list.ts";
import type { OpenPanel, PanelPlace } from "../panels/panel_place.ts";
import { fillTerms, made, setText } from "../parts/elements.ts";

/** Of the drive that is built in. */
const QUEUE_DEPTH = 32;
const SHOWN_MAX = 5;
const SPEAK_EVERY_MS = 1000;
const FRAMES_PER_S = 60;
/** A platter that goes further from frame to frame cannot be seen turning. */
const TURN_PER_FRAME_MAX = 0.25;
const MIB = 1024 * 1024;

export function open(place: PanelPlace): OpenPanel<"disk"> {
  return new DiskPanel(place);
}

class DiskPanel implements OpenPanel<"disk"> {
  readonly #place: PanelPlace;
  readonly #picture = new DiskPicture();
  readonly #phases = made("dl", "phases");
  readonly #doing = made("p", "doing");
  readonly #turning = made("p", "hint");
  readonly #requests = made("ul", "requests");
  readonly #more = made("p", "hint");
  readonly #counts = made("dl", "counts");
  readonly #kept = made("p", "hint");
  readonly #damaged = made("div", "buttons");
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #redraw = () => {};
  #shown: DriveRequest[] = [];
  #selected = 0;
  #selectedTid = -1;
  #spokenAt = 0;

  constructor(place: PanelPlace) {
    this.#place = place;
    const drive = made("div", "drive");
    drive.append(this.#picture.element, this.#phases);
    place.body.append(
      this.#doing,
      drive,
      this.#turning,
      text("h3", "", "Requests"),
      this.#requests,
      this.#more,
      this.#counts,
      text("h3", "", "The disk itself"),
      this.#kept,
      this.#makeButtons(),
      this.#damaged,
    );
    this.#listenToRequests();
    place.disk.follow((kept) => this.#keep(kept));
  }

  /** A thread's request at the drive is ringed. */
  select(what: Chosen | null): void {
    const found = this.#shown.find(({ tid }) => tid === what?.tid);
    if (what?.tid === this.#selectedTid) return;
    this.#selectedTid = what?.tid ?? -1;
    this.#selected = found?.id ?? 0;
    this.#redraw();
  }

  // ----------------------------------------------------------- showing

  show(view: DriveView, status: Status | null): void {
    this.#redraw = () => this.show(view, status);
    const runs = status?.state === "running";
    const turns = view.rpm / 60 / FRAMES_PER_S * (status?.speed ?? 1);
    const isFast = runs && turns > TURN_PER_FRAME_MAX;
    const isStill = runs && this.#still.matches;
    this.#picture.draw(view, {
      hidesTurning: isFast || isStill,
      hidesGliding: isStill,
      selected: this.#selected,
    });
    setText(this.#turning, isFast ? turningWords(view) : angleWords(view));
    const inDrive = view.waiting.length + (view.serving === null ? 0 : 1);
    this.#place.note(`queue ${inDrive} of ${QUEUE_DEPTH}`);
    this.#speak(sentenceOf(view), runs);
    this.#showPhases(view);
    this.#showRequests(view);
    fillTerms(this.#counts, countWords(view));
  }

  /** To those who listen at most once a second, while time passes. */
  #speak(sentence: string, runs: boolean): void {
    if (this.#doing.textContent === sentence) return;
    const soon = performance.now() - this.#spokenAt < SPEAK_EVERY_MS;
    this.#doing.setAttribute("aria-live", runs && soon ? "off" : "polite");
    if (!soon) this.#spokenAt = performance.now();
    this.#doing.textContent = sentence;
  }

  #showPhases({ phases }: DriveView): void {
    fillTerms(
      this.#phases,
      phases.map((phase, i) => [
        `${STATES[PHASE_STATES[phase.name]].letter} ${phaseWords(phase, i)}`,
        duration(phase.leftNs),
      ]),
    );
  }

  #showRequests(view: DriveView): void {
    const { serving, waiting, now } = view;
    const all = serving === null ? waiting : [serving, ...waiting];
    this.#shown = all.slice(0, SHOWN_MAX);
    const rows = this.#requests.children;
    while (rows.length > this.#shown.length) rows[rows.length - 1]!.remove();
    while (rows.length < this.#shown.length) this.#requests.append(newRow());
    this.#shown.forEach((request, i) => {
      const button = rows[i]!.firstElementChild!;
      const [first, second] = rowWords(request, request === serving, now);
      setText(button.children[0]!, first);
      setText(button.children[1]!, second);
      const isChosen = String(request.id === this.#selected);
      if (button.getAttribute("aria-pressed") !== isChosen) {
        button.setAttribute("aria-pressed", isChosen);
      }
    });
    const more = all.length - this.#shown.length;
    const words = all.length === 0
      ? "No request. One appears here when a program reads what the page cache has not, or when something is written back."
      : more > 0
      ? `and ${grouped(more)} more`
      : "";
    setText(this.#more, words);
  }

  #keep({ keeping, blocks, hasDamaged }: Kept): void {
    const size = (blocks * BLOCK_BYTES / MIB).toFixed(1);
    const words: Record<Keeping, string> = {
      kept: `Kept in this browser: ${
        grouped(blocks)
      } blocks, ${size} MiB. A reload starts from it.`,
      memory: "Not kept: this browser gives no storage.",
      elsewhere: "Not kept here: it is open in another tab.",
      full: "Not kept since the browser's storage is full.",
    };
    setText(this.#kept, words[keeping]);
    this.#damaged.hidden = !hasDamaged;
  }

  // ----------------------------------------------------------- making

  #makeButtons(): HTMLElement {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".img";
    input.hidden = true;
    input.setAttribute("aria-label", "Disk image");
    input.onchange = () => {
      const [file] = input.files ?? [];
      if (file !== undefined) this.#place.disk.import(file);
      input.value = "";
    };
    const buttons = made("div", "buttons");
    buttons.append(
      button("Export .img", () => this.#place.disk.export()),
      button("Import…", () => input.click()),
      button("Fresh disk…", () => this.#ask()),
      input,
    );
    this.#damaged.hidden = true;
    this.#damaged.append(
      text("p", "hint", "A damaged disk is put aside, as it is."),
      button("Download it", () => this.#place.disk.exportDamaged()),
      button("Forget it", () => this.#place.disk.forgetDamaged()),
    );
    return buttons;
  }

  /** A fresh disk is asked for: what is on the old one would be gone. */
  #ask(): void {
    const dialog = made("dialog", "sheet") as HTMLDialogElement;
    dialog.setAttribute("aria-label", "Fresh disk");
    const close = (act?: () => void) => {
      dialog.close();
      dialog.remove();
      act?.();
    };
    const buttons = made("div", "buttons");
    const cancel = button("Cancel", () => close());
    cancel.autofocus = true;
    buttons.append(
      cancel,
      button("Export first", () => this.#place.disk.export()),
      button("Fresh disk", () => close(() => this.#place.disk.fresh())),
    );
    dialog.append(
      text("h2", "", "A fresh disk?"),
      text(
        "p",
        "",
        "It has what comes with Kettle, and nothing else. Every file on the disk of now is gone.",
      ),
      buttons,
    );
    document.body.append(dialog);
    dialog.oncancel = () => close();
    dialog.showModal();
  }

  #listenToRequests(): void {
    this.#requests.addEventListener("click", (event) => {
      const row = (event.target as HTMLElement).closest("li");
      const index = [...this.#requests.children].findIndex((it) => it === row);
      const request = this.#shown[index];
      if (request === undefined) return;
      this.#selected = request.id;
      this.#redraw();
      const { tid } = request;
      this.#selectedTid = tid;
      this.#place.choose({ tid, pid: 0, request: 0 });
    });
  }
}

/** Two lines: what it is and how long it waits; where it lies and whose it is. */
function rowWords(
  request: DriveRequest,
  isServed: boolean,
  now: number,
): [string, string] {
  const { id, what, sectors, cylinder, lba, sinceNs, who } = request;
  const size = sectors === 0 ? "" : `, ${grouped(sectors)} sectors`;
  const age = duration(now - sinceNs);
  return [
    `#${id} ${what}${size}: ${isServed ? "served" : "waits"}, ${age}`,
    `cylinder ${grouped(cylinder)}, sector ${grouped(lba)}, ${who}`,
  ];
}

function angleWords({ angle }: DriveView): string {
  return `The platter stands at ${Math.floor(angle * 360)}° of a turn.`;
}

function newRow(): HTMLElement {
  const row = made("li", "");
  const choose = made("button", "request") as HTMLButtonElement;
  choose.type = "button";
  choose.append(made("span", ""), made("span", "place"));
  row.append(choose);
  return row;
}

function text(name: string, className: string, words: string): HTMLElement {
  const element = made(name, className);
  element.textContent = words;
  return element;
}

function button(words: string, act: () => void): HTMLButtonElement {
  const element = made("button", "small") as HTMLButtonElement;
  element.type = "button";
  element.textContent = words;
  element.onclick = act;
  return element;
}

// ------------------------------------------------------------- files

/** The disk as a file. */
export function imageOf(
  { model, sectors, numbers, bytes }: DiskBlocks,
): Uint8Array {
  const blocks = [...numbers].map((number, i): ImageBlock => {
    const block = bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    return { number, checksum: crc32(block), block };
  });
  return encodeBlocks(inOrder(blocks), model, sectors);
}

/** A damaged disk as a file, with its checksums: it stays a damaged one. */
export function damagedImage(
  { header, rows }: { header: Header | null; rows: Rows },
): Uint8Array {
  const blocks: ImageBlock[] = [];
  for (const [number, row] of rows) {
    if (row.length !== BLOCK_BYTES + 4) continue;
    const block = row.subarray(0, BLOCK_BYTES);
    blocks.push({ number, checksum: checksumOf(row), block });
  }
  return encodeBlocks(
    inOrder(blocks),
    header?.model ?? DEFAULT_MODEL.name,
    header?.sectors ?? new Geometry(DEFAULT_MODEL).capacity,
  );
}

function inOrder(blocks: ImageBlock[]): ImageBlock[] {
  return blocks.sort((a, b) => a.number - b.number);
}

/** The disk in a file, or a sentence about what is wrong with that. */
export async function readImage(
  file: File,
): Promise<{ disk: DiskBlocks } | { error: string }> {
  const decoded = decodeImage(new Uint8Array(await file.arrayBuffer()));
  if ("error" in decoded) return decoded;
  const { platter, model } = decoded;
  const bytes = new Uint8Array(platter.blockCount * BLOCK_BYTES);
  const numbers = new Uint32Array(platter.blockCount);
  let index = 0;
  for (const [lba, block] of platter.blocks()) {
    numbers[index] = lba / 8;
    bytes.set(block, index * BLOCK_BYTES);
    index++;
  }
  return { disk: { model, sectors: platter.sectors, numbers, bytes } };
}

/** Gives the visitor a file. */
export function saveFile(name: string, bytes: Uint8Array): void {
  const link = document.createElement("a");
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
