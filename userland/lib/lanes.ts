// The timeline in letters: from trace events to lanes of slices, and from lanes
// to rows of at most 80 characters. In a column stands the state that lasted
// longest in it. Letters are those of the page: R runs, K kernel, C callback, Q
// queued, B blocked (and for what), S O T the disk, N F a packet.

import type { TraceEvent } from "./trace.ts";

interface Slice {
  fromNs: number;
  toNs: number;
  letter: string;
  /** Written into the slice where it fits: `B disk`. */
  label: string;
}

interface Lane {
  name: string;
  slices: Slice[];
  /** The state that has begun and not ended. */
  open: { fromNs: number; letter: string; label: string } | null;
}

const LABEL_COLUMNS = 13;
/** Shown however short they are: what a page would draw as a sliver. */
const SLIVERS = "CN";
const LEGEND =
  "R runs  K kernel  C callback  Q queued  B blocked, for what  o another's\n" +
  "disk: - overhead S seek O platter turns T transfer  packet: F flies N arrives\n";

export class Lanes {
  #lanes = new Map<string, Lane>();
  #pids: Set<number>;
  #ignored: number;
  #names = new Map<number, string>();
  /** What each thread does while it has a CPU: K, R in compute, C in a callback. */
  #running = new Map<number, string[]>();
  #fromNs = Infinity;
  #toNs = 0;

  /** The lanes of a process and those it starts; `watcher` is not shown. */
  constructor(pid: number, watcher: number) {
    this.#pids = new Set([pid]);
    this.#ignored = watcher;
  }

  add(event: TraceEvent): void {
    const { kind, pid, tid, at } = event;
    if (kind === "process_spawn") this.#addProcess(event);
    if (kind.startsWith("block_")) this.#addBlock(event);
    if (kind === "net_tx") this.#addPacket(event, "F", Number(event.arriveNs));
    if (kind === "net_rx") this.#addPacket(event, "N", event.at + 1);
    if (kind === "sched_switch") this.#addSwitch(event);
    if (!this.#pids.has(pid)) return;
    this.#fromNs = Math.min(this.#fromNs, at);
    this.#toNs = Math.max(this.#toNs, at);
    switch (kind) {
      case "thread_create":
      case "sched_wakeup":
        return this.#enter(this.#threadLane(pid, tid), at, "Q");
      case "sched_wait":
        return this.#enter(
          this.#threadLane(pid, tid),
          at,
          "B",
          `B ${event.why}`,
        );
      case "sys_enter":
        if (event.call === "compute") this.#nest(event, "R");
        return;
      case "sys_exit":
        if (event.call === "compute") this.#unnest(event);
        return;
      case "callback_enter":
        return this.#nest(event, "C");
      case "callback_exit":
        return this.#unnest(event);
    }
  }

  #addProcess({ pid, ppid, name }: TraceEvent): void {
    this.#names.set(pid, String(name));
    if (this.#pids.has(Number(ppid))) this.#pids.add(pid);
  }

  /** One thread leaves a CPU and another gets it; the event is the first's. */
  #addSwitch(event: TraceEvent): void {
    const { at, cpu, pid, tid } = event;
    const next = Number(event.next);
    if (this.#pids.has(pid)) {
      const lane = this.#threadLane(pid, tid);
      if (event.prevState === "waiting") {
        this.#enter(lane, at, "B", `B ${event.why}`);
      } else if (event.prevState === "ready") this.#enter(lane, at, "Q");
      else if (event.prevState !== "") this.#leave(lane, at);
    }
    const owner = this.#ownerOf(next);
    const lane = this.#lane(`cpu ${cpu}`);
    if (next === 0) this.#leave(lane, at);
    else if (owner === null) this.#enter(lane, at, "o");
    else {
      const letter = this.#running.get(next)?.at(-1) ?? "K";
      this.#enter(lane, at, letter);
      this.#enter(this.#threadLane(owner, next), at, letter);
    }
  }

  /** The process of a thread, if it is one of those shown. */
  #ownerOf(tid: number): number | null {
    return this.#threads.get(tid) ?? (this.#pids.has(tid) ? tid : null);
  }
  #threads = new Map<number, number>();

  #nest(event: TraceEvent, letter: string): void {
    const stack = this.#running.get(event.tid) ?? [];
    stack.push(letter);
    this.#running.set(event.tid, stack);
    this.#show(event, letter);
  }

  #unnest(event: TraceEvent): void {
    const stack = this.#running.get(event.tid) ?? [];
    stack.pop();
    this.#show(event, stack.at(-1) ?? "K");
  }

  #show({ at, cpu, pid, tid }: TraceEvent, letter: string): void {
    this.#enter(this.#threadLane(pid, tid), at, letter);
    this.#enter(this.#lane(`cpu ${cpu}`), at, letter);
  }

  // ------------------------------------------------------------- devices

  #addBlock(event: TraceEvent): void {
    if (event.kind !== "block_start") return;
    const [overhead, seek, settle, rotate, transfer] = String(event.phases)
      .split(" ").map(Number);
    const phases: [string, number][] = [
      ["-", overhead ?? 0],
      ["S", (seek ?? 0) + (settle ?? 0)],
      ["O", rotate ?? 0],
      ["T", transfer ?? 0],
    ];
    let from = event.at;
    for (const [letter, time] of phases) {
      const slice = { fromNs: from, toNs: from + time, letter, label: letter };
      if (time > 0) this.#lane("disk").slices.push(slice);
      from += time;
    }
  }

  #addPacket({ at, info }: TraceEvent, letter: string, toNs: number): void {
    const [ends = ""] = String(info).split(" ");
    const slice = { fromNs: at, toNs, letter, label: letter };
    this.#lane(ends).slices.push(slice);
  }

  // ------------------------------------------------------------- lanes

  #threadLane(pid: number, tid: number): Lane {
    this.#threads.set(tid, pid);
    const name = this.#names.get(pid) ?? String(pid);
    const first = [...this.#threads].find(([, owner]) => owner === pid)![0];
    const suffix = first === tid ? "" : `/${tid}`;
    return this.#lane(`${name}${suffix}`);
  }

  #lane(name: string): Lane {
    const found = this.#lanes.get(name) ?? { name, slices: [], open: null };
    this.#lanes.set(name, found);
    return found;
  }

  #enter(lane: Lane, at: number, letter: string, label = letter): void {
    if (lane.open?.label === label) return;
    this.#leave(lane, at);
    lane.open = { fromNs: at, letter, label };
  }

  #leave(lane: Lane, at: number): void {
    const { open } = lane;
    lane.open = null;
    if (open === null || at <= open.fromNs) return;
    lane.slices.push({ ...open, toNs: at });
  }

  // ------------------------------------------------------------- drawing

  /** The rows, with an axis above and the legend below. */
  draw(columns: number): string {
    const width = columns - LABEL_COLUMNS - 1;
    const spanNs = Math.max(this.#toNs - this.#fromNs, 1);
    for (const lane of this.#lanes.values()) this.#leave(lane, this.#toNs);
    const shown = [...this.#lanes.values()].filter(({ slices }) =>
      slices.some(({ toNs }) => toNs > this.#fromNs)
    );
    const rows = shown.sort((a, b) => rank(a) - rank(b))
      .map((lane) => {
        const name = lane.name.slice(0, LABEL_COLUMNS).padEnd(LABEL_COLUMNS);
        return `${name} ${this.#row(lane, width, spanNs)}`.trimEnd();
      });
    return [this.#axis(width, spanNs), ...rows, LEGEND].join("\n");
  }

  #axis(width: number, spanNs: number): string {
    const middle = `${(spanNs / 2_000_000).toFixed(3)} ms`;
    const end = `${(spanNs / 1_000_000).toFixed(3)} ms`;
    const half = Math.floor(width / 2);
    const axis = "0".padEnd(half) + middle.padEnd(width - half - end.length) +
      end;
    return " ".repeat(LABEL_COLUMNS + 1) + axis;
  }

  /** For each column the slice that lasts longest in it. */
  #row(lane: Lane, width: number, spanNs: number): string {
    const best: (Slice | null)[] = new Array(width).fill(null);
    const most: number[] = new Array(width).fill(0);
    for (const slice of lane.slices) {
      const from = (slice.fromNs - this.#fromNs) * width / spanNs;
      const to = (slice.toNs - this.#fromNs) * width / spanNs;
      const last = Math.min(width - 1, Math.floor(to));
      for (let at = Math.max(0, Math.floor(from)); at <= last; at += 1) {
        const share = SLIVERS.includes(slice.letter)
          ? 1
          : Math.min(to, at + 1) - Math.max(from, at);
        if (share <= most[at]!) continue;
        best[at] = slice;
        most[at] = share;
      }
    }
    return labelled(best);
  }
}

/** Runs of the same slice: its label first, then its letter or a line of dots. */
function labelled(columns: (Slice | null)[]): string {
  let row = "";
  for (let at = 0; at < columns.length;) {
    const slice = columns[at] ?? null;
    let end = at;
    const label = slice?.label ?? "";
    while (end < columns.length && (columns[end]?.label ?? "") === label) {
      end += 1;
    }
    const length = end - at;
    if (slice === null) row += " ".repeat(length);
    else if (slice.letter !== "B") row += slice.letter.repeat(length);
    else row += (length > label.length ? label + " " : "B").padEnd(length, ".");
    at = end;
  }
  return row;
}

function rank({ name }: Lane): number {
  return name.startsWith("cpu ")
    ? 0
    : name === "disk"
    ? 2
    : name.includes(">")
    ? 3
    : 1;
}
