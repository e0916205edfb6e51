// A conversation over a bad cable: both ends write, and read to the end. Whatever
// is lost, doubled or overtaken, each stream arrives once, in order and whole;
// the connection ends; and nothing is left.

import { assert, assertEquals } from "@std/assert";
import { RandomStream } from "../../kernel/random.ts";
import {
  listening,
  makePair,
  ms,
  type TestOperation,
  TestSocket,
} from "./net_fixture.ts";

/** Reads that wait, so that whatever comes is taken at once. */
const READS = 100;

/** One end: what it has to say and to hear. */
class End {
  #write: TestOperation | null;
  #reads: TestOperation[] = [];
  #heard = 0;
  isDone = false;

  constructor(
    readonly socket: TestSocket,
    says: Uint8Array,
    readonly hears: Uint8Array,
    readonly seed: number,
  ) {
    this.#write = says.length > 0 ? socket.write(says) : null;
    this.act();
  }

  /** Ends its writing when all is written, and takes what has come. */
  act(): void {
    const { socket } = this;
    if (this.#write?.ended !== false) {
      socket.machine.network.shutdown(socket.object, "wr");
    }
    while (this.#reads[0]?.ended) this.#take(this.#reads.shift()!);
    while (this.#reads.length < READS) this.#reads.push(socket.read());
  }

  #take({ error, value }: TestOperation): void {
    if (this.isDone) return;
    assertEquals(error, "", `seed ${this.seed}`);
    const bytes = value as Uint8Array;
    const { length } = bytes;
    const wanted = this.hears.subarray(this.#heard, this.#heard + length);
    assertEquals(bytes, wanted, `seed ${this.seed}: byte ${this.#heard}`);
    this.#heard += length;
    if (length > 0) return;
    this.isDone = true;
    const all = this.hears.length;
    assertEquals(this.#heard, all, `seed ${this.seed}: the end came early`);
  }

  /** Lets go of everything. */
  close(): void {
    for (const read of this.#reads) read.withdraw("ECANCELED");
    this.socket.close();
  }
}

function bytesFrom(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed));
}

export function conversation(seed: number): void {
  const random = new RandomStream(seed, "bad cable");
  const share = () => [0, 0.01, 0.05, 0.2][random.integer(4)]!;
  const net = makePair({
    latencyNs: [10_000, 1 * ms, 20 * ms][random.integer(3)]!,
    bitsPerSecond: [10_000_000, 1_000_000_000][random.integer(2)]!,
    loss: share(),
    duplicate: share(),
    reorder: share(),
    jitterNs: [0, 0, 3 * ms][random.integer(3)]!,
    seed,
  });
  const listener = listening(net.mirror, 80);
  const a = new TestSocket(net.kettle);
  const connecting = a.connect("mirror", 80);
  net.run();
  const b = listener.accept();
  listener.close();
  if (connecting.error !== "" || b.error !== "" || !b.ended) {
    // All of the handshake got lost, again and again: that too ends cleanly.
    b.withdraw("ECANCELED");
    a.close();
    return net.done();
  }
  const here = bytesFrom(seed, random.integer(120_000));
  const there = bytesFrom(seed + 1, random.integer(40_000));
  const ends = [
    new End(a, here, there, seed),
    new End(b.value as TestSocket, there, here, seed),
  ];
  for (let turns = 0; ends.some(({ isDone }) => !isDone); turns++) {
    assert(turns < 1_000, `seed ${seed}: it never ends`);
    net.run();
    for (const end of ends) end.act();
  }
  for (const end of ends) end.close();
  net.run();
  net.done();
}
