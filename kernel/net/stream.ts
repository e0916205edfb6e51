// The bytes of one connection as a program sees them: reads and writes that wait
// in order, what ends them, and the one error that a broken connection tells. It
// knows the two halves and no segment; the connection tells it what became of
// the other end.

import type { ErrorCode } from "../abi.ts";
import { NO_BYTES } from "../bytes.ts";
import type { Operation } from "../request.ts";
import { ReceiveHalf } from "./receive_half.ts";
import { SendHalf } from "./send_half.ts";

/** Whose bytes they are. */
export interface StreamOwner {
  describe(): string;
  /** There may be something to send now, or a wider window. */
  moved(): void;
}

export class Stream {
  readonly sending: SendHalf;
  readonly receiving: ReceiveHalf;
  /** Told once, to whoever reads or writes next. */
  error: ErrorCode | null = null;
  /** The program wants no more input. */
  readShut = false;
  /** The connection is CLOSED: nothing moves any more. */
  over = false;
  #owner: StreamOwner;

  constructor(first: number, owner: StreamOwner) {
    this.#owner = owner;
    this.sending = new SendHalf(first, this);
    this.receiving = new ReceiveHalf(this);
  }

  describeWait(queue: object): string {
    const what = queue === this.receiving.readers ? "bytes from" : "room in";
    return `${what} ${this.#owner.describe()}`;
  }

  /** Who waited before others is gone: those may go on. */
  onLeave(queue: object): void {
    if (queue !== this.receiving.readers) this.#owner.moved();
  }

  read(op: Operation, count: number, nonblocking: boolean): void {
    const { receiving } = this;
    if (receiving.buffer.length > 0 && receiving.readers.length === 0) {
      receiving.give(op, count);
      return this.#owner.moved();
    }
    if (this.error !== null) return op.fail(this.#takeError()!);
    if (this.readEnded) return op.complete(NO_BYTES);
    if (nonblocking) return op.fail("EAGAIN");
    op.park(receiving.readers);
  }

  write(op: Operation, data: Uint8Array, nonblocking: boolean): void {
    const { sending } = this;
    if (this.error !== null) return op.fail(this.#takeError()!);
    if (this.writeEnded) return op.fail("EPIPE");
    if (nonblocking && data.length > 0) {
      if (!this.writable) return op.fail("EAGAIN");
      data = data.subarray(0, sending.buffer.room);
    }
    sending.write(op, data);
    this.#owner.moved();
  }

  /** No byte will arrive, or none is wanted. */
  get readEnded(): boolean {
    return this.receiving.ended || this.readShut || this.over;
  }
  /** No byte will be sent. */
  get writeEnded(): boolean {
    return this.sending.finQueued || this.over;
  }
  /** A read would not wait. */
  get readable(): boolean {
    return this.receiving.buffer.length > 0 || this.error !== null ||
      this.readEnded;
  }
  /** A write would move something at once. */
  get writable(): boolean {
    const { open, isAwaited, buffer } = this.sending;
    return open && !isAwaited && buffer.room > 0;
  }

  shutdownRead(): void {
    this.readShut = true;
    this.receiving.endReaders((op) => op.complete(NO_BYTES));
  }

  /** The last byte is the last that was written so far. */
  shutdownWrite(): void {
    this.sending.endWriters((op) => op.fail("EPIPE"));
    this.sending.finQueued = true;
  }

  /** The peer's last byte is here. */
  inputEnded(): void {
    this.receiving.ended = true;
    this.receiving.endReaders((op) => op.complete(NO_BYTES));
  }

  /** It never came to be a connection. */
  neverOpened(): void {
    this.receiving.endReaders((op) => op.fail("ENOTCONN"));
    this.sending.endWriters((op) => op.fail("EPIPE"));
  }

  /** It broke: one of those who wait, or the next, gets the error. */
  broke(error: ErrorCode | null): void {
    this.error = error;
    this.sending.buffer.clear();
    this.receiving.endReaders((op) => {
      const error = this.#takeError();
      if (error === null) op.complete(NO_BYTES);
      else op.fail(error);
    });
    this.sending.endWriters((op) => op.fail(this.#takeError() ?? "EPIPE"));
  }

  /** Nobody will read or write here. */
  discard(): void {
    this.sending.buffer.clear();
    this.receiving.buffer.clear();
  }

  #takeError(): ErrorCode | null {
    const { error } = this;
    this.error = null;
    return error;
  }
}
