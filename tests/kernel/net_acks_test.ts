// When an acknowledgement goes by itself and when it travels with an answer:
// what a packet sniffer on Linux shows of a conversation, and of a stream.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  connect,
  listen,
  ms,
  type Program,
  read,
  setsockopt,
  sleep,
  socket,
  type SocketOptions,
  write,
} from "kettle";
import { World } from "kettle/world";

interface Frame {
  at: number;
  info: string;
}

/** What goes over the wire when `near` and `far` talk. */
function talk(
  near: (fd: number) => Program,
  far: (fd: number) => Program,
  options: SocketOptions = {},
): Frame[] {
  const world = new World();
  const machines = ["near", "far"].map((name) => world.boot({ name }));
  world.cable(machines[0]!, machines[1]!, { latencyNs: 1 * ms });
  const server = machines[1]!.spawn(function* (): Program {
    const listener = yield* socket();
    yield* bind(listener, { port: 80 });
    yield* listen(listener, 1);
    yield* far(yield* accept(listener));
  });
  const client = machines[0]!.spawn(function* (): Program {
    const fd = yield* socket();
    yield* setsockopt(fd, options);
    yield* connect(fd, { host: "far", port: 80 });
    yield* near(fd);
  });
  assertEquals(world.run().reason, "done");
  assertEquals([client.stderr, server.stderr], ["", ""]);
  const frames: Frame[] = [];
  for (const event of world.trace.events()) {
    if (event.kind === "net_tx") {
      frames.push({ at: event.at, info: event.info });
    }
  }
  return frames;
}

function of(frames: Frame[], what: string): Frame[] {
  return frames.filter(({ info }) => info === what);
}

function* echo(fd: number): Program {
  for (;;) {
    const bytes = yield* read(fd, 100_000);
    if (bytes.length === 0) return;
    yield* write(fd, bytes);
  }
}

function questions(count: number, thinkNs = 0) {
  return function* (fd: number): Program {
    for (let i = 0; i < count; i++) {
      yield* write(fd, "question");
      assertEquals((yield* read(fd, 100)).length, 8);
      if (thinkNs > 0) yield* sleep(thinkNs);
    }
  };
}

test("the first question and answer are acknowledged by themselves, later ones by what follows", () => {
  const frames = talk(questions(10), echo);
  assertEquals(of(frames, "near>far 8 bytes").length, 10);
  assertEquals(of(frames, "far>near 8 bytes").length, 10);
  // One question; the FIN.
  assertEquals(of(frames, "far>near ACK").length, 1 + 1);
  // The handshake; one answer; the FIN.
  assertEquals(of(frames, "near>far ACK").length, 3);
});

test("who thinks longer than 40 ms acknowledges each answer at once", () => {
  const frames = talk(questions(10, 50 * ms), echo);
  assertEquals(of(frames, "far>near ACK").length, 1 + 1);
  assertEquals(of(frames, "near>far ACK").length, 1 + 10 + 1);
});

test("an acknowledgement waits 40 ms for the answer, and the next does not wait", () => {
  const slow = function* (fd: number): Program {
    for (let i = 0; i < 4; i++) {
      const bytes = yield* read(fd, 100);
      if (i === 2) yield* sleep(100 * ms);
      yield* write(fd, bytes);
    }
  };
  const frames = talk(questions(4), slow);
  const asked = of(frames, "near>far 8 bytes");
  const [first, late, last] = of(frames, "far>near ACK");
  assert(first!.at - asked[0]!.at < 1.1 * ms);
  const waited = late!.at - asked[2]!.at - 1 * ms;
  assert(waited > 40 * ms && waited < 40.1 * ms, `${waited} ns`);
  assert(last!.at - asked[3]!.at < 1.1 * ms);
});

test("a stream in one direction is acknowledged segment by segment", () => {
  const frames = talk(function* (fd) {
    yield* write(fd, new Uint8Array(20 * 1460));
  }, function* (fd) {
    while ((yield* read(fd, 100_000)).length > 0);
  });
  const segments = frames.filter(({ info }) => /near>far \d+ bytes/.test(info));
  const acks = frames.filter(({ info }) => info === "far>near ACK");
  assertEquals([segments.length, acks.length], [20, 20]);
});

test("in a conversation, too, the second full segment is acknowledged at once", () => {
  const frames = talk(function* (fd) {
    for (let i = 0; i < 2; i++) {
      yield* write(fd, "question");
      yield* read(fd, 100);
    }
    yield* write(fd, new Uint8Array(2 * 1460));
    yield* read(fd, 100);
  }, function* (fd) {
    for (let got = 0; got < 16 + 2 * 1460;) {
      const { length } = yield* read(fd, 100_000);
      got += length;
      if (length === 8) yield* write(fd, "answered");
    }
    yield* sleep(30 * ms);
    yield* write(fd, "answered");
  });
  const last = of(frames, "near>far 1460 bytes").at(-1)!;
  const ack = of(frames, "far>near ACK").find(({ at }) => at > last.at)!;
  assert(ack.at - last.at < 1.1 * ms, `${ack.at - last.at} ns`);
});

test("Nagle's rule in a conversation costs 40 ms for a question in two pieces", () => {
  const pieces = function* (fd: number): Program {
    for (let i = 0; i < 3; i++) {
      yield* write(fd, "ques");
      yield* write(fd, "tion");
      yield* read(fd, 100);
    }
  };
  const whole = function* (fd: number): Program {
    for (let i = 0; i < 3; i++) {
      for (let got = 0; got < 8;) got += (yield* read(fd, 100)).length;
      yield* write(fd, "answered");
    }
  };
  const gap = (options: SocketOptions) => {
    const asked = of(talk(pieces, whole, options), "near>far 4 bytes");
    return asked.slice(1).map(({ at }, i) => at - asked[i]!.at)[2]!;
  };
  assert(gap({ nodelay: true }) < 1 * ms);
  const waited = gap({ nodelay: false });
  assert(waited > 42 * ms && waited < 43 * ms, `${waited} ns`);
});
