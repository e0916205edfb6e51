// A listening port: which SYNs it lets in, the connections that are established
// and wait to be accepted, and the accepts that wait for one. Both queues are
// first come, first served.
//
// A SYN is let in while accept queue and half-open connections together are
// fewer than backlog plus waiting accepts. So with backlog n exactly n
// connections wait when nobody accepts, and a server of c threads is a queue of
// c + n places.
//
// Divergence from Linux: n, not n + 1; the place is taken when the SYN comes, so
// an established connection is never turned away. Backlog 0 admits a connection
// only for an accept, or a `ready`, that is waiting already.

import type { Operation } from "../request.ts";
import { WaitQueue } from "../wait_queue.ts";
import type { HandshakeEnd } from "./connection.ts";
import type { SocketObject } from "./socket.ts";

/** Takes over an accepted connection, and ends the accept. */
export type Accepted = (connection: SocketObject) => void;

export class Listener {
  /** Waiting accepts; there are none while a connection waits. */
  readonly accepts: WaitQueue<Operation>;
  #socket: SocketObject;
  #established: SocketObject[] = [];
  #halfOpen = new Set<SocketObject>();
  #done = new WeakMap<Operation, Accepted>();

  constructor(socket: SocketObject, public backlog: number) {
    this.#socket = socket;
    this.accepts = new WaitQueue("net", this);
  }

  describeWait(): string {
    return `a connection to ${this.#socket.describe()}`;
  }

  /** Established connections that nobody has accepted. */
  get waiting(): number {
    return this.#established.length;
  }

  /** Connections whose handshake is not over. */
  get halfOpen(): number {
    return this.#halfOpen.size;
  }

  /** One more SYN may come in. */
  get admits(): boolean {
    const taken = this.#established.length + this.#halfOpen.size;
    return taken < Math.max(this.backlog + this.accepts.length, this.#watched);
  }

  get #watched(): number {
    return this.#socket.isWatched ? 1 : 0;
  }

  /** A SYN was let in for `child`: what to do when its handshake ends. */
  add(child: SocketObject): HandshakeEnd {
    this.#halfOpen.add(child);
    child.waitsAt = this.#socket;
    return (error) => {
      this.#halfOpen.delete(child);
      if (error === null) this.#arrived(child);
      else child.dismiss();
    };
  }

  /** How full it is, for whoever watches. */
  traceQueue(): void {
    this.#socket.traceQueue(this.waiting, this.backlog);
  }

  accept(op: Operation, done: Accepted, nonblocking: boolean): void {
    if (this.#established.length > 0) {
      if (op.thread.process.files.full) return op.fail("EMFILE");
      hand(this.#established.shift()!, done);
      return this.traceQueue();
    }
    if (nonblocking) return op.fail("EAGAIN");
    this.#done.set(op, done);
    op.park(this.accepts);
  }

  /** Nobody listens any more: whoever waits is told. */
  close(): void {
    for (const child of [...this.#halfOpen]) child.dismiss();
    for (const child of this.#established.splice(0)) child.dismiss();
    this.traceQueue();
    const { accepts } = this;
    for (let op = accepts.first; op !== null; op = accepts.first) {
      op.fail("EINVAL");
    }
  }

  /** The oldest accept gets it; one whose process has no number left fails. */
  #arrived(child: SocketObject): void {
    const { accepts } = this;
    for (let op = accepts.first; op !== null; op = accepts.first) {
      if (!op.thread.process.files.full) {
        return hand(child, this.#done.get(op)!);
      }
      op.fail("EMFILE");
    }
    this.#established.push(child);
    this.traceQueue();
    this.#socket.readinessChanged();
  }
}

function hand(child: SocketObject, done: Accepted): void {
  child.waitsAt = null;
  done(child);
}
