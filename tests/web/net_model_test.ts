// The network as the trace tells of it: made events whose every time is known, and
// real runs, where the model and the kernel's own network must agree.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import {
  accept,
  bind,
  close,
  connect,
  listen,
  ms,
  read,
  sendto,
  sleep,
  socket,
  spawn,
  write,
} from "../../mod.ts";
import { type Machine, World } from "../../kernel/mod.ts";
import type { TraceEvent } from "../../kernel/trace.ts";
import {
  type NetMap,
  NetModel,
  type NetView,
} from "../../web/network/net_model.ts";
import {
  bytesWords,
  headerWords,
  netCounts,
  netSentence,
  packetWords,
  queueWords,
} from "../../web/network/net_words.ts";
import { made } from "./made_events.ts";

const LATENCY = 75_000_000;
const MAP: NetMap = {
  machines: ["kettle", "www"],
  switches: [],
  cables: [{
    id: 0,
    ends: ["kettle", "www"],
    latencyNs: LATENCY,
    bitsPerSecond: 1e9,
  }],
};
/** 1480 bytes and the gap at 1 Gb/s. */
const WIRE = 12_000;

interface Sent {
  at: number;
  info?: string;
  machine?: number;
  arriveNs?: number;
  sequence?: number;
}

function tx(
  { at, info = "kettle>www 1422 bytes", machine = 0, ...more }: Sent,
) {
  return packet("net_tx", at, machine, info, {
    arriveNs: at + WIRE + LATENCY,
    ...more,
  });
}

function packet(
  kind: "net_tx" | "net_rx" | "net_drop",
  at: number,
  machine: number,
  info: string,
  more: object = {},
): TraceEvent {
  const [event] = made([[at, 0, kind, {
    cable: 0,
    bytes: 1480,
    info,
    fromPort: 32768,
    toPort: 80,
    sequence: 1000,
    acknowledgement: 0,
    window: 65535,
    ...more,
  }]]);
  return { ...event!, machine, seq: at } as TraceEvent;
}

function at(now: number, events: TraceEvent[]): NetView {
  const model = new NetModel(MAP);
  for (const event of events) model.add(event);
  return model.at(now);
}

test("a packet's bits are put on the wire, travel for the latency, and wait to be taken", () => {
  const events = [tx({ at: 1_000 })];
  const places = [1_000, 1_000 + WIRE, 1_000 + WIRE + LATENCY / 2]
    .map((now) => at(now, events).ways[0]!.groups[0]!)
    .map(({ tail, head }) => [tail, head]);
  assertEquals(places, [[0, 0], [0, WIRE / LATENCY], [
    0.5,
    0.5 + WIRE / LATENCY,
  ]]);
  const there = at(1_000 + WIRE + LATENCY, events).ways[0]!;
  assertEquals([there.travelling, there.arrived], [0, 1]);
  const taken = packet(
    "net_rx",
    1_500 + WIRE + LATENCY,
    1,
    "kettle>www 1422 bytes",
  );
  const after = at(taken.at, [...events, taken]);
  assertEquals([after.ways[0]!.arrived, after.received], [0, 1]);
});

test("packets sent at once leave one after another: the others wait in the ring", () => {
  const events = [0, 1, 2].map((i) =>
    tx({ at: 5, arriveNs: 5 + (i + 1) * WIRE + LATENCY, sequence: i })
  );
  const [way] = at(5 + WIRE + 10, events).ways;
  assertEquals([way!.travelling, way!.queued], [2, 1]);
  assertEquals(way!.nextNs, LATENCY - 10);
});

test("packets that are near each other are one mark with a count; each is told by itself", () => {
  const events = Array.from(
    { length: 300 },
    (_, i) => tx({ at: i * WIRE, sequence: i }),
  );
  const [way] = at(60_000_000, events).ways;
  assertEquals(way!.travelling, 300);
  assertEquals(way!.groups.map(({ count, kinds }) => [count, kinds]), [[
    300,
    ["data"],
  ]]);
  assertEquals(way!.flights.length, 12);
  assertEquals(way!.flights[0]!.sequence, 0);
  const mixed = [
    tx({ at: 0, info: "kettle>www SYN" }),
    tx({ at: 1, info: "kettle>www ACK" }),
  ];
  assertEquals(at(2 * WIRE, mixed).ways[0]!.groups[0]!.kinds, ["syn", "ack"]);
  const apart = [tx({ at: 0 }), tx({ at: 30_000_000 })];
  assertEquals(at(40_000_000, apart).ways[0]!.groups.length, 2);
});

test("what is lost is counted with why, shown as lost for a moment, and no longer on its way", () => {
  const lostAt = WIRE + LATENCY;
  const events = [
    tx({ at: 0 }),
    packet("net_drop", lostAt, 1, "kettle>www 1422 bytes: lost on the cable"),
  ];
  const view = at(lostAt + 1, events);
  assertEquals([view.ways[0]!.lost, view.ways[0]!.arrived], [[
    "lost on the cable",
  ], 0]);
  assertEquals(at(lostAt + LATENCY, events).ways[0]!.lost, []);
  assertEquals(netCounts(view), [
    ["cables", "1 sent, 0 taken in"],
    ["dropped", "1: lost on the cable"],
  ]);
});

test("of two packets alike only the one that has arrived is taken", () => {
  const info = "kettle>www UDP 1422 bytes";
  const events = [
    tx({ at: 0, info }),
    tx({ at: 50_000_000, info }),
    packet("net_rx", WIRE + LATENCY, 1, info),
    packet("net_drop", WIRE + LATENCY, 1, `${info}: no such port`),
  ];
  const [way] = at(WIRE + LATENCY, events).ways;
  assertEquals([way!.travelling, way!.arrived], [1, 0]);
});

test("without power the sender's bits end, and the receiver's ring is empty", () => {
  const off = (machine: number, at: number) =>
    ({ ...made([[at, 0, "machine_off"]])[0]!, machine }) as TraceEvent;
  const half = at(WIRE, [tx({ at: 0 }), tx({ at: 1 }), off(0, WIRE - 1)]);
  assertEquals([half.ways[0]!.travelling, half.hosts[0]!.isOn], [0, false]);
  const late = WIRE + LATENCY + 5;
  assertEquals(at(late, [tx({ at: 0 }), off(1, late)]).ways[0]!.arrived, 0);
});

test("behind a switch the trace says nothing: what arrives there is gone from the cable", () => {
  const model = new NetModel({
    machines: ["kettle"],
    switches: ["www"],
    cables: MAP.cables,
  });
  model.add(tx({ at: 0 }));
  assertEquals(model.at(WIRE + LATENCY - 1).ways[0]!.travelling, 1);
  assertEquals(model.at(WIRE + LATENCY).ways[0]!.arrived, 0);
});

test("the sentence says what is on the way, what to try before, what waits in rings", () => {
  assertStringIncludes(netSentence(at(0, [])), "try curl http://www/");
  const one = [tx({ at: 0 })];
  assertEquals(
    netSentence(at(WIRE, one)),
    "1 packet is on the way; it arrives at www in 75.0 ms.",
  );
  assertEquals(
    netSentence(at(WIRE + LATENCY, one)),
    "1 waits to be taken from a card.",
  );
  const two = [tx({ at: 0 }), tx({ at: 0, sequence: 2 })];
  assertStringIncludes(netSentence(at(1, two)), "1 waits to be put on a cable");
  const looped = packet("net_tx", 0, 0, "kettle>kettle SYN", { cable: -1 });
  assertStringIncludes(netSentence(at(1, [looped])), "1 has gone round inside");
});

test("a packet's header is told as it is on the wire", () => {
  const words = (info: string) =>
    Object.fromEntries(
      headerWords(at(1, [tx({ at: 0, info })]).ways[0]!.flights[0]!, 1),
    );
  assertEquals(words("kettle>www SYN"), {
    packet: "SYN",
    from: "kettle:32768",
    to: "www:80",
    sequence: "1,000",
    window: "65,535",
    frame: "1,480 bytes",
    "sent at": "0.000 ms",
    "arrives at": "75.012 ms",
  });
  assertEquals(words("kettle>www 80 bytes+FIN").packet, "FIN, 80 bytes");
  assertEquals(words("kettle>www 80 bytes").acknowledges, "0");
  const ping = words("kettle>www echo request 56 bytes");
  assertEquals([ping.packet, ping.from, ping.window], [
    "echo request",
    "kettle",
    undefined,
  ]);
});

// ------------------------------------------------------------- real runs

function mapOf(world: World): NetMap {
  return {
    machines: world.machines.map(({ name }) => name),
    switches: world.switches.map(({ name }) => name),
    cables: world.cables.map(({ id, ends, latencyNs, bitsPerSecond }) => ({
      id,
      ends: [ends[0].machine.name, ends[1].machine.name],
      latencyNs,
      bitsPerSecond,
    })),
  };
}

interface Net {
  world: World;
  kettle: Machine;
  www: Machine;
  model: NetModel;
  /** All events so far, folded; the network now. */
  view(): NetView;
}

function network(options: { loss?: number; latencyNs?: number } = {}): Net {
  const world = new World();
  const kettle = world.boot({ name: "kettle" });
  const www = world.boot({ name: "www" });
  world.cable(kettle, www, { latencyNs: 1 * ms, ...options });
  const model = new NetModel(mapOf(world));
  let seen = 0;
  const view = () => {
    for (const event of world.trace.events(seen)) model.add(event);
    seen = world.trace.length;
    return model.at(world.now);
  };
  return { world, kettle, www, model, view };
}

const TO = { host: "www", port: 80 };

/** Listens, and accepts after a while; then reads nothing for a while. */
function* server(backlog: number, afterNs: number, thenNs: number) {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, backlog);
  yield* sleep(afterNs);
  while (true) {
    const fd = yield* accept(listener);
    yield* sleep(thenNs);
    while ((yield* read(fd, 65536)).length > 0);
    yield* close(fd);
  }
}

function* client(bytes: number, thenNs = 0) {
  const fd = yield* socket();
  yield* connect(fd, TO);
  yield* write(fd, new Uint8Array(bytes));
  yield* sleep(thenNs);
  yield* close(fd);
}

/** Each end of each connection as the kernels have it: where, and its state. */
function ends(machines: Machine[]): string[] {
  return machines.flatMap(({ name, network }) =>
    [...network.connections].map(({ local, state }) =>
      `${name}:${local.port} ${state}`
    )
  ).sort();
}

/** The same as the model has it. */
function endsOf(connections: NetView["connections"]): string[] {
  return connections.flatMap(({ client, server }) => [client, server])
    .filter(({ state }) => state !== "gone" && state !== "nothing yet")
    .map(({ host, port, state }) => `${host}:${port} ${state}`).sort();
}

test("on a real run the packets of the model are those of the cards, and its ends those of the kernels, at every moment", () => {
  const { world, kettle, www, view } = network({ loss: 0.05 });
  www.spawn(function* main() {
    yield* server(4, 0, 0);
  });
  for (let i = 0; i < 3; i++) kettle.spawn(() => client(60_000));
  const [card] = www.network.nics;
  let moments = 0, travelled = 0;
  while (world.step() && world.now < 3e9) {
    const { ways, connections } = view();
    assertEquals(ways[0]!.arrived, card!.received, `at ${world.now}`);
    assertEquals(endsOf(connections), ends([kettle, www]), `at ${world.now}`);
    travelled = Math.max(travelled, ways[0]!.travelling);
    moments++;
  }
  assert(moments > 300 && travelled > 10, `${moments} ${travelled}`);
  const { ways, sent, received, drops, connectionCount } = view();
  assertEquals(ways.map(({ travelling, queued }) => travelling + queued), [
    0,
    0,
  ]);
  assertEquals(
    sent - received,
    drops.reduce((sum, [, count]) => sum + count, 0),
  );
  assert(drops.length > 0);
  assertEquals(connectionCount, 0);
});

test("who listens is told with the backlog, who waits in it, and who was turned away", () => {
  const { world, kettle, www, view } = network();
  www.spawn(() => server(2, 1e9, 0));
  world.run({ untilNs: 1 * ms });
  assertEquals(
    view().listeners.map(({ machine, port, waiting, backlog }) => [
      machine,
      port,
      waiting,
      backlog,
    ]),
    [["www", 80, 0, 2]],
  );
  for (let i = 0; i < 4; i++) kettle.spawn(() => client(10));
  world.run({ untilNs: 2 * ms + 100_000 });
  assertEquals(view().listeners[0]!.halfOpen, 2);
  assertStringIncludes(queueWords(view().listeners[0]!), "0 of 2, 2 half open");
  world.run({ untilNs: 100 * ms });
  const [full] = view().listeners;
  assertEquals([full!.waiting, full!.halfOpen, full!.turnedAway], [2, 0, 2]);
  world.run({ untilNs: 3e9 });
  const [empty] = view().listeners;
  assertEquals([empty!.waiting, empty!.turnedAway], [0, 2]);
});

test("a connection is told from both ends: states, bytes under way, bytes to be read", () => {
  const { world, kettle, www, view } = network();
  www.spawn(() => server(4, 0, 1e9));
  world.run({ untilNs: 1 * ms });
  kettle.spawn(() => client(20_000, 1e9));
  const states = new Set<string>();
  while (world.now < 6 * ms && world.step()) {
    for (const { client, server } of view().connections) {
      states.add(`${client.state} ${server.state}`);
    }
  }
  assertEquals([...states], [
    "SYN_SENT nothing yet",
    "SYN_SENT SYN_RCVD",
    "ESTABLISHED SYN_RCVD",
    "ESTABLISHED ESTABLISHED",
  ]);
  const [{ client: end, server: peer }] = view().connections as [
    NetView["connections"][0],
  ];
  assertEquals([end.host, peer.host, peer.port], ["kettle", "www", 80]);
  assert(end.unacknowledged + peer.unread > 20_000 - 1460);
  world.run({ untilNs: 100 * ms });
  const [rest] = view().connections;
  assertEquals(rest!.client.unacknowledged, 0);
  assertEquals(rest!.server.unread, 20_000);
  assertEquals(bytesWords(rest!), "www: 20,000 to read");
  world.run({ untilNs: 3e9 });
  assertEquals(view().connectionCount, 0);
});

test("a SYN and a FIN are no bytes under way", () => {
  const { world, kettle, www, view } = network();
  www.spawn(() => server(4, 0, 1e9));
  world.run({ untilNs: 1 * ms });
  kettle.spawn(() => client(0));
  const words = new Set<string>();
  while (world.now < 1e9 && world.step()) {
    for (const each of view().connections) words.add(bytesWords(each));
  }
  assertEquals([...words], [""]);
});

test("a connection that is refused leaves nothing behind, nor does one inside a machine", () => {
  const { world, kettle, view } = network();
  kettle.spawn(function* main() {
    const fd = yield* socket();
    try {
      yield* connect(fd, TO);
    } catch {
      // refused
    }
    yield* spawn(() => server(4, 0, 0), []);
    yield* sleep(1 * ms);
    const inside = yield* socket();
    yield* connect(inside, { host: "localhost", port: 80 });
    yield* close(inside);
    yield* sleep(1 * ms);
  });
  world.run({ untilNs: 1e9 });
  const found = view();
  assertEquals([found.connectionCount, found.sent], [0, 2]);
  assert(found.looped > 4, String(found.looped));
  assertEquals(found.listeners.map(({ machine }) => machine), ["kettle"]);
});

test("a datagram nobody wants is a drop with its reason", () => {
  const { world, kettle, view } = network();
  kettle.spawn(function* main() {
    const fd = yield* socket("datagram");
    yield* sendto(fd, "x", { host: "www", port: 9 });
  });
  world.run({ untilNs: 500_000 });
  const [flight] = view().ways[0]!.flights;
  assertEquals(packetWords(flight!), "UDP, 1 bytes");
  world.run({ untilNs: 1e9 });
  assertEquals(view().drops, [["no such port", 1]]);
});
