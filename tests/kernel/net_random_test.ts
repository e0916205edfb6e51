// Many random conversations: whatever the order of writes, reads, cancels and
// closes, a stream is a prefix of what was written, in order and once, whole if
// it was ended in peace; and nothing is left behind.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { RandomStream } from "../../kernel/random.ts";
import {
  listening,
  makePair,
  type TestMachine,
  type TestOperation,
  TestSocket,
} from "./net_fixture.ts";

/** One end: what it wrote and read, and its waiting operations. */
class End {
  written = 0;
  read: number[] = [];
  closed = false;
  reset = false;
  sawEnd = false;
  #reads: TestOperation[] = [];
  #writes: { op: TestOperation; data: Uint8Array }[] = [];

  constructor(readonly socket: TestSocket) {}

  act(random: RandomStream): void {
    const what = random.integer(20);
    if (this.closed) return;
    if (what < 9) this.write(1 + random.integer(8) ** 5);
    else if (what < 17) {
      this.#reads.push(this.socket.read(1 + random.integer(8) ** 5));
    } else if (what === 17) this.#reads.at(-1)?.withdraw("ECANCELED");
    else if (what === 18) this.#writes.at(-1)?.op.withdraw("ECANCELED");
    else if (random.integer(4) === 0) this.close(random.integer(3) === 0);
  }

  /** Byte n of a stream is a function of n alone. */
  write(length: number): void {
    this.collect();
    if (this.#writes.length > 0) return;
    const data = new Uint8Array(length);
    for (let i = 0; i < length; i++) data[i] = byteAt(this.written + i);
    this.#writes.push({ op: this.socket.write(data), data });
    this.collect();
  }

  /** Books what has ended. */
  collect(): void {
    this.#writes = this.#writes.filter(({ op }) => {
      if (op.ended && op.error === "") this.written += op.value as number;
      this.reset ||= op.error === "ECONNRESET";
      return !op.ended;
    });
    this.#reads = this.#reads.filter((op) => {
      if (!op.ended) return true;
      if (op.error !== "") {
        this.reset ||= op.error === "ECONNRESET";
        return false;
      }
      const bytes = op.value as Uint8Array;
      if (bytes.length === 0) this.sawEnd = true;
      this.read.push(...bytes);
      return false;
    });
  }

  /** The descriptor goes; what waits on it is withdrawn first, or holds on. */
  close(abrupt: boolean): void {
    if (this.closed) return;
    this.closed = true;
    for (const { op } of this.#writes) op.withdraw("ECANCELED");
    for (const op of this.#reads) op.withdraw("ECANCELED");
    this.collect();
    this.socket.machine.network.setsockopt(this.socket.object, {
      linger0: abrupt,
    });
    this.socket.close();
  }
}

function byteAt(n: number): number {
  return (n * 31 + (n >> 8) * 7) & 0xff;
}

function converse(seed: number): void {
  const random = new RandomStream(seed, "conversation");
  const net = makePair({
    latencyNs: random.integer(3) * 100_000,
    bitsPerSecond: [100_000_000, 1_000_000_000][random.integer(2)],
    nic: { txRing: 1 + random.integer(4) ** 3 },
  });
  const far: TestMachine = random.integer(4) === 0 ? net.kettle : net.mirror;
  const listener = listening(far, 80);
  const client = new TestSocket(net.kettle);
  client.connect(far.name, 80);
  net.run();
  const ends = [client, listener.accept().value as TestSocket].map((socket) =>
    new End(socket)
  );
  for (let step = 0; step < 120; step++) {
    net.run(net.clock.now + random.integer(200_000));
    ends.forEach((end) => end.collect());
    ends[random.integer(2)]!.act(random);
  }
  net.run();
  ends.forEach((end) => end.collect());
  for (const end of ends) end.close(false);
  net.run();
  const [a, b] = ends as [End, End];
  for (const [from, to] of [[a, b], [b, a]] as const) {
    assert(to.read.length <= from.written, `seed ${seed}: too many bytes`);
    assert(to.read.every((byte, n) => byte === byteAt(n)), `seed ${seed}`);
    // Its end came in peace: then everything was there before it.
    if (to.sawEnd && !to.reset) assertEquals(to.read.length, from.written);
  }
  listener.close();
  net.done();
}

test("200 random conversations deliver every stream in order and leave nothing", () => {
  for (let seed = 1; seed <= 200; seed++) converse(seed);
});

/** Both write as they like while the other reads to the end. */
function exchange(seed: number): void {
  const random = new RandomStream(seed, "exchange");
  const net = makePair({ nic: { txRing: 1 + random.integer(4) ** 3 } });
  const listener = listening(net.mirror, 80);
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  const ends = [client, listener.accept().value as TestSocket].map((socket) =>
    new End(socket)
  );
  for (const end of ends) {
    const data = new Uint8Array(random.integer(200_000));
    for (let i = 0; i < data.length; i++) data[i] = byteAt(i);
    end.socket.write(data);
    end.written = data.length;
  }
  while (
    ends.some((end) => end.read.length < ends[1 - ends.indexOf(end)]!.written)
  ) {
    const end = ends[random.integer(2)]!;
    const read = end.socket.read(1 + random.integer(100_000));
    net.run();
    if (!read.ended) read.withdraw("ECANCELED");
    else end.read.push(...read.value as Uint8Array);
  }
  for (const end of ends) {
    assert(end.read.every((byte, n) => byte === byteAt(n)), `seed ${seed}`);
    end.socket.close();
  }
  listener.close();
  net.done();
}

test("20 exchanges of random sizes in both directions at once arrive whole", () => {
  for (let seed = 1; seed <= 20; seed++) exchange(seed);
});
