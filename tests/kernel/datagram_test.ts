// UDP and echoes: datagrams that arrive whole or not at all, who may hear them,
// and what is said when something is wrong; through all three doors.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  bind,
  cancel,
  close,
  connect,
  getsockname,
  ms,
  print,
  type Program,
  push,
  read,
  ready,
  recvfrom,
  type Routine,
  sendto,
  sleep,
  socket,
  submit,
  SysError,
  text,
  wait,
  within,
  write,
} from "kettle";
import { World } from "kettle/world";
import type { CableOptions } from "../../kernel/net/mod.ts";

function pair(options: CableOptions = {}) {
  const world = new World({ seed: 4 });
  const kettle = world.boot({ name: "kettle" });
  const mirror = world.boot({ name: "mirror" });
  const cable = world.cable(kettle, mirror, options);
  return { world, kettle, mirror, cable };
}

function* bound(port: number): Routine<number> {
  const fd = yield* socket("datagram");
  yield* bind(fd, { port });
  return fd;
}

function* codeOf(routine: Iterable<unknown>): Routine<string> {
  try {
    yield* routine as Routine;
    return "";
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
}

/** Sends back what comes, until "end". */
function* echo(): Program {
  const fd = yield* bound(7);
  for (;;) {
    const { data, from } = yield* recvfrom(fd, 2_000);
    if (text(data) === "end") return;
    yield* sendto(fd, data, from);
  }
}

function succeeded(net: ReturnType<typeof pair>, program: () => Program) {
  const process = net.kettle.spawn(program);
  assertEquals(net.world.run().reason, "done");
  assertEquals([process.stderr, process.exit], ["", { status: 0 }]);
  for (const machine of net.world.machines) {
    const { sockets, requests, openFiles } = machine.snapshot().counts;
    assertEquals([sockets, requests, openFiles], [0, 0, 0]);
  }
  return process.stdout;
}

test("a datagram goes there and back through each door, with who sent it", () => {
  const net = pair();
  net.mirror.spawn(echo);
  succeeded(net, function* () {
    const fd = yield* socket("datagram");
    const to = { host: "mirror", port: 7 };
    assertEquals(yield* sendto(fd, "one", to), 3);
    const first = yield* recvfrom(fd, 100);
    assertEquals([text(first.data), first.from], ["one", to]);
    const receiving = yield* submit(recvfrom(fd, 100));
    const sending = yield* submit(sendto(fd, "two", to));
    const sent = yield* wait(sending);
    const second = yield* wait(receiving);
    assert(sent.ok && second.ok);
    assertEquals([sent.value, text(second.value.data)], [3, "two"]);
    let third = "";
    yield* push(recvfrom(fd, 100), (event) => {
      if (event.ok) third = text(event.value.data);
    });
    yield* push(sendto(fd, "three", to), () => {});
    yield* sleep(10 * ms);
    assertEquals(third, "three");
    yield* sendto(fd, "end", to);
  });
});

test("each datagram is taken whole: a short read loses the rest, two are never one", () => {
  const net = pair();
  succeeded(net, function* () {
    const fd = yield* bound(9);
    const to = { host: "localhost", port: 9 };
    for (const word of ["first", "second", ""]) yield* sendto(fd, word, to);
    assertEquals(text((yield* recvfrom(fd, 3)).data), "fir");
    assertEquals(text((yield* recvfrom(fd, 100)).data), "second");
    assertEquals((yield* recvfrom(fd, 100)).data.length, 0);
  });
});

test("a connected socket reads and writes, and hears nobody else", () => {
  const net = pair();
  succeeded(net, function* () {
    const [fd, other, peer] = [
      yield* bound(1),
      yield* bound(2),
      yield* bound(3),
    ];
    assertEquals(yield* codeOf(write(fd, "x")), "EDESTADDRREQ");
    yield* connect(fd, { host: "localhost", port: 3 });
    yield* write(fd, "hello");
    const { data, from } = yield* recvfrom(peer, 100);
    assertEquals([text(data), from.port], ["hello", 1]);
    const back = { host: "localhost", port: 1 };
    yield* sendto(other, "not you", back);
    yield* sendto(peer, "you", back);
    assertEquals(text(yield* read(fd, 100)), "you");
  });
});

test("a socket without a port gets one when it sends; a taken one is refused, TCP's do not count", () => {
  const net = pair();
  succeeded(net, function* () {
    const fd = yield* socket("datagram");
    assertEquals((yield* getsockname(fd)).port, 0);
    yield* sendto(fd, "x", { host: "localhost", port: 5 });
    assert((yield* getsockname(fd)).port >= 32_768);
    const stream = yield* socket();
    yield* bind(stream, { port: 80 });
    const other = yield* bound(80);
    assertEquals(yield* codeOf(bound(80)), "EADDRINUSE");
    yield* close(other);
    yield* bound(80);
  });
});

test("what is wrong is named: too long, no way there, no address, not a datagram socket", () => {
  const net = pair();
  succeeded(net, function* () {
    const fd = yield* socket("datagram"), stream = yield* socket();
    const to = { host: "mirror", port: 7 };
    assertEquals(yield* codeOf(sendto(fd, "x".repeat(1_473), to)), "EMSGSIZE");
    assertEquals(yield* sendto(fd, "x".repeat(1_472), to), 1_472);
    assertEquals(
      yield* codeOf(sendto(fd, "x", { ...to, host: "mars" })),
      "ENETUNREACH",
    );
    assertEquals(yield* codeOf(sendto(fd, "x")), "EDESTADDRREQ");
    assertEquals(yield* codeOf(sendto(fd, "x", { port: -1 })), "EINVAL");
    assertEquals(yield* codeOf(sendto(stream, "x", to)), "EOPNOTSUPP");
    assertEquals(yield* codeOf(recvfrom(1, 5)), "ENOTSOCK");
    assertEquals(yield* codeOf(within(5 * ms, recvfrom(fd, 5))), "ETIME");
    const handle = yield* submit(recvfrom(fd, 5));
    assertEquals(yield* cancel(handle), "cancelled");
    yield* wait(handle);
  });
});

test("nobody is told of a datagram for a port that nobody has, nor when a socket is full", () => {
  const net = pair();
  succeeded(net, function* () {
    const fd = yield* bound(1);
    const to = { host: "localhost", port: 1 };
    yield* sendto(fd, "x", { host: "mirror", port: 99 });
    const kilobyte = new Uint8Array(1_024);
    for (let i = 0; i < 300; i++) yield* sendto(fd, kilobyte, to);
    let kept = 0;
    while (
      (yield* within(0, ready(fd, "in")) as unknown as Routine<{ in: boolean }>)
        .in
    ) {
      yield* recvfrom(fd, 2_000);
      if (++kept === 208) break;
    }
    assertEquals(kept, 208); // 212,992 bytes
  });
  const drops = [...net.world.trace.events()].flatMap((event) =>
    event.kind === "net_drop" ? [event.info] : []
  );
  assertEquals(drops.length, 1 + 92);
  assertEquals(
    drops[0]?.includes("no such port") ||
      drops.at(-1)!.includes("no such port"),
    true,
  );
});

test("a cable that loses frames loses datagrams, for good", () => {
  const net = pair({ loss: 0.3 });
  let heard = 0;
  net.mirror.spawn(function* (): Program {
    const fd = yield* bound(7);
    for (;;) {
      try {
        yield* within(1_000 * ms, recvfrom(fd, 100));
        heard++;
      } catch {
        return;
      }
    }
  });
  succeeded(net, function* () {
    const fd = yield* socket("datagram");
    for (let i = 0; i < 500; i++) {
      yield* sendto(fd, "x", { host: "mirror", port: 7 });
    }
    yield* print("sent");
  });
  assert(heard > 300 && heard < 400, `${heard}`);
});

test("an echo is answered by the machine itself, after a round trip", () => {
  const net = pair({ latencyNs: 5 * ms });
  succeeded(net, function* () {
    const fd = yield* socket("echo");
    yield* sendto(fd, "are you there?", { host: "mirror", port: 0 });
    const { data, from } = yield* recvfrom(fd, 100);
    assertEquals([text(data), from.host], ["are you there?", "mirror"]);
  });
  assert(net.world.now > 10 * ms && net.world.now < 11 * ms);
});
