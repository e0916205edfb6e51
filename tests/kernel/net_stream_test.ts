// Bytes over an established connection: order, windows, closing, resets.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  READY_ERR,
  READY_HUP,
  READY_IN,
  READY_OUT,
  READY_RDHUP,
} from "../../kernel/file.ts";
import {
  connected,
  listening,
  makePair,
  s,
  type TestOperation,
  TestSocket,
  us,
} from "./net_fixture.ts";

const MIB = 1_048_576;

/** Bytes that show if one is missing, doubled or moved. */
function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >> 8) * 13) & 0xff;
  return bytes;
}

/** Reads to the end, one read after the other, as long as time goes on. */
function readAll(net: { run(): void }, socket: TestSocket): Uint8Array {
  const parts: number[] = [];
  for (;;) {
    const read = socket.read();
    net.run();
    assertEquals(read.error, "");
    const bytes = read.value as Uint8Array;
    if (bytes.length === 0) return Uint8Array.from(parts);
    parts.push(...bytes);
  }
}

function transfer(latencyNs: number) {
  const net = makePair({ latencyNs });
  const [client, server] = connected(net, net.kettle, net.mirror);
  const startNs = net.clock.now;
  // Enough reads wait: whatever comes is taken at once.
  const reads = Array.from({ length: 1_000 }, () => server.read());
  const data = pattern(MIB);
  const write = client.write(data);
  client.close();
  net.run();
  const arrived = reads.filter((read) => read.ended);
  const bytes = arrived.flatMap((read) => [...read.value as Uint8Array]);
  assertEquals(write.value, MIB);
  assertEquals(bytes.length, MIB);
  assert(bytes.every((byte, i) => byte === data[i]), "in order");
  const last = arrived.findLast((read) =>
    (read.value as Uint8Array).length > 0
  )!;
  server.close();
  net.done();
  return last.endedNs - startNs;
}

test("1 MiB arrives whole and in order, in exactly its wire time and the latency", () => {
  assertEquals(transfer(50 * us), 8_837_264 + 50 * us);
});

test("goodput is within 1 % of the ceiling while a window's wire time is longer than the round trip", () => {
  const megabitsPerSecond = MIB * 8 / transfer(50 * us) * 1_000;
  assertAlmostEquals(megabitsPerSecond, 949.28, 0.01 * 949.28);
});

test("with a long round trip the window of 64 KiB is the limit", () => {
  const latencyNs = 5_000 * us;
  const elapsedNs = transfer(latencyNs);
  const roundTripNs = 2 * latencyNs + 12_304 + 672;
  // 44 full segments fit into a window of 65,536 bytes; 719 make 1 MiB.
  const rounds = Math.ceil(719 / 44);
  assertAlmostEquals(elapsedNs, rounds * roundTripNs, roundTripNs);
});

test("writes queued on one socket arrive in order", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const big = pattern(100_000);
  const writes = [big, "one", "two", big].map((data) => client.write(data));
  client.close();
  const all = readAll(net, server);
  assertEquals(writes.map((write) => write.value), [100_000, 3, 3, 100_000]);
  assertEquals(all.length, 200_006);
  const middle = new TextDecoder().decode(all.subarray(100_000, 100_006));
  assertEquals(middle, "onetwo");
  server.close();
  net.done();
});

test("a writer waits when the peer does not read, and what is on its way is bounded", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const write = client.write(pattern(200_000));
  net.run();
  assertEquals(write.ended, false);
  assertEquals(
    write.waitsFor?.describe(),
    "room in " + client.object.describe(),
  );
  const { receiving } = server.object.connection!.stream;
  assert(receiving.buffer.length <= 65_536);
  assertEquals(write.moved, 65_536 + receiving.buffer.length);
  client.close();
  assertEquals(readAll(net, server).length, 200_000);
  assertEquals(write.value, 200_000);
  server.close();
  net.done();
});

test("a write that is withdrawn reports what it moved, and the rest never arrives", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const write = client.write(pattern(200_000));
  const behind = client.write("behind");
  net.run();
  assertEquals(behind.withdraw("ECANCELED"), true);
  assertEquals(behind.error, "ECANCELED");
  assertEquals(write.withdraw("ECANCELED"), true);
  const moved = write.value as number;
  assert(moved > 65_536 && moved < 200_000);
  client.close();
  assertEquals(readAll(net, server).length, moved);
  server.close();
  net.done();
});

test("a short segment is held back while its writer has more, and goes when it leaves", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const sent = () =>
    net.events("net_tx").flatMap((event) =>
      event.kind === "net_tx" ? [event.info] : []
    );
  client.object.connection!.stream.sending.congestion.window = Infinity;
  const write = client.write(pattern(200_000));
  assertEquals(sent().slice(-1), ["kettle>mirror 1460 bytes"]);
  write.withdraw("ECANCELED");
  assertEquals(sent().slice(-1), ["kettle>mirror 1296 bytes"]);
  assertEquals(write.value, 65_536);
  client.close();
  assertEquals(readAll(net, server).length, 65_536);
  server.close();
  net.done();
});

test("reads are served in the order in which they came", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const reads = [server.read(1), server.read(1), server.read(1)];
  client.write("abc");
  net.run();
  assertEquals(reads.map((read) => read.result), ["a", "b", "c"]);
  for (const socket of [client, server]) socket.close();
  net.done();
});

test("a read that is withdrawn loses no byte", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const read = server.read();
  assertEquals(read.withdraw("ECANCELED"), true);
  client.write("kept");
  net.run();
  assertEquals(server.read().result, "kept");
  for (const socket of [client, server]) socket.close();
  net.done();
});

test("after shutdown of writing the peer reads to the end and can still answer", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const { network } = net.kettle;
  client.write("question");
  assertEquals(network.shutdown(client.object, "wr"), null);
  assertEquals(network.shutdown(client.object, "wr"), null);
  assertEquals(client.write("more").error, "EPIPE");
  net.run();
  assertEquals(server.read().result, "question");
  assertEquals(server.read().result, "");
  server.write("answer");
  net.run();
  assertEquals(client.read().result, "answer");
  for (const socket of [server, client]) socket.close();
  net.done();
});

test("shutdown of reading ends a waiting read with nothing", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const read = client.read();
  assertEquals(net.kettle.network.shutdown(client.object, "rd"), null);
  assertEquals((read.value as Uint8Array).length, 0);
  for (const socket of [server, client]) socket.close();
  net.done();
});

test("closing sends what was written first, and the peer reads it all", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  client.write(pattern(60_000));
  client.close();
  assertEquals(readAll(net, server).length, 60_000);
  server.close();
  net.done();
});

test("closing with unread input resets the connection", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  client.write("never read");
  net.run();
  server.close();
  net.run();
  assertEquals(client.read().error, "ECONNRESET");
  assertEquals(client.read().result, "");
  assertEquals(client.write("x").error, "EPIPE");
  client.close();
  net.done();
});

test("bytes that arrived before a reset are read first, then ECONNRESET once", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  server.write("before");
  net.mirror.network.setsockopt(server.object, { linger0: true });
  server.close();
  net.run();
  assertEquals(client.read().result, "before");
  assertEquals(client.read().error, "ECONNRESET");
  assertEquals(client.read().result, "");
  assertEquals(client.write("x").error, "EPIPE");
  client.close();
  net.done();
});

test("a reset ends every wait: one with ECONNRESET, the others with nothing or EPIPE", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const reads = [client.read(), client.read()];
  const writes = [client.write(pattern(200_000)), client.write("x")];
  net.run();
  net.mirror.network.setsockopt(server.object, { linger0: true });
  server.close();
  net.run();
  assertEquals(reads.map((read) => read.result), ["ECONNRESET", ""]);
  assert(writes[0]!.value as number < 200_000);
  assertEquals(writes[1]!.error, "EPIPE");
  client.close();
  net.done();
});

test("the first write after the peer has closed succeeds, the second is EPIPE", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  server.close();
  net.run();
  assertEquals(client.read().result, "");
  assertEquals(client.write("first").value, 5);
  net.run();
  assertEquals(client.write("second").error, "EPIPE");
  assertEquals(client.read().result, "");
  client.close();
  net.done();
});

test("a client that sends and closes before it is accepted is still read", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  client.write("early");
  client.close();
  net.run();
  const server = listener.accept().value as TestSocket;
  assertEquals(server.read().result, "early");
  assertEquals(server.read().result, "");
  for (const socket of [server, listener]) socket.close();
  net.done();
});

test("closing a listener resets the connections that nobody accepted", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  listener.close();
  net.run();
  assertEquals(client.read().error, "ECONNRESET");
  client.close();
  net.done();
});

test("a read that waits when its descriptor is closed still gets the bytes", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  const read = server.read();
  server.close();
  client.write("late");
  net.run();
  assertEquals(read.result, "late");
  client.close();
  net.done();
});

test("a closed socket whose peer stays silent is forgotten after 60 s", () => {
  const net = makePair();
  const [client, server] = connected(net, net.kettle, net.mirror);
  client.close();
  net.run(net.clock.now + s);
  assertEquals(client.object.connection!.state, "FIN_WAIT2");
  const startNs = net.clock.now - s;
  net.run();
  assertEquals(client.object.connection!.state, "CLOSED");
  assertAlmostEquals(net.clock.now - startNs, 60 * s, 1_000 * us);
  assertEquals(server.write("to nobody").value, 9);
  net.run();
  assertEquals(server.write("x").error, "EPIPE");
  server.close();
  net.done();
});

test("readiness follows what can be read and written", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const ready = (socket: TestSocket) => socket.object.readiness(socket.file);
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  assertEquals([ready(client), ready(listener)], [0, 0]);
  net.run();
  assertEquals([ready(client), ready(listener)], [READY_OUT, READY_IN]);
  const server = listener.accept().value as TestSocket;
  assertEquals(ready(listener), 0);
  const write = client.write(pattern(200_000));
  net.run();
  assertEquals([ready(client), ready(server)], [0, READY_IN | READY_OUT]);
  write.withdraw("ECANCELED");
  net.kettle.network.shutdown(client.object, "wr");
  readAll(net, server);
  assertEquals(ready(client), READY_OUT);
  assertEquals(ready(server), READY_IN | READY_OUT | READY_RDHUP);
  net.mirror.network.setsockopt(server.object, { linger0: true });
  server.close();
  net.run();
  const broken = READY_IN | READY_OUT | READY_HUP | READY_ERR | READY_RDHUP;
  assertEquals(ready(client), broken);
  assertEquals(client.read().error, "ECONNRESET");
  assertEquals(ready(client), broken & ~READY_ERR);
  for (const socket of [client, listener]) socket.close();
  net.done();
});

test("connections that share a full card take turns", () => {
  const net = makePair({ nic: { txRing: 2 } });
  const listener = listening(net.mirror, 80);
  const clients = [0, 1].map(() => new TestSocket(net.kettle));
  clients.forEach((client) => client.connect("mirror", 80));
  net.run();
  const servers = clients.map(() => listener.accept().value as TestSocket);
  const done: TestOperation[][] = servers.map((server) =>
    Array.from({ length: 40 }, () => server.read())
  );
  clients.forEach((client) => client.write(pattern(29_200)));
  net.run();
  const ends = done.map((reads) =>
    reads.filter((read) => read.ended).at(-1)!.endedNs
  );
  // The first had two frames in the ring, and its turn, before the second came.
  assertEquals(ends[1]! - ends[0]!, 3 * 12_304);
  for (const socket of [...clients, ...servers]) socket.close();
  done.flat().filter((read) => !read.ended).forEach((read) =>
    read.withdraw("ECANCELED")
  );
  listener.close();
  net.done();
});
