// Cables that lose, double and reorder frames: every stream still arrives once,
// in order and whole; what was lost is sent again when the RFCs say; and nothing
// is left behind.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import type { CableOptions, CableRule } from "../../kernel/net/mod.ts";
import { Reassembly } from "../../kernel/net/reassembly.ts";
import { RandomStream } from "../../kernel/random.ts";
import { conversation } from "./net_conversation.ts";
import { connected, makePair, ms, s, type TestSocket } from "./net_fixture.ts";

/** The sending end's segments and their times, in ms since the first. */
function exchange(bytes: number, options: CableOptions) {
  const net = makePair({ latencyNs: 10 * ms, ...options });
  const [client, server] = connected(net, net.kettle, net.mirror);
  const startNs = net.clock.now;
  const write = client.write(new Uint8Array(bytes).fill(7));
  const got = readAll(net, client, server);
  assertEquals(write.value, bytes);
  assertEquals(got, bytes);
  server.close();
  net.done();
  return net.events("net_tx").flatMap((event) => {
    const { info, at } = event as { info: string; at: number };
    if (!info.startsWith("kettle>mirror") || at < startNs) return [];
    return [{ info: info.slice(14), atMs: Math.round((at - startNs) / ms) }];
  });
}

function readAll(
  net: { run(): void },
  client: TestSocket,
  server: TestSocket,
): number {
  client.close();
  for (let total = 0;;) {
    const read = server.read();
    net.run();
    assertEquals(read.error, "");
    const { length } = read.value as Uint8Array;
    if (length === 0) return total;
    total += length;
  }
}

/** Drops these data segments of kettle, counted from 0. */
function dropping(...numbers: number[]): CableRule {
  let count = 0;
  return ({ from, what }) => {
    if (from !== "kettle" || !what.includes("bytes")) return "pass";
    return numbers.includes(count++) ? "drop" : "pass";
  };
}

test("a lost segment is sent again after 200 ms at least, or the measured round trip and four deviations", () => {
  const after = (latencyNs: number) =>
    exchange(500, { latencyNs, rule: dropping(0) })
      .filter(({ info }) => info.includes("bytes")).map(({ atMs }) => atMs);
  assertEquals(after(10 * ms), [0, 200]);
  assertEquals(after(100 * ms), [0, 600]); // 200 + 4 · 100
});

test("the time-out doubles each time nothing comes back", () => {
  const sent = exchange(500, { rule: dropping(0, 1, 2) })
    .filter(({ info }) => info.includes("bytes"));
  assertEquals(sent.map(({ atMs }) => atMs), [0, 200, 600, 1_400]);
});

test("three duplicate acknowledgements send the lost one again, without waiting for the time-out", () => {
  const sent = exchange(14_600, { rule: dropping(2) });
  const again = sent.filter(({ info }) => info.startsWith("1460"));
  assertEquals(again.length, 11);
  assertEquals(again.at(-1)!.atMs, 20); // one round trip
});

test("two lost in one window are repaired in two round trips", () => {
  const sent = exchange(14_600, { rule: dropping(2, 5) });
  const times = sent.filter(({ info }) => info.startsWith("1460"))
    .map(({ atMs }) => atMs);
  assertEquals(times.slice(10), [20, 40]);
});

test("a FIN that is lost comes again, and the connection ends in peace", () => {
  let fins = 0;
  const sent = exchange(100, {
    rule: ({ what, from }) =>
      from === "kettle" && what.includes("FIN") && fins++ < 1 ? "drop" : "pass",
  });
  assertEquals(sent.filter(({ info }) => info.includes("FIN")).length, 2);
});

test("slow start doubles what is on its way with each round trip", () => {
  const sent = exchange(60_000, {});
  const perTrip = new Map<number, number>();
  for (const { info, atMs } of sent) {
    if (!info.includes("bytes")) continue;
    const trip = Math.floor((atMs + 1) / 20);
    perTrip.set(trip, (perTrip.get(trip) ?? 0) + 1);
  }
  assertEquals([...perTrip.values()], [10, 20, 12]);
});

test("an acknowledgement of a window that opens may be lost: the sender asks", () => {
  const net = makePair({
    latencyNs: 1 * ms,
    rule: ({ from, number }) =>
      from === "mirror" && number > 44 && number < 50 ? "drop" : "pass",
  });
  const [client, server] = connected(net, net.kettle, net.mirror);
  const write = client.write(new Uint8Array(200_000));
  net.run(net.clock.now + 2 * s);
  assertEquals(write.ended, false);
  assertEquals(readAll(net, client, server), 200_000);
  server.close();
  net.done();
});

test("a path that is dead for good ends with ETIMEDOUT after fifteen tries", () => {
  const net = makePair({});
  const [client, server] = connected(net, net.kettle, net.mirror);
  net.cable.isCut = true;
  const startNs = net.clock.now;
  client.write("lost");
  const read = client.read();
  net.run();
  assertEquals(read.error, "ETIMEDOUT");
  const seconds = (net.clock.now - startNs) / s;
  assert(Math.abs(seconds - 924.6) < 0.1, `${seconds} s`); // Linux's tcp_retries2
  client.close();
  server.close();
  net.cable.isCut = false;
  net.run();
  net.done();
});

test("a cable that is cut and mended loses what was on it, and no byte of the stream", () => {
  const net = makePair({ latencyNs: 5 * ms });
  const [client, server] = connected(net, net.kettle, net.mirror);
  client.write(new Uint8Array(50_000));
  net.run(net.clock.now + 7 * ms);
  net.cable.isCut = true;
  net.run(net.clock.now + 3 * s);
  net.cable.isCut = false;
  assertEquals(readAll(net, client, server), 50_000);
  assert(net.events("net_drop").length > 0);
  server.close();
  net.done();
});

test("pieces that come early are kept once, whatever their order and overlap", () => {
  const random = new RandomStream(4, "pieces");
  for (let round = 0; round < 300; round++) {
    const length = 1 + random.integer(60);
    const whole = Uint8Array.from({ length }, (_, i) => i + 1);
    const early = new Reassembly();
    const got: number[] = [];
    for (let i = 0; i < 200 && got.length < length; i++) {
      const from = random.integer(length), to = from + 1 + random.integer(9);
      early.add(from, whole.slice(from, Math.min(to, length)));
      const bytes = early.take(got.length);
      if (bytes !== null) got.push(...bytes);
    }
    while (got.length < length) {
      const bytes = early.take(got.length) ??
        whole.slice(got.length, got.length + 1);
      got.push(...bytes);
    }
    assertEquals(got, [...whole]);
    while (early.take(length) !== null);
    assertEquals(early.length, 0);
  }
});

test("60 random conversations over cables that lose up to a fifth, double and reorder", () => {
  for (let seed = 1; seed <= 60; seed++) conversation(seed);
});
