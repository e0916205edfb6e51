// Copying both ways at once: what comes in here goes out there, and the other
// way round, until both have ended. Each way has one request under way, a read
// or a write, so neither waits for the other. It does not know what is carried.

import {
  cancel,
  type Event,
  type Handle,
  read,
  type Routine,
  shutdown,
  submit,
  SysError,
  wait,
  write,
} from "kettle";
import { CHUNK_BYTES } from "./stdio.ts";

export interface RelayOptions {
  /** Where bytes for the peer come from; null: there are none. */
  input: number | null;
  output: number;
  peer: number;
  /** It is over when the peer ends, though the input may go on (a keyboard). */
  endsWithPeer: boolean;
  /** An input without any byte does not end our half: we only listen. */
  mayOnlyListen?: boolean;
  /** The peer gets and gives datagrams, of so many bytes at most: they have no end. */
  datagramBytes?: number;
  /** So long without a byte either way ends it, ns. */
  idleNs?: number;
}

/** "ended": both ways came to their end; "idle": nothing came for too long. */
export type RelayEnd = "ended" | "idle" | {
  failed: "peer" | "output";
  error: SysError;
};

export function* relay(options: RelayOptions): Routine<RelayEnd> {
  const { input, output, peer, endsWithPeer, idleNs } = options;
  const inward = new Way(peer, output);
  const outward = new Way(input ?? peer, peer);
  const { datagramBytes } = options;
  inward.hasEnd = datagramBytes === undefined;
  outward.chunkBytes = datagramBytes ?? CHUNK_BYTES;
  outward.mayBeSilent = options.mayOnlyListen ?? false;
  yield* inward.read();
  if (input !== null) yield* outward.read();
  else yield* outward.finish();
  try {
    while (true) {
      const isOver = inward.isOver && (endsWithPeer || outward.isOver);
      if (isOver) return "ended";
      const handles = [inward, outward].flatMap(({ handle }) => handle ?? []);
      const limit = idleNs === undefined ? {} : { timeout: idleNs };
      const [event] = yield* wait(handles, { ...limit, max: 1 });
      if (event === undefined) return "idle";
      const isInward = event.handle === inward.handle;
      const failure = yield* (isInward ? inward : outward).go(event);
      if (failure === null) continue;
      const isOutput = isInward && event.call === "write";
      return { failed: isOutput ? "output" : "peer", error: failure };
    }
  } finally {
    yield* inward.stop();
    yield* outward.stop();
  }
}

/** One of the two ways. */
class Way {
  /** The read or write under way; null: it has ended. */
  handle: Handle | null = null;
  /** Its end is told only if there was something before it. */
  mayBeSilent = false;
  /** A read of nothing is its end. */
  hasEnd = true;
  chunkBytes = CHUNK_BYTES;

  constructor(readonly from: number, readonly to: number) {}

  get isOver(): boolean {
    return this.handle === null;
  }

  *read(): Routine {
    this.handle = yield* submit(read(this.from, this.chunkBytes));
  }

  /** Goes on after its request; the error if that failed. */
  *go(event: Event): Routine<SysError | null> {
    this.handle = null;
    if (!event.ok) return event.error;
    if (event.call !== "read") yield* this.read();
    else if (event.value.length > 0) {
      this.mayBeSilent = false;
      this.handle = yield* submit(write(this.to, event.value));
    } else if (this.hasEnd) yield* this.finish();
    else yield* this.read();
    return null;
  }

  /** Nothing follows: a peer is told so, and can still answer. */
  *finish(): Routine {
    if (this.mayBeSilent) return;
    try {
      yield* shutdown(this.to, "wr");
    } catch (error) {
      // No socket, or nobody is there any more.
      if (!(error instanceof SysError)) throw error;
    }
  }

  /** Takes back what is under way. */
  *stop(): Routine {
    const { handle } = this;
    if (handle === null) return;
    this.handle = null;
    yield* cancel(handle);
    yield* wait(handle);
  }
}
