// /dev/host: the only way from a program to whoever runs the world. A program
// writes a line of JSON that names what it asks, and reads a line as the answer:
// one for every line written, in the same order. It does not know what can be
// asked, nor who answers: an answer is an input from outside like a key, so a
// run that is done again needs no host.

import { type FileObject, type OpenFile, READY_IN, READY_OUT } from "./file.ts";
import type { Machine } from "./kernel.ts";
import {
  HOST_ANSWER_MAX_BYTES,
  HOST_ASKS_MAX,
  HOST_LINE_MAX_BYTES,
} from "./params.ts";
import { NO_BYTES } from "./bytes.ts";
import { notifyReady } from "./ready.ts";
import type { Operation } from "./request.ts";
import { WaitQueue } from "./wait_queue.ts";

/** Who runs the world, as a machine sees it. */
export interface Host {
  /** A program asks: `machine.answerHost(id, …)` answers, now or later. */
  asked(ask: Ask): void;
  /** It does not want to know any more: it closed the file or has ended, or the power is gone. */
  withdrawn?(id: number): void;
}

/** Something asked and not answered. */
export interface Ask {
  readonly id: number;
  /** The line, without its end: a JSON object whose `ask` is a name. */
  readonly text: string;
}

const NEWLINE = 10;
const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const NOBODY = "nobody listens at /dev/host";
const MALFORMED =
  'a line for /dev/host is a JSON object that names what it asks: {"ask":"share"}';
const TOO_LONG =
  `a line for /dev/host has at most ${HOST_LINE_MAX_BYTES} bytes`;
const TOO_MUCH =
  `the host's answer has more than ${HOST_ANSWER_MAX_BYTES} bytes`;
const ENCODER = new TextEncoder();

/** One for each machine, whatever becomes of its power. */
export class HostPort {
  /** Somebody answers, or did in the run that this one repeats. */
  isAttached = false;
  host: Host | null = null;
  /** By number; no number comes twice, so a late answer is nobody else's. */
  #waiting = new Map<number, { ask: Ask; file: HostFile; place: Place }>();

  constructor(readonly machine: Machine) {}

  /** What has no answer yet, the oldest first. */
  get asks(): Ask[] {
    return [...this.#waiting.values()].map(({ ask }) => ask);
  }

  has(id: number): boolean {
    return this.#waiting.has(id);
  }

  /** A line with a name: asked, or answered at once. */
  ask(text: string, file: HostFile, place: Place): void {
    if (!this.isAttached) return void (place.answer = errorLine(NOBODY));
    place.id = this.machine.objectCreated("ask");
    const ask = { id: place.id, text };
    this.#waiting.set(ask.id, { ask, file, place });
    this.host?.asked(ask);
  }

  /** The host's answer takes effect; one that nobody waits for has none. */
  answer(id: number, text: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#forget(id);
    const line = ENCODER.encode(`${text}\n`);
    const isShort = line.length <= HOST_ANSWER_MAX_BYTES;
    waiting.place.answer = isShort ? line : errorLine(TOO_MUCH);
    waiting.file.serve();
  }

  /** Nobody will read the answer. */
  withdraw(id: number): void {
    if (!this.has(id)) return;
    this.#forget(id);
    this.host?.withdrawn?.(id);
  }

  /** Whoever asked is gone without a word. */
  powerOff(): void {
    const ids = [...this.#waiting.keys()];
    this.#waiting.clear();
    for (const id of ids) this.host?.withdrawn?.(id);
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    this.machine.objectReleased("ask", id);
  }
}

/** A line that was written, and what is left to read of its answer. */
interface Place {
  /** 0: it was never asked. */
  id: number;
  name: string;
  answer: Uint8Array | null;
}

/** /dev/host, opened: lines and answers of its own. */
export class HostFile implements FileObject {
  readonly type = "device";
  readonly seekable = false;
  readonly watchers = new WaitQueue<Operation>("event", this);
  readonly readers = new WaitQueue<Operation>("event", this);
  readonly #port: HostPort;
  #places: Place[] = [];
  /** The beginning of a line. */
  #line: number[] = [];
  /** The line is longer than a line may be: its rest is not kept. */
  #isTooLong = false;

  constructor(port: HostPort) {
    this.#port = port;
  }

  describe(): string {
    return "/dev/host";
  }

  describeWait(): string {
    const [place] = this.#places;
    return place === undefined || place.answer !== null
      ? "the host"
      : `the host has not answered ${place.name}`;
  }

  wakers(): "outside" {
    return "outside";
  }

  /** With nothing asked there is nothing to wait for: the end, for now. */
  read(op: Operation, file: OpenFile, count: number): void {
    if (this.#isReadable && this.readers.length === 0) {
      op.complete(this.#take(count));
    } else if (op.atDoorOne && file.nonblocking) op.fail("EAGAIN");
    else op.park(this.readers);
  }

  /** Whole lines are asked; fewer bytes are taken when too many wait to be read. */
  write(op: Operation, _file: OpenFile, data: Uint8Array): void {
    let taken = 0;
    while (taken < data.length && this.#places.length < HOST_ASKS_MAX) {
      this.#writeByte(data[taken++]!);
    }
    if (taken > 0 || data.length === 0) op.complete(taken);
    else {
      const reason = `${HOST_ASKS_MAX} answers are not read yet`;
      op.fail("EBUSY", { path: "/dev/host", reason });
    }
    notifyReady(this);
  }

  readiness(): number {
    const canWrite = this.#places.length < HOST_ASKS_MAX;
    return (this.#isReadable ? READY_IN : 0) | (canWrite ? READY_OUT : 0);
  }

  /** An answer has come: whoever waits for it gets it. */
  serve(): void {
    while (this.#isReadable && this.readers.first !== null) {
      const op = this.readers.first;
      op.complete(this.#take(op.call.b as number));
    }
    notifyReady(this);
  }

  close(): void {
    for (const { id } of this.#places) this.#port.withdraw(id);
    this.#places = [];
  }

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

  get #isReadable(): boolean {
    const [place] = this.#places;
    return place === undefined || place.answer !== null;
  }

  /** Of one answer at most. */
  #take(count: number): Uint8Array {
    const [place] = this.#places;
    if (place === undefined) return NO_BYTES;
    const bytes = place.answer!.slice(0, count);
    place.answer = place.answer!.subarray(count);
    if (place.answer.length === 0) this.#places.shift();
    return bytes;
  }

  #writeByte(byte: number): void {
    if (byte === NEWLINE) return this.#endLine();
    if (this.#line.length < HOST_LINE_MAX_BYTES) this.#line.push(byte);
    else this.#isTooLong = true;
  }

  #endLine(): void {
    const text = new TextDecoder().decode(Uint8Array.from(this.#line));
    const name = this.#isTooLong ? "" : nameOf(text);
    const place: Place = { id: 0, name, answer: null };
    this.#places.push(place);
    if (name !== "") this.#port.ask(text, this, place);
    else place.answer = errorLine(this.#isTooLong ? TOO_LONG : MALFORMED);
    this.#line = [];
    this.#isTooLong = false;
  }
}

/** What a line asks for; "" if it does not say. */
function nameOf(line: string): string {
  try {
    const name = (JSON.parse(line) as { ask?: unknown } | null)?.ask;
    return typeof name === "string" && NAME.test(name) ? name : "";
  } catch {
    return "";
  }
}

function errorLine(error: string): Uint8Array {
  return ENCODER.encode(JSON.stringify({ error }) + "\n");
}
