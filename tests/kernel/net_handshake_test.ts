// Opening connections: times, refusals, retries, the backlog.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { SYN_RETRIES_NS } from "../../kernel/net/params.ts";
import {
  bind,
  listening,
  makeNet,
  makePair,
  s,
  type TestOperation,
  TestSocket,
  us,
} from "./net_fixture.ts";

/** Wire times at 1 Gb/s, ns: SYN or SYN+ACK 98 bytes, pure ACK or RST 84. */
const SYN_NS = 784, ACK_NS = 672;
const LATENCY_NS = 50 * us;
const ROUND_TRIP_NS = 2 * (SYN_NS + LATENCY_NS);

test("connect returns after one round trip and accept is ready half a one later", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const accept = listener.accept();
  const client = new TestSocket(net.kettle);
  const connect = client.connect("mirror", 80);
  net.run();
  assertEquals(connect.endedNs, ROUND_TRIP_NS);
  assertEquals(accept.endedNs, ROUND_TRIP_NS + ACK_NS + LATENCY_NS);
  const server = accept.value as TestSocket;
  const { network } = net.mirror;
  assertEquals(network.getsockname(server.object), {
    host: "mirror",
    port: 80,
  });
  assertEquals(network.getpeername(server.object), {
    host: "kettle",
    port: 32_768,
  });
  for (const socket of [client, server, listener]) socket.close();
  net.done();
});

test("the wire shows SYN, SYN+ACK and ACK with their sizes and arrival times", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  const sent = net.events("net_tx").map((event) =>
    event.kind === "net_tx"
      ? [event.at, event.info, event.bytes, event.arriveNs]
      : []
  );
  const half = SYN_NS + LATENCY_NS;
  assertEquals(sent, [
    [0, "kettle>mirror SYN", 78, half],
    [half, "mirror>kettle SYN+ACK", 78, 2 * half],
    [2 * half, "kettle>mirror ACK", 64, 2 * half + ACK_NS + LATENCY_NS],
  ]);
  assertEquals(net.events("net_rx").length, 3);
  client.close();
  listener.close();
  net.done();
});

test("the states of a whole connection are traced in order", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const accept = listener.accept();
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  client.close();
  net.run();
  (accept.value as TestSocket).close();
  net.run();
  const states = (machine: number) =>
    net.events("tcp_state").flatMap((event) =>
      event.kind === "tcp_state" && event.machine === machine
        ? [event.change]
        : []
    );
  assertEquals(states(0), [
    "CLOSED>SYN_SENT",
    "SYN_SENT>ESTABLISHED",
    "ESTABLISHED>FIN_WAIT1",
    "FIN_WAIT1>FIN_WAIT2",
    "FIN_WAIT2>CLOSED",
  ]);
  assertEquals(states(1), [
    "CLOSED>LISTEN",
    "CLOSED>SYN_RCVD",
    "SYN_RCVD>ESTABLISHED",
    "ESTABLISHED>CLOSE_WAIT",
    "CLOSE_WAIT>LAST_ACK",
    "LAST_ACK>CLOSED",
  ]);
  listener.close();
  net.done();
});

test("a port without a listener refuses after one round trip, and the socket can try again", () => {
  const net = makePair();
  const client = new TestSocket(net.kettle);
  const oneTrip = SYN_NS + ACK_NS + 2 * LATENCY_NS;
  const first = client.connect("mirror", 80);
  net.run();
  assertEquals([first.error, first.endedNs], ["ECONNREFUSED", oneTrip]);
  const second = client.connect("mirror", 80);
  net.run();
  assertEquals([second.error, second.endedNs], ["ECONNREFUSED", 2 * oneTrip]);
  const listener = listening(net.mirror, 80);
  const third = client.connect("mirror", 80);
  net.run();
  assertEquals(third.error, "");
  client.close();
  listener.close();
  net.done();
});

test("a full backlog drops the SYN, which is sent again at the exact times, until ETIMEDOUT at 131 s", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80, 1);
  const first = new TestSocket(net.kettle);
  first.connect("mirror", 80);
  net.run();
  const startNs = net.clock.now;
  const late = new TestSocket(net.kettle);
  const connect = late.connect("mirror", 80);
  net.run();
  const syns = net.events("net_tx").flatMap((event) =>
    event.kind === "net_tx" && event.info === "kettle>mirror SYN"
      ? [event.at - startNs]
      : []
  ).slice(1);
  assertEquals(syns, [0, ...SYN_RETRIES_NS]);
  assertEquals(syns.map((at) => at / s), [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
  assertEquals(connect.error, "ETIMEDOUT");
  assertEquals(connect.endedNs - startNs, 131 * s);
  const drops = net.events("net_drop");
  assertEquals(drops.length, 11);
  assertEquals(
    drops.map((event) => event.kind === "net_drop" && event.info)[0],
    "kettle>mirror SYN: backlog full",
  );
  for (const socket of [first, late, listener]) socket.close();
  net.done();
});

test("backlog n lets exactly n connections wait, and the others in at the next retry", () => {
  for (const backlog of [1, 2, 4]) {
    const net = makePair();
    const listener = listening(net.mirror, 80, backlog);
    const clients = Array.from(
      { length: 12 },
      () => new TestSocket(net.kettle),
    );
    const connects = clients.map((client) => client.connect("mirror", 80));
    net.run(900_000 * us);
    const atOnce = connects.filter((connect) => connect.ended);
    assertEquals(atOnce.length, backlog);
    assertEquals(listener.object.listener!.waiting, backlog);
    const accepted = Array.from({ length: 12 }, () => listener.accept());
    net.run();
    const later = connects.slice(backlog).map((connect) => connect.endedNs);
    assertEquals(later.every((at) => at > s && at < s + 200 * us), true);
    assertEquals(accepted.filter((accept) => accept.ended).length, 12);
    const servers = accepted.map((accept) => accept.value as TestSocket);
    for (const socket of [...clients, ...servers, listener]) socket.close();
    net.done();
  }
});

test("backlog 0 admits a connection only for an accept that waits", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80, 0);
  const client = new TestSocket(net.kettle);
  const connect = client.connect("mirror", 80);
  net.run(s / 2);
  assertEquals(connect.ended, false);
  const accept = listener.accept();
  net.run();
  assertEquals(connect.endedNs, s + ROUND_TRIP_NS);
  for (const socket of [client, accept.value as TestSocket, listener]) {
    socket.close();
  }
  net.done();
});

test("with the policy reset a full backlog refuses", () => {
  const net = makePair({ policy: "reset" });
  const listener = listening(net.mirror, 80, 1);
  const clients = [new TestSocket(net.kettle), new TestSocket(net.kettle)];
  const connects = clients.map((client) => client.connect("mirror", 80));
  net.run();
  assertEquals(connects.map((connect) => connect.error), ["", "ECONNREFUSED"]);
  for (const socket of [...clients, listener]) socket.close();
  net.done();
});

test("five accepts that wait get five clients in order of arrival", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80, 1);
  const accepts = Array.from({ length: 5 }, () => listener.accept());
  const clients = Array.from({ length: 5 }, () => new TestSocket(net.kettle));
  clients.forEach((client) => client.connect("mirror", 80));
  net.run();
  const servers = accepts.map((accept) => accept.value as TestSocket);
  const ports = servers.map((server) => {
    const peer = net.mirror.network.getpeername(server.object);
    return typeof peer === "string" ? peer : peer.port;
  });
  assertEquals(ports, [32_768, 32_769, 32_770, 32_771, 32_772]);
  for (const socket of [...clients, ...servers, listener]) socket.close();
  net.done();
});

test("accept with a full descriptor table fails and leaves the connection queued", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const waiting = listener.accept();
  listener.files.full = true;
  const client = new TestSocket(net.kettle);
  client.connect("mirror", 80);
  net.run();
  assertEquals(waiting.error, "EMFILE");
  assertEquals(listener.accept().error, "EMFILE");
  listener.files.full = false;
  const accept = listener.accept();
  assertEquals(accept.error, "");
  for (const socket of [client, accept.value as TestSocket, listener]) {
    socket.close();
  }
  net.done();
});

test("a connect that is withdrawn leaves no connection on either side", () => {
  for (const afterNs of [0, SYN_NS + LATENCY_NS, ROUND_TRIP_NS - 1]) {
    const net = makePair();
    const listener = listening(net.mirror, 80);
    const client = new TestSocket(net.kettle);
    const connect = client.connect("mirror", 80);
    net.run(afterNs);
    assertEquals(connect.withdraw("ETIME"), true);
    assertEquals(connect.error, "ETIME");
    net.run();
    assertEquals(listener.object.listener!.waiting, 0);
    assertEquals([...net.mirror.network.connections], []);
    const again = client.connect("mirror", 80);
    net.run();
    assertEquals(again.error, "");
    for (const socket of [client, listener]) socket.close();
    net.done();
  }
});

test("a peer that never answers is given up by the server after 63 s", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const client = new TestSocket(net.kettle);
  const connect = client.connect("mirror", 80);
  net.run(SYN_NS + LATENCY_NS);
  connect.abandon();
  net.kettle.network.powerOff();
  net.run();
  const answers = net.events("net_tx").filter((event) =>
    event.kind === "net_tx" && event.info === "mirror>kettle SYN+ACK"
  );
  assertEquals(answers.length, 6);
  assertEquals(net.clock.now, SYN_NS + LATENCY_NS + 63 * s);
  assertEquals([...net.mirror.network.connections], []);
  assertEquals(net.mirror.timers, 0);
  client.close();
  listener.close();
  net.done();
});

test("who is not at the end of a cable is not reachable", () => {
  const net = makePair();
  const client = new TestSocket(net.kettle);
  assertEquals(client.connect("nowhere", 80).error, "ENETUNREACH");
  client.close();
  net.done();
});

test("bind, listen and connect say what is wrong with them", () => {
  const net = makePair();
  const { network } = net.kettle;
  const listener = listening(net.kettle, 80);
  const other = new TestSocket(net.kettle);
  assertEquals(bind(other, { host: "", port: 80 }), "EADDRINUSE");
  assertEquals(bind(other, { host: "mirror", port: 81 }), "EADDRNOTAVAIL");
  assertEquals(bind(other, { host: "", port: 70_000 }), "EINVAL");
  assertEquals(bind(other, { host: "", port: 0 }), null);
  assertEquals(bind(other, { host: "", port: 82 }), "EINVAL");
  assertEquals(network.getpeername(other.object), "ENOTCONN");
  assertEquals(other.accept().error, "EINVAL");
  assertEquals(other.read().error, "ENOTCONN");
  assertEquals(other.write("x").error, "EPIPE");
  assertEquals(network.shutdown(other.object, "wr"), "ENOTCONN");
  assertEquals(network.listen(other.object, -1), "EINVAL");
  const connect = other.connect("localhost", 80);
  assertEquals(other.connect("localhost", 80).error, "EALREADY");
  net.run();
  assertEquals(connect.error, "");
  assertEquals(other.connect("localhost", 80).error, "EISCONN");
  assertEquals(network.listen(other.object, 1), "EINVAL");
  assertEquals(listener.connect("localhost", 80).error, "EISCONN");
  for (const socket of [other, listener]) socket.close();
  net.done();
});

test("a connection to itself is refused, not opened", () => {
  const net = makeNet(["kettle"]);
  const socket = new TestSocket(net.machines[0]!);
  bind(socket, { host: "", port: 80 });
  const connect = socket.connect("localhost", 80);
  net.run();
  assertEquals(connect.error, "ECONNREFUSED");
  socket.close();
  net.done();
});

test("an old connection of the same two ports is reset, and the next SYN gets in", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const from = { host: "", port: 5_000 };
  const first = new TestSocket(net.kettle);
  bind(first, from);
  first.connect("mirror", 80);
  net.run();
  const old = listener.accept().value as TestSocket;
  first.close();
  net.run(); // kettle waits 60 s for mirror's FIN, and forgets
  const second = new TestSocket(net.kettle);
  assertEquals(bind(second, from), null);
  const startNs = net.clock.now;
  const connect = second.connect("mirror", 80);
  net.run();
  assertEquals(old.object.connection!.state, "CLOSED");
  assertEquals(connect.endedNs - startNs, s + ROUND_TRIP_NS);
  for (const socket of [old, second, listener]) socket.close();
  net.done();
});

test("ports that are given out go round, and one in use is skipped", () => {
  const net = makeNet(["kettle"]);
  const [kettle] = net.machines;
  const listener = listening(kettle!, 80);
  const holder = new TestSocket(kettle!);
  bind(holder, { host: "", port: 32_769 });
  const used: number[] = [];
  for (let i = 0; i < 3; i++) {
    const client = new TestSocket(kettle!);
    client.connect("kettle", 80);
    net.run();
    used.push(client.object.local!.port);
    client.close();
  }
  assertEquals(used, [32_768, 32_770, 32_771]);
  holder.close();
  listener.close();
  net.done();
});

test("shutdown of a listener ends its accepts with EINVAL", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const accept = listener.accept();
  assertEquals(net.mirror.network.shutdown(listener.object, "rd"), null);
  assertEquals(accept.error, "EINVAL");
  assertEquals(listener.accept().error, "EINVAL");
  listener.close();
  net.done();
});

test("a listener whose descriptor is closed listens on while an accept waits", () => {
  const net = makePair();
  const listener = listening(net.mirror, 80);
  const accept: TestOperation = listener.accept();
  listener.close();
  const client = new TestSocket(net.kettle);
  const connect = client.connect("mirror", 80);
  net.run();
  assertEquals([connect.error, accept.error], ["", ""]);
  const late = new TestSocket(net.kettle);
  const refused = late.connect("mirror", 80);
  net.run();
  assertEquals(refused.error, "ECONNREFUSED");
  for (const socket of [client, late, accept.value as TestSocket]) {
    socket.close();
  }
  net.done();
});
