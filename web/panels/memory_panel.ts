/// <reference lib="dom" />
// The panel Memory: what the machine's memory is used for, as a bar, in words, and
// as a table; and which process has how much. It shows a view and knows nothing
// else.

import { made, setText } from "../parts/elements.ts";
import { grouped } from "../parts/units.ts";
import type { Status } from "../protocol.ts";
import type { MemoryView } from "./memory_model.ts";
import { ChoiceTable, Sentence } from "./panel_parts.ts";
import type { OpenPanel, PanelPlace } from "./panel_place.ts";

const PARTS = [
  ["stacks", "thread stacks"],
  ["bases", "process bases"],
  ["dirty", "page cache, dirty"],
  ["clean", "page cache, clean"],
  ["free", "free"],
] as const;
type Part = typeof PARTS[number][0];

export function open(place: PanelPlace): OpenPanel<"memory"> {
  return new MemoryPanel(place);
}

class MemoryPanel implements OpenPanel<"memory"> {
  readonly #place: PanelPlace;
  readonly #bar = made("div", "memory-bar");
  readonly #sum = new Sentence("doing");
  readonly #parts = new ChoiceTable("What it is used for", [
    "part",
    "size",
    "of all",
  ], null);
  readonly #processes: ChoiceTable;
  readonly #more = made("p", "hint");
  readonly #sockets = made("p", "hint");
  #pids: number[] = [];

  constructor(place: PanelPlace) {
    this.#place = place;
    this.#bar.setAttribute("aria-hidden", "true");
    for (const [part] of PARTS) this.#bar.append(made("span", part));
    this.#processes = new ChoiceTable("Processes", [
      "pid",
      "program",
      "threads",
      "memory",
    ], (key) => this.#choose(Number(key)));
    place.body.append(
      this.#bar,
      this.#sum.element,
      this.#parts.element,
      this.#sockets,
      this.#processes.element,
      this.#more,
    );
  }

  show(view: MemoryView, status: Status | null): void {
    const sizes = sizesOf(view);
    PARTS.forEach(([part], i) => {
      const span = this.#bar.children[i] as HTMLElement;
      const grow = String(sizes[part] / view.totalBytes);
      if (span.style.flexGrow !== grow) span.style.flexGrow = grow;
    });
    this.#place.note(`${bytesWords(view.totalBytes)}, stacks and cache`);
    this.#sum.say(memoryWords(view), status?.state === "running");
    this.#parts.show(PARTS.map(([part, name]) => ({
      key: part,
      cells: [name, bytesWords(sizes[part]), percent(sizes[part], view)],
    })));
    setText(this.#sockets, socketWords(view));
    this.#pids = view.processes.map(({ pid }) => pid);
    this.#processes.show(
      view.processes.map(({ pid, name, threads, bytes }) => ({
        key: String(pid),
        label: `pid ${pid}, ${name}`,
        cells: [String(pid), name, grouped(threads), bytesWords(bytes)],
      })),
    );
    const more = view.processCount - view.processes.length;
    setText(this.#more, more > 0 ? `and ${grouped(more)} more` : "");
  }

  select(what: { pid: number } | null): void {
    const pid = what?.pid ?? 0;
    this.#processes.choose(this.#pids.includes(pid) ? String(pid) : "");
  }

  /** A process is chosen by its first thread, which has its number. */
  #choose(pid: number): void {
    this.#place.choose({ tid: pid, pid, request: 0 });
  }
}

function sizesOf(view: MemoryView): Record<Part, number> {
  return {
    stacks: view.stackBytes,
    bases: view.baseBytes,
    dirty: view.dirtyBytes,
    clean: view.cleanBytes,
    free: view.freeBytes,
  };
}

/** `Programs have 1.5 MiB of 64 MiB; …` */
export function memoryWords(view: MemoryView): string {
  const { stackBytes, baseBytes, dirtyBytes, cleanBytes, totalBytes } = view;
  const programs = `Programs have ${bytesWords(stackBytes + baseBytes)} of ${
    bytesWords(totalBytes)
  }; ${grouped(view.roomForThreads)} more threads fit.`;
  const cache = dirtyBytes + cleanBytes;
  if (cache === 0) return `${programs} The page cache is empty.`;
  const dirty = dirtyBytes === 0
    ? "all of it is on the platter"
    : `${bytesWords(dirtyBytes)} of it is not on the platter yet`;
  return `${programs} The page cache has ${
    bytesWords(cache)
  }; ${dirty}. It may have ${bytesWords(view.cacheLimitBytes)}.`;
}

function socketWords({ socketBytes }: MemoryView): string {
  return socketBytes === 0
    ? "The socket buffers are empty."
    : `The socket buffers hold ${
      bytesWords(socketBytes)
    }; Kettle does not count them as memory.`;
}

function percent(bytes: number, { totalBytes }: MemoryView): string {
  return `${(100 * bytes / totalBytes).toFixed(1)} %`;
}

/** 1.5 MiB, 12 KiB, 300 B */
export function bytesWords(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  if (bytes >= 1024 * 1024) {
    return `${Number(mebibytes.toFixed(mebibytes < 10 ? 2 : 1))} MiB`;
  }
  return bytes >= 1024 ? `${Math.round(bytes / 1024)} KiB` : `${bytes} B`;
}
