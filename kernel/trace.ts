// The one stream of what happened. The kernel appends; strace, the timeline,
// the tests and the page read. Append-only, a struct of typed arrays in chunks,
// decoded on demand; the oldest chunks go first when it grows past its limit,
// while the hash goes on over everything that ever happened. It does not know
// what its events mean: see SCHEMA for their fields and trace_fold.ts for the
// state they add up to. Kinds are named after Linux's tracepoints.

import { CALL_NAMES, type CallName, SIGNALS } from "./abi.ts";
import { TRACE_BYTES_MAX, TRACE_CHUNK_EVENTS } from "./params.ts";
import type { WaitKind } from "./wait_queue.ts";

/** Fields of each kind beyond seq, at, machine, cpu, pid, tid. */
export interface TraceFields {
  machine_boot: { cpus: number; name: string };
  machine_off: Record<never, never>;
  process_spawn: { ppid: number; group: number; name: string };
  process_exec: { name: string };
  process_exit: { status: number; signal: string };
  process_reap: Record<never, never>;
  thread_create: { name: string };
  thread_exit: Record<never, never>;
  sys_enter: { call: CallName; site: number; args: string };
  sys_exit: { call: CallName; ok: boolean; result: string };
  sched_wakeup: Record<never, never>;
  sched_switch: {
    next: number;
    prevState: ThreadStateName;
    why: WaitKind | "";
    target: string;
  };
  /** A waiting thread waits for something else now: the disk, after a lock. */
  sched_wait: { why: WaitKind | ""; target: string };
  request_submit: {
    id: number;
    call: CallName;
    door: "submit" | "push";
    args: string;
  };
  request_complete: { id: number; ok: boolean; result: string };
  request_cancel: { id: number };
  /** Its thread ended before its last event was taken. */
  request_drop: { id: number };
  event_post: { id: number; queue: number };
  event_take: { id: number; last: boolean };
  callback_enter: { id: number; last: boolean; what: string };
  callback_exit: { id: number };
  signal_deliver: { signal: string };
  irq_enter: { costNs: number; device: string };
  irq_exit: { device: string };
  /** What an interrupt left for later: a frame is taken from a card. */
  softirq_enter: { costNs: number; device: string };
  softirq_exit: { device: string };
  block_issue: { id: number; lba: number; sectors: number; write: string };
  /** `phases` is "overhead seek settle rotate transfer cylinder", ns and a number. */
  block_start: { id: number; phases: string };
  block_complete: { id: number; lba: number };
  /** A read found `count` blocks in the page cache, `block` the first of them. */
  page_hit: { block: number; count: number };
  /** A read has to wait for `count` blocks. */
  page_miss: { block: number; count: number };
  /** A transaction will survive: `blocks` are in its record, `data` were written before it. */
  journal_commit: { sequence: number; blocks: number; data: number };
  /** `info` is "from>to what". */
  net_tx:
    & { cable: number; bytes: number; arriveNs: number; info: string }
    & HeaderFields;
  net_rx: { cable: number; bytes: number; info: string } & HeaderFields;
  net_drop: { cable: number; bytes: number; info: string } & HeaderFields;
  /** `remotePort` is 0 where there is no peer yet. */
  tcp_state: {
    socket: number;
    port: number;
    remotePort: number;
    change: string;
  };
  /** `waiting` established connections are not yet accepted, of `backlog` at most. */
  listen_queue: { socket: number; waiting: number; backlog: number };
  object_create: { id: number; what: string };
  object_release: { id: number; what: string };
  timer_start: { id: number };
  timer_end: { id: number };
  note: { text: string };
  /** What is in the page cache has changed: blocks in memory, and how many of them the platter lacks. */
  page_cache: { pages: number; dirty: number };
}
/** What a packet's header says; zeros where it has none, or not that. */
interface HeaderFields {
  fromPort: number;
  toPort: number;
  sequence: number;
  acknowledgement: number;
  window: number;
}
export type TraceKind = keyof TraceFields;
export type ThreadStateName = "ready" | "waiting" | "stopped" | "exited" | "";

/** One decoded event; `kind` tells which other fields it has. */
export type TraceEvent = {
  [K in TraceKind]: {
    seq: number;
    /** Virtual ns. */
    at: number;
    /** Index of the machine in its world. */
    machine: number;
    cpu: number;
    pid: number;
    tid: number;
    kind: K;
  } & TraceFields[K];
}[TraceKind];

/** How a field is stored: a plain number, a table index, or a string. */
type Column = "a" | "b" | "c" | "text" | HeaderColumn;
/** The numbers of a packet's header. */
type HeaderColumn = "ports" | "sequence" | "acknowledgement" | "window";
type Codec =
  | "number"
  | "boolean"
  | "string"
  | "string or c"
  | "from port"
  | "to port"
  | readonly string[];

const DOORS = ["submit", "push"] as const;
const STATES = ["", "ready", "waiting", "stopped", "exited"] as const;
const WHYS = ["", "disk", "net", "keys", "timer", "lock", "event"] as const;
const SIGNAL_BY_NUMBER: string[] = [];
for (const [name, number] of Object.entries(SIGNALS)) {
  SIGNAL_BY_NUMBER[number] = name;
}
SIGNAL_BY_NUMBER[0] = "";

/** The fields of a header: the ports share a number. */
const HEADER = {
  fromPort: ["ports", "from port"],
  toPort: ["ports", "to port"],
  sequence: ["sequence", "number"],
  acknowledgement: ["acknowledgement", "number"],
  window: ["window", "number"],
} as const;
const PORT_LIMIT = 2 ** 16;

/** kind → field → where it is and how it is read. The number of a kind is its place here. */
const SCHEMA: {
  [K in TraceKind]: {
    [F in keyof TraceFields[K]]: readonly [Column, Codec];
  };
} = {
  machine_boot: { cpus: ["a", "number"], name: ["text", "string"] },
  machine_off: {},
  process_spawn: {
    ppid: ["a", "number"],
    group: ["b", "number"],
    name: ["text", "string"],
  },
  process_exec: { name: ["text", "string"] },
  process_exit: { status: ["a", "number"], signal: ["b", SIGNAL_BY_NUMBER] },
  process_reap: {},
  thread_create: { name: ["text", "string"] },
  thread_exit: {},
  sys_enter: {
    call: ["a", CALL_NAMES],
    site: ["b", "number"],
    args: ["text", "string"],
  },
  sys_exit: {
    call: ["a", CALL_NAMES],
    ok: ["b", "boolean"],
    result: ["text", "string or c"],
  },
  sched_wakeup: {},
  sched_switch: {
    next: ["a", "number"],
    prevState: ["b", STATES],
    why: ["c", WHYS],
    target: ["text", "string"],
  },
  sched_wait: { why: ["c", WHYS], target: ["text", "string"] },
  request_submit: {
    id: ["a", "number"],
    call: ["b", CALL_NAMES],
    door: ["c", DOORS],
    args: ["text", "string"],
  },
  request_complete: {
    id: ["a", "number"],
    ok: ["b", "boolean"],
    result: ["text", "string"],
  },
  request_cancel: { id: ["a", "number"] },
  request_drop: { id: ["a", "number"] },
  event_post: { id: ["a", "number"], queue: ["b", "number"] },
  event_take: { id: ["a", "number"], last: ["b", "boolean"] },
  callback_enter: {
    id: ["a", "number"],
    last: ["b", "boolean"],
    what: ["text", "string"],
  },
  callback_exit: { id: ["a", "number"] },
  signal_deliver: { signal: ["a", SIGNAL_BY_NUMBER] },
  irq_enter: { costNs: ["a", "number"], device: ["text", "string"] },
  irq_exit: { device: ["text", "string"] },
  softirq_enter: { costNs: ["a", "number"], device: ["text", "string"] },
  softirq_exit: { device: ["text", "string"] },
  block_issue: {
    id: ["a", "number"],
    lba: ["b", "number"],
    sectors: ["c", "number"],
    write: ["text", "string"],
  },
  block_start: { id: ["a", "number"], phases: ["text", "string"] },
  block_complete: { id: ["a", "number"], lba: ["b", "number"] },
  page_hit: { block: ["a", "number"], count: ["b", "number"] },
  page_miss: { block: ["a", "number"], count: ["b", "number"] },
  journal_commit: {
    sequence: ["a", "number"],
    blocks: ["b", "number"],
    data: ["c", "number"],
  },
  net_tx: {
    cable: ["a", "number"],
    bytes: ["b", "number"],
    arriveNs: ["c", "number"],
    info: ["text", "string"],
    ...HEADER,
  },
  net_rx: {
    cable: ["a", "number"],
    bytes: ["b", "number"],
    info: ["text", "string"],
    ...HEADER,
  },
  net_drop: {
    cable: ["a", "number"],
    bytes: ["b", "number"],
    info: ["text", "string"],
    ...HEADER,
  },
  tcp_state: {
    socket: ["a", "number"],
    port: ["b", "number"],
    remotePort: ["c", "number"],
    change: ["text", "string"],
  },
  listen_queue: {
    socket: ["a", "number"],
    waiting: ["b", "number"],
    backlog: ["c", "number"],
  },
  object_create: { id: ["a", "number"], what: ["text", "string"] },
  object_release: { id: ["a", "number"], what: ["text", "string"] },
  timer_start: { id: ["a", "number"] },
  timer_end: { id: ["a", "number"] },
  note: { text: ["text", "string"] },
  page_cache: { pages: ["a", "number"], dirty: ["b", "number"] },
};

const KIND_NAMES = Object.keys(SCHEMA) as TraceKind[];
/** The number of each kind, for {@link Trace.append}. */
export const TRACE = Object.fromEntries(
  KIND_NAMES.map((name, number) => [name, number]),
) as { readonly [K in TraceKind]: number };
/** Numbers of the table-coded values that the kernel appends. */
export const STATE = { none: 0, ready: 1, waiting: 2, stopped: 3, exited: 4 };
export const WHY: Readonly<Record<WaitKind | "", number>> = {
  "": 0,
  disk: 1,
  net: 2,
  keys: 3,
  timer: 4,
  lock: 5,
  event: 6,
};
export const DOOR = { submit: 0, push: 1 };

const NO_TEXT = 0;
/** Bytes of one event in its chunk, strings and headers not counted. */
const EVENT_BYTES = 8 * 4 + 4 * 4;

class Chunk {
  count = 0;
  readonly at = new Float64Array(TRACE_CHUNK_EVENTS);
  /** kind, machine and CPU, a byte each. */
  readonly what = new Int32Array(TRACE_CHUNK_EVENTS);
  readonly pid = new Int32Array(TRACE_CHUNK_EVENTS);
  readonly tid = new Int32Array(TRACE_CHUNK_EVENTS);
  readonly a = new Float64Array(TRACE_CHUNK_EVENTS);
  readonly b = new Float64Array(TRACE_CHUNK_EVENTS);
  readonly c = new Float64Array(TRACE_CHUNK_EVENTS);
  readonly text = new Int32Array(TRACE_CHUNK_EVENTS);
  /** Of packets; null where there is none in the whole chunk. */
  headers: Headers | null = null;
  /** Number 0 is no text. */
  readonly strings: string[] = [""];
  readonly #numbers = new Map<string, number>();

  constructor(readonly firstSeq: number) {}

  intern(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.strings.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

class Headers {
  readonly ports = new Float64Array(TRACE_CHUNK_EVENTS);
  readonly sequence = new Float64Array(TRACE_CHUNK_EVENTS);
  readonly acknowledgement = new Float64Array(TRACE_CHUNK_EVENTS);
  readonly window = new Float64Array(TRACE_CHUNK_EVENTS);
}

export class Trace {
  /** False: nothing is recorded. The run itself is the same either way. */
  on: boolean;
  #chunks: Chunk[] = [new Chunk(0)];
  #chunk: Chunk = this.#chunks[0]!;
  #bytesMax: number;
  #hash = new TraceHash();
  #onDrop: ((events: Iterable<TraceEvent>) => void) | null = null;

  constructor(options: { on?: boolean; bytesMax?: number } = {}) {
    this.on = options.on ?? true;
    this.#bytesMax = options.bytesMax ?? TRACE_BYTES_MAX;
  }

  /** Called with the oldest events just before they are forgotten. */
  set onDrop(listener: (events: Iterable<TraceEvent>) => void) {
    this.#onDrop = listener;
  }

  /** Seq of the oldest event still held. */
  get firstSeq(): number {
    return this.#chunks[0]!.firstSeq;
  }

  /** Seq that the next event will get: the number of events so far. */
  get length(): number {
    return this.#chunk.firstSeq + this.#chunk.count;
  }

  /** The only way in. `text` is a string, or undefined for none. */
  append(
    kind: number,
    at: number,
    machine: number,
    cpu: number,
    pid: number,
    tid: number,
    a = 0,
    b = 0,
    c = 0,
    text?: string,
  ): void {
    if (!this.on) return;
    let chunk = this.#chunk;
    if (chunk.count === TRACE_CHUNK_EVENTS) chunk = this.#nextChunk();
    const row = chunk.count++;
    chunk.at[row] = at;
    chunk.what[row] = kind | machine << 8 | cpu << 16;
    chunk.pid[row] = pid;
    chunk.tid[row] = tid;
    // A fresh chunk is zeros already; text 0 is none.
    if (a !== 0) chunk.a[row] = a;
    if (b !== 0) chunk.b[row] = b;
    if (c !== 0) chunk.c[row] = c;
    if (text !== undefined) chunk.text[row] = chunk.intern(text);
  }

  /** The header of the packet that the event appended last is about. */
  addHeader(
    fromPort: number,
    toPort: number,
    sequence: number,
    acknowledgement: number,
    window: number,
  ): void {
    if (!this.on) return;
    const chunk = this.#chunk, row = chunk.count - 1;
    const headers = chunk.headers ??= new Headers();
    headers.ports[row] = fromPort * PORT_LIMIT + toPort;
    headers.window[row] = window;
    headers.sequence[row] = sequence;
    headers.acknowledgement[row] = acknowledgement;
  }

  /** A 64-bit hash, as 16 hex digits, of every event there ever was. */
  get hash(): string {
    for (const chunk of this.#chunks) this.#hash.update(chunk);
    return this.#hash.digest();
  }

  /** The events from `from` (a seq) on, decoded one by one. */
  *events(from = 0): IterableIterator<TraceEvent> {
    for (const chunk of [...this.#chunks]) {
      if (chunk.firstSeq + TRACE_CHUNK_EVENTS <= from) continue;
      const first = Math.max(0, from - chunk.firstSeq);
      for (let row = first; row < chunk.count; row++) yield decode(chunk, row);
    }
  }

  #nextChunk(): Chunk {
    const most = Math.max(
      2,
      Math.floor(this.#bytesMax / (TRACE_CHUNK_EVENTS * EVENT_BYTES)),
    );
    if (this.#chunks.length >= most) this.#dropOldest();
    this.#chunk = new Chunk(this.length);
    this.#chunks.push(this.#chunk);
    return this.#chunk;
  }

  #dropOldest(): void {
    const chunk = this.#chunks.shift()!;
    this.#hash.update(chunk);
    this.#onDrop?.(decodeAll(chunk));
  }
}

function* decodeAll(chunk: Chunk): IterableIterator<TraceEvent> {
  for (let row = 0; row < chunk.count; row++) yield decode(chunk, row);
}

function decode(chunk: Chunk, row: number): TraceEvent {
  const what = chunk.what[row]!;
  const kind = KIND_NAMES[what & 255]!;
  const event: Record<string, unknown> = {
    seq: chunk.firstSeq + row,
    at: chunk.at[row],
    machine: what >> 8 & 255,
    cpu: what >> 16 & 255,
    pid: chunk.pid[row],
    tid: chunk.tid[row],
    kind,
  };
  const fields = SCHEMA[kind] as Record<string, readonly [Column, Codec]>;
  for (const name in fields) {
    const [column, codec] = fields[name]!;
    event[name] = column === "text"
      ? text(chunk, row, codec)
      : value(columnOf(chunk, column)?.[row] ?? 0, codec);
  }
  return event as unknown as TraceEvent;
}

/** A result that is a small number is kept as one, without a string. */
function text(chunk: Chunk, row: number, codec: Codec): string {
  const number = chunk.text[row]!;
  if (number !== NO_TEXT) return chunk.strings[number]!;
  return codec === "string or c" ? String(chunk.c[row]!) : "";
}

function columnOf(
  chunk: Chunk,
  column: "a" | "b" | "c" | HeaderColumn,
): Float64Array | undefined {
  return column === "a" || column === "b" || column === "c"
    ? chunk[column]
    : chunk.headers?.[column];
}

function value(stored: number, codec: Codec): unknown {
  if (codec === "boolean") return stored !== 0;
  if (codec === "to port") return stored % PORT_LIMIT;
  if (codec === "from port") return Math.floor(stored / PORT_LIMIT);
  return typeof codec === "string" ? stored : (codec[stored] ?? "");
}

/** Two lanes of 32-bit multiply-and-xor over every column; strings by content. */
class TraceHash {
  #high = 0x811c9dc5 | 0;
  #low = 0x01234567;
  /** Seq of the next event to take in. */
  #next = 0;
  #strings: number[] = [];

  /** Takes in what it has not yet of this chunk; chunks come in order. */
  update(chunk: Chunk): void {
    if (this.#next === chunk.firstSeq) this.#strings = [];
    const end = chunk.firstSeq + chunk.count;
    for (; this.#next < end; this.#next++) {
      this.#addRow(chunk, this.#next - chunk.firstSeq);
    }
  }

  digest(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return hex(finish(this.#high)) + hex(finish(this.#low ^ this.#high));
  }

  #addRow(chunk: Chunk, row: number): void {
    this.#addNumber(chunk.at[row]!);
    this.#add(chunk.what[row]!);
    this.#add(chunk.pid[row]!);
    this.#add(chunk.tid[row]!);
    this.#addNumber(chunk.a[row]!);
    this.#addNumber(chunk.b[row]!);
    this.#addNumber(chunk.c[row]!);
    const text = chunk.text[row]!;
    if (text !== NO_TEXT) this.#add(this.#stringHash(chunk, text));
    if (chunk.headers !== null) this.#addHeader(chunk.headers, row);
  }

  #addHeader(headers: Headers, row: number): void {
    const ports = headers.ports[row]!;
    if (ports === 0) return; // no packet
    this.#addNumber(ports);
    this.#addNumber(headers.sequence[row]!);
    this.#addNumber(headers.acknowledgement[row]!);
    this.#addNumber(headers.window[row]!);
  }

  /** Event fields are integers: low and high word. */
  #addNumber(value: number): void {
    this.#add(value | 0);
    if (value > 0x7fffffff || value < -0x80000000) {
      this.#add(Math.floor(value / 4294967296) | 0);
    }
  }

  #add(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x01000193);
    this.#low = Math.imul(this.#low + word | 0, 0x85ebca6b) ^
      (this.#low >>> 15);
  }

  #stringHash(chunk: Chunk, number: number): number {
    let hash = this.#strings[number];
    if (hash === undefined) {
      hash = 0x811c9dc5 | 0;
      const text = chunk.strings[number]!;
      for (let i = 0; i < text.length; i++) {
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      }
      this.#strings[number] = hash;
    }
    return hash;
  }
}

function finish(word: number): number {
  word ^= word >>> 16;
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  return word;
}
