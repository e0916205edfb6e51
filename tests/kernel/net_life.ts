// Two ends of a connection that do anything at any time: write, read, withdraw,
// shut down either way, close, break off, over a good or a bad cable or the
// loopback, which may be cut for a while. Whatever they do, bytes come in order
// and once, an end that comes in peace comes after the last byte, errors are
// those that a socket has, and nothing is left.

import { assert, assertEquals } from "@std/assert";
import { RandomStream } from "../../kernel/random.ts";
import {
  listening,
  makePair,
  ms,
  type Net,
  s,
  type TestOperation,
  TestSocket,
} from "./net_fixture.ts";
import { assertWindowsKept } from "./net_windows.ts";

const STEPS = 150;
const ERRORS = ["", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ECANCELED"];

function byteAt(n: number): number {
  return (n * 31 + (n >> 8) * 7) & 0xff;
}

class End {
  written = 0;
  got = 0;
  /** A read came back with nothing. */
  ended = false;
  /** It was told that the connection broke. */
  broken = false;
  /** It shut down reading, or writing, or closed, or broke off, itself. */
  readShut = false;
  writeShut = false;
  closed = false;
  abrupt = false;
  #reads: TestOperation[] = [];
  #write: TestOperation | null = null;

  constructor(readonly socket: TestSocket, readonly seed: number) {}

  act(random: RandomStream): void {
    this.collect();
    if (this.closed) return;
    const { network } = this.socket.machine;
    const { object, file } = this.socket;
    const what = random.integer(40);
    if (what < 14) this.#writeSome(1 + random.integer(8) ** 5);
    else if (what < 30) {
      this.#reads.push(this.socket.read(1 + random.integer(8) ** 5));
    } else if (what < 32) {
      this.#reads[random.integer(this.#reads.length || 1)]
        ?.withdraw("ECANCELED");
    } else if (what === 32) this.#write?.withdraw("ECANCELED");
    else if (what === 33) this.#shutdown("wr");
    else if (what === 34) object.readiness(file);
    else if (what === 35) {
      const nodelay = random.integer(2) === 0;
      const delayedAck = random.integer(2) === 0;
      network.setsockopt(object, { nodelay, delayedAck });
    } else if (random.integer(4) > 0) return;
    else if (what === 36) this.#shutdown("rd");
    else if (what === 37) this.#shutdown("rdwr");
    else this.close(what === 38);
  }

  #writeSome(length: number): void {
    if (this.#write !== null) return;
    const bytes = Uint8Array.from(
      { length },
      (_, i) => byteAt(this.written + i),
    );
    this.#write = this.socket.write(bytes);
  }

  #shutdown(how: "rd" | "wr" | "rdwr"): void {
    const { network } = this.socket.machine;
    const error = network.shutdown(this.socket.object, how);
    if (error !== null) return assertEquals(error, "ENOTCONN");
    if (how !== "wr") this.readShut = true;
    if (how !== "rd") this.writeShut = true;
  }

  /** Books what has ended. */
  collect(): void {
    const write = this.#write;
    if (write?.ended) {
      this.#write = null;
      this.#book(write);
      if (write.error === "") this.written += write.value as number;
    }
    this.#reads = this.#reads.filter((read) => {
      if (!read.ended) return true;
      this.#book(read);
      if (read.error === "") this.#take(read.value as Uint8Array);
      return false;
    });
  }

  #book({ error }: TestOperation): void {
    assert(ERRORS.includes(error), `seed ${this.seed}: ${error}`);
    if (error === "ECONNRESET" || error === "ETIMEDOUT") this.broken = true;
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      this.ended = true;
      return;
    }
    assert(!this.ended || this.readShut, `seed ${this.seed}: after the end`);
    const isRight = bytes.every((it, i) => it === byteAt(this.got + i));
    assert(isRight, `seed ${this.seed}: bytes from ${this.got}`);
    this.got += bytes.length;
  }

  /** What went out of a write that waits counts as well. */
  get sent(): number {
    return this.written + (this.#write?.moved ?? 0);
  }

  close(abrupt: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.abrupt = abrupt;
    for (const read of this.#reads) read.withdraw("ECANCELED");
    this.#write?.withdraw("ECANCELED");
    this.collect();
    const { network } = this.socket.machine;
    network.setsockopt(this.socket.object, { linger0: abrupt });
    this.socket.close();
  }
}

export function life(seed: number): void {
  const random = new RandomStream(seed, "life");
  const isBad = random.integer(3) > 0;
  const share = () => isBad ? [0, 0.01, 0.05, 0.2][random.integer(4)]! : 0;
  const net = makePair({
    latencyNs: [0, 10_000, 1 * ms, 20 * ms][random.integer(4)]!,
    bitsPerSecond: [10_000_000, 1_000_000_000][random.integer(2)]!,
    loss: share(),
    duplicate: share(),
    reorder: share(),
    jitterNs: isBad ? random.integer(2) * 3 * ms : 0,
    nic: { txRing: 1 + random.integer(4) ** 3 },
    seed,
  });
  const far = random.integer(4) === 0 ? net.kettle : net.mirror;
  const isCut = isBad && random.integer(4) === 0;
  const ends = open(net, net.kettle.name, far.name, seed);
  for (let step = 0; step < STEPS; step++) {
    const longest = random.integer(20) === 0 ? 2 * s : 200_000;
    net.run(net.clock.now + random.integer(longest));
    ends[random.integer(2)]?.act(random);
    net.cable.isCut = isCut && step > 50 && step < 60;
  }
  net.run(net.clock.now + 100 * s);
  for (const end of ends) end.collect();
  if (ends.length === 2) judge(ends[0]!, ends[1]!);
  if (ends.length === 2) judge(ends[1]!, ends[0]!);
  for (const end of ends) end.close(false);
  net.run();
  net.done();
  assertWindowsKept(net.trace.events());
}

/** Both ends of a connection; none if the cable did not let it come to be. */
function open(net: Net, here: string, there: string, seed: number): End[] {
  const machine = (name: string) =>
    net.machines.find((machine) => machine.name === name)!;
  const listener = listening(machine(there), 80);
  const client = new TestSocket(machine(here));
  const connect = client.connect(there, 80);
  net.run();
  const accept = listener.accept();
  const isOpen = connect.error === "" && accept.ended;
  if (!isOpen) accept.withdraw("ECANCELED");
  listener.close();
  if (!isOpen) client.close();
  return isOpen
    ? [client, accept.value as TestSocket].map((it) => new End(it, seed))
    : [];
}

/** What `to` has got of what `from` sent. */
function judge(from: End, to: End): void {
  const { seed } = to;
  assert(to.got <= from.sent, `seed ${seed}: more than was sent`);
  if (!to.ended || to.readShut || to.broken || from.broken) return;
  const isOver = from.closed || from.writeShut;
  assert(isOver, `seed ${seed}: an end that nobody made`);
  if (from.abrupt && !from.writeShut) return;
  assertEquals(to.got, from.written, `seed ${seed}: the end came early`);
}
