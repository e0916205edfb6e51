// The console: a terminal with a line discipline. Cooked: keys are gathered
// into lines, echoed, erased, and ^C ^Z ^\ ^D mean what they mean; raw: every
// byte as it comes. It knows the foreground group and who waits to read; it
// does not know what shows it or where keys come from.
//
// Divergence from Linux: one terminal per machine and no sessions; newlines are
// written as CR LF in both modes; ^S ^Q, parity and baud rates are not there.

import { SIGNALS } from "./abi.ts";
import type { Slab } from "./bytes.ts";
import type { Due } from "./clock.ts";
import { type FileObject, type OpenFile, READY_IN, READY_OUT } from "./file.ts";
import type { Machine } from "./kernel.ts";
import {
  LINE_MAX,
  TTY_BYTE_NS,
  TTY_INPUT_BYTES,
  TTY_OUTPUT_BYTES,
} from "./params.ts";
import type { Process } from "./process.ts";
import { notifyReady } from "./ready.ts";
import type { Operation } from "./request.ts";
import { raise } from "./signal.ts";
import { TtyLine } from "./tty_line.ts";
import { WaitQueue, type WaitTarget } from "./wait_queue.ts";

/** What the host sees of a console. */
export interface TtyHost {
  /** Gets every byte that is written or echoed. */
  onOutput: ((bytes: Uint8Array) => void) | null;
  readonly columns: number;
  readonly rows: number;
}

const CTRL_C = 3,
  CTRL_D = 4,
  BACKSPACE = 8,
  NEWLINE = 10,
  RETURN = 13,
  CTRL_U = 21,
  CTRL_W = 23,
  CTRL_Z = 26,
  CTRL_BACKSLASH = 28,
  ESCAPE = 27,
  DELETE = 127;
const SIGNAL_KEYS: Readonly<Record<number, number>> = {
  [CTRL_C]: SIGNALS.INT,
  [CTRL_Z]: SIGNALS.TSTP,
  [CTRL_BACKSLASH]: SIGNALS.QUIT,
};
/** How much of the output `screen` remembers, in bytes. */
const SCREEN_BYTES = 1024 * 1024;

export class Tty implements FileObject, TtyHost {
  readonly type = "device";
  readonly seekable = false;
  watchers!: WaitQueue<Operation>;
  readers!: WaitQueue<Operation>;
  onOutput: ((bytes: Uint8Array) => void) | null = null;
  columns = 80;
  rows = 24;
  mode: "cooked" | "raw" = "cooked";
  echo = true;
  /** The group that may read and that ^C goes to; 0 is nobody's. */
  foreground = 0;
  /** The line being typed. */
  #line: number[] = [];
  /** Lines (cooked) or bytes (raw) to read; an empty one is an end of file. */
  #input: Uint8Array[] = [];
  #inputBytes = 0;
  readonly #cursor = new TtyLine();
  #shown: Uint8Array[] = [];
  #shownBytes = 0;
  /** When the terminal has shown everything written so far. */
  #shownBy = 0;

  constructor(readonly machine: Machine) {
    this.powerOn();
  }

  describeWait(): string {
    return "keys";
  }

  /** As the machine finds it when it boots; what the terminal shows stays. */
  powerOn(): void {
    this.readers = new WaitQueue<Operation>("keys", this);
    this.watchers = new WaitQueue<Operation>("keys", this);
    this.mode = "cooked";
    this.echo = true;
    this.foreground = 0;
    this.#line = [];
    this.#input = [];
    this.#inputBytes = this.#shownBy = 0;
  }

  describe(): string {
    return "/dev/console";
  }

  // ----------------------------------------------------------- the program's side

  read(op: Operation, file: OpenFile, count: number): void {
    const { process } = op.thread;
    if (!this.#mayRead(process)) return this.#fromBackground(op, process);
    if (this.#input.length > 0 && !this.#someoneIsBefore()) {
      op.complete(this.#take(count, op.slab));
    } else if (op.atDoorOne && file.nonblocking) {
      op.fail("EAGAIN");
    } else {
      op.park(this.readers);
    }
  }

  write(op: Operation, _file: OpenFile, data: Uint8Array): void {
    const { clock } = this.machine;
    this.#show(data);
    this.#shownBy = Math.max(this.#shownBy, clock.now) +
      data.length * TTY_BYTE_NS;
    const due = this.#shownBy - TTY_OUTPUT_BYTES * TTY_BYTE_NS;
    if (due <= clock.now) op.complete(data.length);
    else new SlowWrite(op, data.length, this).waitUntil(due);
  }

  readiness(): number {
    return READY_OUT | (this.#input.length > 0 ? READY_IN : 0);
  }

  close(): void {}

  stat(op: Operation): void {
    op.complete({
      ino: 1,
      type: "device",
      size: 0,
      nlink: 1,
      mtimeNs: 0,
      blocks: 0,
    });
  }

  wakers(): "outside" {
    return "outside";
  }

  /** Another group may read now. */
  setForeground(group: number): void {
    this.foreground = group;
    this.#serve();
  }

  setMode(mode: "cooked" | "raw", echo: boolean): void {
    const unread = mode !== this.mode;
    this.mode = mode;
    this.echo = echo;
    if (unread) this.#reread();
  }

  // ----------------------------------------------------------- the host's side

  /** Keys arrive, as bytes. */
  input(keys: Uint8Array): void {
    if (this.mode === "raw") this.#inputRaw(keys);
    else for (const key of keys) this.#inputCooked(key);
    this.#serve();
    notifyReady(this);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#signalForeground(SIGNALS.WINCH);
  }

  /** The next byte shown is the first of its line. */
  get atLineStart(): boolean {
    return this.#cursor.atStart;
  }

  /** What was shown, as text. */
  get screen(): string {
    const decoder = new TextDecoder();
    return this.#shown.map((bytes) => decoder.decode(bytes, { stream: true }))
      .join("");
  }

  // ----------------------------------------------------------- reading

  #mayRead(process: Process): boolean {
    return this.foreground === 0 || process.group === this.foreground;
  }

  /** Somebody of the foreground waits already. */
  #someoneIsBefore(): boolean {
    for (const op of this.readers) {
      if (this.#mayRead(op.thread.process)) return true;
    }
    return false;
  }

  /** A background group that reads is stopped; one that ignores that gets EIO. */
  #fromBackground(op: Operation, process: Process): void {
    const ttin = SIGNALS.TTIN;
    const masked = (op.thread.mask & (1 << ttin)) !== 0;
    if (process.signals.get(ttin) === "ign" || masked) return op.fail("EIO");
    op.park(this.readers);
    for (const other of [...this.machine.processes.values()]) {
      if (other.group === process.group) raise(other, ttin);
    }
  }

  /** Serves the readers of the foreground, first come, first served. */
  #serve(): void {
    for (const op of [...this.readers]) {
      if (this.#input.length === 0) return;
      if (op.queue === null || !this.#mayRead(op.thread.process)) continue;
      op.complete(this.#take(op.call.b as number, op.slab));
    }
  }

  /** One line at most when cooked; whatever is there when raw. */
  #take(count: number, slab: Slab): Uint8Array {
    if (this.mode === "raw") return this.#takeRaw(count, slab);
    const line = this.#input[0]!;
    if (line.length <= count) {
      this.#input.shift();
      this.#inputBytes -= line.length;
      return line;
    }
    this.#input[0] = line.subarray(count);
    this.#inputBytes -= count;
    return line.slice(0, count);
  }

  #takeRaw(count: number, slab: Slab): Uint8Array {
    const taken = slab.take(Math.min(count, this.#inputBytes));
    let filled = 0;
    while (filled < taken.length) {
      const first = this.#input[0]!;
      const part = first.subarray(0, taken.length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#input.shift();
      else this.#input[0] = first.subarray(part.length);
    }
    this.#inputBytes -= filled;
    return taken;
  }

  // ----------------------------------------------------------- keys

  #inputRaw(keys: Uint8Array): void {
    const room = TTY_INPUT_BYTES - this.#inputBytes;
    const kept = keys.slice(0, room);
    if (kept.length > 0) this.#commit(kept);
  }

  #inputCooked(key: number): void {
    const signal = SIGNAL_KEYS[key];
    if (signal !== undefined) return this.#signalKey(key, signal);
    switch (key) {
      case RETURN:
      case NEWLINE:
        this.#echoBytes([NEWLINE]);
        return this.#endLine([NEWLINE]);
      case CTRL_D:
        return this.#endLine([]);
      case BACKSPACE:
      case DELETE:
        return this.#eraseCharacter();
      case CTRL_U:
        while (this.#line.length > 0) this.#eraseCharacter();
        return;
      case CTRL_W:
        return this.#eraseWord();
      default:
        return this.#addToLine(key);
    }
  }

  #addToLine(key: number): void {
    if (this.#line.length >= LINE_MAX - 1) return this.#echoBytes([7]);
    if (this.#inputBytes >= TTY_INPUT_BYTES) return this.#echoBytes([7]);
    this.#line.push(key);
    this.#echoBytes(isControl(key) ? [0x5e, key ^ 0x40] : [key]);
  }

  #endLine(end: number[]): void {
    const line = Uint8Array.from([...this.#line, ...end]);
    this.#line = [];
    this.#commit(line);
  }

  #commit(bytes: Uint8Array): void {
    this.#input.push(bytes);
    this.#inputBytes += bytes.length;
  }

  #signalKey(key: number, signal: number): void {
    this.#echoBytes([0x5e, key ^ 0x40]);
    if (key === CTRL_C) this.#echoBytes([NEWLINE]);
    this.#line = [];
    this.#input = [];
    this.#inputBytes = 0;
    this.#signalForeground(signal);
  }

  #signalForeground(signal: number): void {
    for (const process of [...this.machine.processes.values()]) {
      if (process.group === this.foreground) raise(process, signal);
    }
  }

  /** Takes back the last character, all its UTF-8 bytes and all its cells. */
  #eraseCharacter(): void {
    if (this.#line.length === 0) return;
    const bytes: number[] = [];
    do bytes.unshift(this.#line.pop()!); while (
      (bytes[0]! & 0xc0) === 0x80 && this.#line.length > 0
    );
    const cells = isControl(bytes[0]!) ? 2 : isWide(bytes) ? 2 : 1;
    for (let i = 0; i < cells; i++) this.#echoBytes([8, 32, 8]);
  }

  #eraseWord(): void {
    const last = () => this.#line[this.#line.length - 1];
    while (last() === 32) this.#eraseCharacter();
    while (this.#line.length > 0 && last() !== 32) this.#eraseCharacter();
  }

  /** Unread input is looked at again under the new mode. */
  #reread(): void {
    const bytes = this.#input.flatMap((part) => [...part]);
    const line = this.#line;
    this.#input = [];
    this.#inputBytes = 0;
    this.#line = [];
    if (bytes.length > 0 || line.length > 0) {
      this.input(Uint8Array.from([...bytes, ...line]));
    }
  }

  // ----------------------------------------------------------- showing

  #echoBytes(bytes: number[]): void {
    if (this.echo) this.#show(Uint8Array.from(bytes));
  }

  #show(data: Uint8Array): void {
    if (data.length === 0) return;
    const bytes = withReturns(data);
    this.#cursor.feed(bytes);
    this.#shown.push(bytes);
    this.#shownBytes += bytes.length;
    while (this.#shownBytes > SCREEN_BYTES && this.#shown.length > 1) {
      this.#shownBytes -= this.#shown.shift()!.length;
    }
    this.onOutput?.(bytes);
  }
}

/** A write that waits for the terminal to keep up; its bytes are on their way already. */
class SlowWrite implements Due, WaitTarget {
  readonly kind = "event";
  #op: Operation;
  #length: number;
  #tty: Tty;
  #token = -1;

  constructor(op: Operation, length: number, tty: Tty) {
    this.#op = op;
    this.#length = length;
    this.#tty = tty;
  }

  waitUntil(due: number): void {
    const { clock } = this.#tty.machine;
    this.#token = clock.schedule(due, this);
    this.#op.moved = this.#length;
    this.#op.waitFor(this, () => {
      clock.cancel(this.#token);
      return true;
    });
  }

  vanish(): void {
    this.#tty.machine.clock.cancel(this.#token);
  }

  describe(): string {
    return "the terminal to keep up";
  }

  fire(): void {
    this.#op.complete(this.#length);
  }
}

/** A copy with CR before every LF. */
function withReturns(data: Uint8Array): Uint8Array {
  let newlines = 0;
  for (const byte of data) if (byte === NEWLINE) newlines++;
  if (newlines === 0) return data.slice();
  const bytes = new Uint8Array(data.length + newlines);
  let at = 0;
  for (const byte of data) {
    if (byte === NEWLINE) bytes[at++] = RETURN;
    bytes[at++] = byte;
  }
  return bytes;
}

function isControl(key: number): boolean {
  return key < 32 && key !== 9 || key === ESCAPE || key === DELETE;
}

/** Characters of two cells: CJK, Hangul, full width, emoji. */
function isWide(bytes: number[]): boolean {
  const code = new TextDecoder().decode(Uint8Array.from(bytes)).codePointAt(0)!;
  return (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
}
