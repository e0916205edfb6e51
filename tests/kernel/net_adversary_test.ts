// A connection in the hands of somebody who means no good: every order of
// shutting down, ends that break off while others open, queues, ports and windows
// used up, cables cut at the worst time. Single segments and times; programs that
// do the like are in net_endings_test.ts.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  EPHEMERAL_FIRST,
  EPHEMERAL_LAST,
  RECEIVE_BUFFER_BYTES,
} from "../../kernel/net/params.ts";
import {
  bind,
  connected,
  listening,
  makePair,
  ms,
  s,
  TestSocket,
  us,
} from "./net_fixture.ts";

function shutdown(socket: TestSocket, how: "rd" | "wr" | "rdwr") {
  return socket.machine.network.shutdown(socket.object, how);
}

/** Closes it with a RST. */
function breakOff(socket: TestSocket): void {
  socket.machine.network.setsockopt(socket.object, { linger0: true });
  socket.close();
}

/** Reads whatever comes, to the end or an error: how many bytes, and that. */
function drain(net: { run(): void }, socket: TestSocket): [number, string] {
  for (let total = 0;;) {
    const read = socket.read();
    net.run();
    if (read.error !== "") return [total, read.error];
    if (!read.ended) {
      read.withdraw("ECANCELED");
      return [total, "silence"];
    }
    const { length } = read.value as Uint8Array;
    if (length === 0) return [total, "end"];
    total += length;
  }
}

// ------------------------------------------------------------- shutting down

/** What each end does, at once or one after the other. */
const ORDERS = [
  ["a wr", "b wr"],
  ["a wr + b wr"],
  ["a rdwr", "b rdwr"],
  ["a rdwr + b rdwr"],
  ["a rd", "a wr", "b wr"],
  ["b rd", "a rd", "b wr", "a wr"],
];

test("whatever the order in which both ends shut down, both come to the end and the connection closes by itself", () => {
  for (const order of ORDERS) {
    const net = makePair();
    const [a, b] = connected(net, net.kettle, net.mirror);
    for (const step of order) {
      for (const one of step.split(" + ")) {
        const [who, how] = one.split(" ") as ["a" | "b", "rd" | "wr" | "rdwr"];
        assertEquals(shutdown(who === "a" ? a : b, how), null, step);
      }
      net.run();
    }
    for (const end of [a, b]) {
      assertEquals(end.object.connection!.state, "CLOSED", order.join());
      assertEquals(end.read().result, "");
      assertEquals(end.write("x").error, "EPIPE");
      assertEquals(shutdown(end, "wr"), "ENOTCONN");
      end.close();
    }
    net.done();
  }
});

test("shutdown of writing cuts a waiting write short, and what it wrote arrives", () => {
  const net = makePair();
  const [a, b] = connected(net, net.kettle, net.mirror);
  const writes = [a.write(new Uint8Array(300_000)), a.write("behind")];
  net.run();
  shutdown(a, "wr");
  const moved = writes[0]!.value as number;
  assert(moved > RECEIVE_BUFFER_BYTES && moved < 300_000, `${moved}`);
  assertEquals(writes[1]!.error, "EPIPE");
  assertEquals(drain(net, b), [moved, "end"]);
  for (const end of [a, b]) end.close();
  net.done();
});

test("who has shut down both ways resets what still sends to it", () => {
  const net = makePair();
  const [a, b] = connected(net, net.kettle, net.mirror);
  shutdown(b, "rdwr");
  net.run();
  assertEquals(a.read().result, "");
  assertEquals(a.write("to nobody").value, 9);
  net.run();
  assertEquals(a.write("x").error, "EPIPE");
  assertEquals(b.read().error, "ECONNRESET");
  for (const end of [a, b]) end.close();
  net.done();
});

// ------------------------------------------------------------- closing

test("a question that comes twice does not break off the answer of who has closed", () => {
  const net = makePair({
    latencyNs: 1 * ms,
    rule: ({ what }) => what.endsWith("1 bytes") ? "double" : undefined,
  });
  const [a, b] = connected(net, net.kettle, net.mirror);
  const question = b.read();
  a.write("?");
  while (!question.ended) net.run(net.clock.now + 100);
  b.write(new Uint8Array(60_000));
  b.close();
  assertEquals(drain(net, a), [60_000, "end"]);
  a.close();
  net.done();
});

test("a client that breaks off before it is accepted keeps its place, and is accepted: its bytes, then ECONNRESET", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80, 1);
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  client.write("last words");
  net.run();
  breakOff(client);
  net.run();
  assertEquals(listener.object.listener!.waiting, 1);
  const server = listener.accept().value as TestSocket;
  const reads = [1, 2, 3].map(() => server.read().result);
  assertEquals(reads, ["last words", "ECONNRESET", ""]);
  for (const socket of [server, listener]) socket.close();
  net.done();
});

test("a listener that closes at any instant of a handshake refuses it or resets it", () => {
  const ends = new Set<string>();
  for (let atNs = 0; atNs < 160 * us; atNs += 2 * us) {
    const net = makePair();
    const listener = listening(net.mirror, 80);
    const client = new TestSocket(net.kettle);
    const connect = client.connect("mirror", 80);
    net.run(atNs);
    listener.close();
    net.run();
    ends.add(connect.error || `read: ${client.read().result}`);
    client.close();
    net.done();
  }
  assertEquals([...ends].sort(), ["ECONNREFUSED", "read: ECONNRESET"]);
});

test("a connect withdrawn at any instant, over a good or a bad cable, leaves nothing, and the next one works", () => {
  for (const share of [0, 0.3]) {
    for (let atNs = 0; atNs < 130 * us; atNs += 3 * us) {
      const seed = 1 + atNs / us;
      const net = makePair({ loss: share, duplicate: share, seed });
      const listener = listening(net.mirror, 80, 1);
      const client = new TestSocket(net.kettle);
      const first = client.connect("mirror", 80);
      net.run(atNs);
      if (!first.ended) first.withdraw("ETIME");
      net.run();
      const next = first.error === "" ? first : client.connect("mirror", 80);
      net.run();
      assertEquals(next.error, "", `withdrawn at ${atNs} ns`);
      client.close();
      net.run();
      const accept = listener.accept();
      if (accept.ended) (accept.value as TestSocket).close();
      else accept.withdraw("ECANCELED");
      listener.close();
      net.done();
    }
  }
});

test("two who connect to each other at once are both refused", () => {
  const net = makePair();
  const sockets = net.machines.map((machine) => new TestSocket(machine));
  for (const socket of sockets) bind(socket, { host: "", port: 5_000 });
  const connects = sockets.map((socket, i) =>
    socket.connect(net.machines[1 - i]!.name, 5_000)
  );
  net.run();
  const errors = connects.map((connect) => connect.error);
  assertEquals(errors, ["ECONNREFUSED", "ECONNREFUSED"]);
  for (const socket of sockets) socket.close();
  net.done();
});

test("connections of a listener that was closed live on beside its successor on the same port", () => {
  const net = makePair();
  const pairs = ["old", "new"].map((text) => {
    const listener = listening(net.mirror, 80, 1);
    const client = new TestSocket(net.kettle);
    client.connect("mirror", 80);
    net.run();
    const server = listener.accept().value as TestSocket;
    listener.close();
    return { text, client, server };
  });
  for (const { text, server } of pairs) server.write(text);
  net.run();
  for (const { text, client, server } of pairs) {
    assertEquals(client.read().result, text);
    client.close();
    server.close();
  }
  net.done();
});

// ------------------------------------------------------------- used up

test("when all ports are given out, bind is EADDRINUSE and connect EADDRNOTAVAIL, until one is free", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80, 1);
  const { ports } = net.kettle.network;
  const holder = new TestSocket(net.kettle);
  for (let port = EPHEMERAL_FIRST; port <= EPHEMERAL_LAST; port++) {
    assertEquals(ports.take(0, holder.object), port);
  }
  const late = new TestSocket(net.kettle);
  assertEquals(bind(late, { host: "", port: 0 }), "EADDRINUSE");
  assertEquals(late.connect("mirror", 80).error, "EADDRNOTAVAIL");
  ports.release(40_000);
  const connect = late.connect("mirror", 80);
  net.run();
  assertEquals([connect.error, late.object.local!.port], ["", 40_000]);
  for (const socket of [holder, late, listener]) socket.close();
  net.done();
});

test("a port is free at once when its connection has closed: there is no TIME_WAIT", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80, 1);
  const from = { host: "", port: 5_000 };
  for (let i = 0; i < 3; i++) {
    const client = new TestSocket(net.kettle);
    assertEquals(bind(client, from), null);
    const connect = client.connect("mirror", 80);
    net.run();
    assertEquals(connect.error, "");
    const server = listener.accept().value as TestSocket;
    client.close();
    const other = new TestSocket(net.kettle);
    assertEquals(bind(other, from), "EADDRINUSE"); // FIN_WAIT1 still holds it
    other.close();
    net.run();
    server.close();
    net.run();
  }
  listener.close();
  net.done();
});

// ------------------------------------------------------------- the cable

/** Both write, and the cable is cut for so long before anything arrives. */
function overCut(cutNs: number): { net: { done(): void }; ends: string[] } {
  const net = makePair({ latencyNs: 1 * ms });
  const [a, b] = connected(net, net.kettle, net.mirror);
  a.write(new Uint8Array(30_000));
  b.write("back");
  net.cable.isCut = true;
  net.run(net.clock.now + cutNs);
  net.cable.isCut = false;
  const ends = [drain(net, b), drain(net, a)].map(String);
  for (const end of [a, b]) end.close();
  return { net, ends };
}

test("a connection outlives five minutes without a cable, and not a thousand seconds", () => {
  const short = overCut(300 * s);
  assertEquals(short.ends, ["30000,silence", "4,silence"]);
  const long = overCut(1_000 * s);
  assertEquals(long.ends, ["0,ETIMEDOUT", "0,ETIMEDOUT"]);
  for (const { net } of [short, long]) net.done();
});

test("a connect begun without a cable gets through with the first SYN after it is whole, or gives up at 131 s", () => {
  for (const [cutS, endS] of [[4.5, 5], [40, 67], [67.5, 131]] as const) {
    const net = makePair({ cuts: [[0, cutS * s]] });
    const listener = listening(net.mirror, 80);
    const client = new TestSocket(net.kettle);
    const connect = client.connect("mirror", 80);
    net.run();
    assertEquals(connect.error, endS === 131 ? "ETIMEDOUT" : "");
    assertEquals(Math.floor(connect.endedNs / s), endS);
    assert(connect.endedNs % s < 1 * ms);
    for (const socket of [client, listener]) socket.close();
    net.done();
  }
});

test("a window that opens while there is no cable is asked for when it is whole again, cut by time or by hand", () => {
  for (const cuts of [[[20 * ms, 5 * s] as const], []]) {
    const net = makePair({ cuts });
    const [a, b] = connected(net, net.kettle, net.mirror);
    const write = a.write(new Uint8Array(300_000));
    net.run(30 * ms);
    assertEquals(write.ended, false);
    if (cuts.length === 0) net.cable.isCut = true;
    b.read(RECEIVE_BUFFER_BYTES); // nobody hears of it
    net.run(31 * ms);
    net.cable.isCut = false;
    const { receiving } = b.object.connection!.stream;
    assertEquals(receiving.buffer.length, 0);
    // 44 segments were in the window.
    assertEquals(drain(net, b), [300_000 - 64_240, "silence"]);
    assertEquals(write.value, 300_000);
    for (const socket of [a, b]) socket.close();
    net.done();
  }
});

test("after an answer the time-out is short again", () => {
  let data = 0;
  const net = makePair({
    latencyNs: 10 * ms,
    // The first segment three times, and then the second once.
    rule: ({ what, from }) =>
      from === "kettle" && what.includes("bytes") &&
        [0, 1, 2, 4].includes(data++)
        ? "drop"
        : undefined,
  });
  const [a, b] = connected(net, net.kettle, net.mirror);
  const took = ["first", "second"].map((text) => {
    const startNs = net.clock.now;
    a.write(text);
    const read = b.read();
    net.run();
    assertEquals(read.result, text);
    return Math.round((read.endedNs - startNs) / ms);
  });
  assertEquals(took, [1_410, 210]); // 200 + 400 + 800, and 200
  for (const end of [a, b]) end.close();
  net.done();
});
