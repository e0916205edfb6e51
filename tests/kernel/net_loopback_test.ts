// Connections of a machine with itself.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  connected,
  listening,
  makeNet,
  makePair,
  TestSocket,
} from "./net_fixture.ts";

test("localhost and the machine's own name are the loopback, which takes no time and no card", () => {
  const net = makeNet(["kettle"]);
  const [kettle] = net.machines;
  for (const host of ["localhost", "kettle", ""]) {
    const listener = listening(kettle!, 80);
    const accept = listener.accept();
    const client = new TestSocket(kettle!);
    const connect = client.connect(host, 80);
    assertEquals(connect.ended, false);
    net.run();
    assertEquals([connect.error, connect.endedNs, accept.endedNs], ["", 0, 0]);
    const server = accept.value as TestSocket;
    assertEquals(kettle!.network.getpeername(client.object), {
      host: "kettle",
      port: 80,
    });
    for (const socket of [client, server, listener]) socket.close();
    net.done();
  }
});

test("each packet on the loopback costs a packet's CPU time and no interrupt", () => {
  const net = makeNet(["kettle"]);
  const [kettle] = net.machines;
  const [client, server] = connected(net, kettle!, kettle!);
  assertEquals(kettle!.stolenNs, 3 * 1_000);
  client.write("ping");
  net.run();
  assertEquals(kettle!.stolenNs, 5 * 1_000);
  assertEquals(server.read().result, "ping");
  for (const socket of [client, server]) socket.close();
  net.done();
});

test("1 MiB goes through the loopback whole, though nobody reads at first", () => {
  const net = makeNet(["kettle"]);
  const [kettle] = net.machines;
  const [client, server] = connected(net, kettle!, kettle!);
  const write = client.write(new Uint8Array(1_048_576).fill(7));
  client.close();
  net.run();
  assertEquals(write.ended, false);
  let total = 0;
  for (;;) {
    const read = server.read(10_000);
    net.run();
    const bytes = read.value as Uint8Array;
    if (bytes.length === 0) break;
    assertEquals(bytes.every((byte) => byte === 7), true);
    total += bytes.length;
  }
  assertEquals([total, write.value], [1_048_576, 1_048_576]);
  server.close();
  net.done();
});

test("a port bound on localhost is not reachable over a cable", () => {
  const net = makePair();
  const listener = new TestSocket(net.mirror);
  const { network } = net.mirror;
  assertEquals(
    network.bind(listener.object, { host: "localhost", port: 80 }),
    null,
  );
  assertEquals(network.listen(listener.object, 8), null);
  const [outside, inside] = [net.kettle, net.mirror].map((machine) =>
    new TestSocket(machine)
  ) as [TestSocket, TestSocket];
  const refused = outside.connect("mirror", 80);
  const welcome = inside.connect("localhost", 80);
  net.run();
  assertEquals([refused.error, welcome.error], ["ECONNREFUSED", ""]);
  for (const socket of [outside, inside, listener]) socket.close();
  net.done();
});

test("a loopback port without a listener refuses", () => {
  const net = makeNet(["kettle"]);
  const client = new TestSocket(net.machines[0]!);
  const connect = client.connect("localhost", 80);
  net.run();
  assertEquals(connect.error, "ECONNREFUSED");
  client.close();
  net.done();
});

test("who can end a wait is asked of the holders of the peer, and outside for a cable", () => {
  const net = makePair();
  const asked: unknown[] = [];
  net.kettle.holdersOf = (object: unknown) => {
    asked.push(object);
    return [];
  };
  const [client, server] = connected(net, net.kettle, net.kettle);
  const read = client.read();
  const wakers = client.object.wakers(read);
  assertEquals(wakers === "outside" ? wakers : [...wakers], []);
  assertEquals(asked[0] === server.object, true);
  read.withdraw("ECANCELED");
  for (const socket of [client, server]) socket.close();
  net.run();
  const [far, near] = connected(net, net.kettle, net.mirror);
  const wait = far.read();
  assertEquals(far.object.wakers(wait), "outside");
  wait.withdraw("ECANCELED");
  for (const socket of [far, near]) socket.close();
  net.done();
});
