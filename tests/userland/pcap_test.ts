// The file that tcpdump -w writes, read again by a reader that knows only the
// formats (pcap, IEEE 802.3, RFC 791, 768, 792, 9293), refuses what they do not
// allow, and adds up every checksum. It is held against the kernel's own trace.

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Program, sendto, sleep, socket } from "../../mod.ts";
import type { TraceEvent } from "../../kernel/mod.ts";
import { TRACE, Trace } from "../../kernel/trace.ts";
import { checksum } from "../../userland/lib/pcap.ts";
import { binFiles, newMachine } from "./programs.ts";

const SECOND_NS = 1_000_000_000;
/** 18 September 2012, 10:00:00 UTC. */
const BOOT_EPOCH_S = Date.UTC(2012, 8, 18, 10) / 1000;

// ------------------------------------------------------------- the reader

interface Read {
  /** Virtual ns. */
  at: number;
  from: string;
  to: string;
  protocol: number;
  /** Frame without its checksum. */
  frameBytes: number;
  rest: DataView;
}

function readPcap(file: Uint8Array): Read[] {
  const view = viewOf(file);
  assertEquals(view.getUint32(0, true), 0xa1b23c4d, "magic");
  assertEquals([view.getUint16(4, true), view.getUint16(6, true)], [2, 4]);
  assertEquals([view.getInt32(8, true), view.getUint32(12, true)], [0, 0]);
  const snap = view.getUint32(16, true);
  assertEquals(view.getUint32(20, true), 1, "Ethernet");
  const packets: Read[] = [];
  let at = 24;
  while (at < file.length) {
    const [epochS, ns] = [
      view.getUint32(at, true),
      view.getUint32(at + 4, true),
    ];
    const [kept, was] = [
      view.getUint32(at + 8, true),
      view.getUint32(at + 12, true),
    ];
    assert(ns < SECOND_NS && kept === was && kept <= snap);
    const frame = file.subarray(at + 16, at + 16 + kept);
    assertEquals(frame.length, kept, "the last record is cut off");
    const time = (epochS - BOOT_EPOCH_S) * SECOND_NS + ns;
    packets.push({ at: time, ...readFrame(frame) });
    at += 16 + kept;
  }
  return packets;
}

function readFrame(frame: Uint8Array): Omit<Read, "at"> {
  assert(frame.length >= 60 && frame.length <= 1514);
  const view = viewOf(frame);
  assertEquals(view.getUint16(12), 0x0800, "IPv4");
  const ip = frame.subarray(14);
  assertEquals(ip[0], 0x45);
  const total = view.getUint16(16);
  assert(total <= ip.length);
  assert(ip.subarray(total).every((byte) => byte === 0), "padding");
  assert(total + 14 === frame.length || frame.length === 60);
  assertEquals(onesSum(ip.subarray(0, 20)), 0xffff, "IP checksum");
  assertEquals(view.getUint16(20) & 0xbfff, 0, "no fragment");
  assert(ip[8]! > 0, "time to live");
  const [from, to] = [ip.subarray(12, 16), ip.subarray(16, 20)];
  // Who sends is who the frame is from.
  assertEquals([...frame.subarray(0, 6)], [2, 0, 0, 0, to[2], to[3]]);
  assertEquals([...frame.subarray(6, 12)], [2, 0, 0, 0, from[2], from[3]]);
  const rest = ip.subarray(20, total);
  const protocol = ip[9]!;
  const pseudo = [
    ...from,
    ...to,
    0,
    protocol,
    rest.length >> 8,
    rest.length & 255,
  ];
  const covered = protocol === 1 ? rest : new Uint8Array([...pseudo, ...rest]);
  assertEquals(onesSum(covered), 0xffff, "checksum");
  return {
    from: from.join("."),
    to: to.join("."),
    protocol,
    frameBytes: frame.length,
    rest: viewOf(rest),
  };
}

/** Ones' complement sum, word by word with the carry added at once. */
function onesSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// ------------------------------------------------------------- runs

/** What tcpdump on kettle saved of a command there, and the kernel's trace. */
function captured(command: string, options: { loss?: number } = {}) {
  const { world, machine } = newMachine();
  const mirror = world.boot({ name: "mirror", files: binFiles() });
  world.cable(machine, mirror, options);
  mirror.spawn("/bin/sh", ["-c", "nc -lk 80 </bin/nc >/dev/null"]);
  const dump = machine.spawn("/bin/tcpdump", ["-w", "/tmp/p"]);
  const run = (ns: number) => world.run({ untilNs: world.now + ns });
  run(SECOND_NS);
  const fromSeq = world.trace.length;
  const client = machine.spawn("/bin/sh", ["-c", command]);
  world.run({ until: client, budgetNs: 100 * SECOND_NS });
  machine.spawn(chatter, []);
  run(2 * SECOND_NS);
  machine.spawn("/bin/kill", ["-INT", String(dump.pid)]);
  world.run({ until: dump, budgetNs: SECOND_NS });
  assertEquals(dump.exit, { status: 0 });
  world.run({ until: machine.spawn("/bin/sync", []) });
  const events = [...world.trace.events(fromSeq)].filter((event) =>
    event.machine === 0 && (event.kind === "net_tx" || event.kind === "net_rx")
  ) as (TraceEvent & { kind: "net_tx" })[];
  return { packets: readPcap(machine.files.peek("/tmp/p")!), events, dump };
}

/** A datagram and an echo. */
function* chatter(): Program {
  const udp = yield* socket("datagram");
  yield* sendto(udp, "an odd number", { host: "mirror", port: 53 });
  const echo = yield* socket("echo");
  yield* sendto(echo, new Uint8Array(57), { host: "mirror", port: 0 });
  yield* sleep(SECOND_NS);
}

const TCP = 6, UDP = 17, ICMP = 1;

test("every packet that the card sent or got is in the file, at its time, in its size", () => {
  const { packets, events, dump } = captured(
    "nc mirror 80 </bin/sh >/dev/null",
  );
  assert(packets.length > 20, `${packets.length}`);
  assertEquals(packets.length, events.length);
  packets.forEach(({ at, frameBytes, from, to, protocol, rest }, i) => {
    const { bytes, info, fromPort, toPort, ...event } = events[i]!;
    assertEquals(at, event.at);
    assertEquals(frameBytes + 4, bytes, "frame and its checksum");
    const isOut = info.startsWith("kettle>mirror");
    assertEquals(
      [from, to],
      isOut ? ["10.0.0.1", "10.0.0.2"] : ["10.0.0.2", "10.0.0.1"],
    );
    if (protocol === ICMP) return;
    assertEquals([rest.getUint16(0), rest.getUint16(2)], [fromPort, toPort]);
    if (protocol === UDP) return;
    assertEquals(rest.getUint32(4), event.sequence % 2 ** 32);
    assertEquals(rest.getUint32(8), event.acknowledgement % 2 ** 32);
    assertEquals(rest.getUint16(14), Math.min(event.window, 65_535));
  });
  assertEquals(
    dump.stderr.split("\n")[1],
    `${packets.length} packets captured`,
  );
});

test("flags, options and lengths of TCP are those of the segments", () => {
  const { packets, events } = captured("nc mirror 80 </bin/cat >/dev/null");
  const kinds = new Set<string>();
  packets.forEach(({ protocol, rest }, i) => {
    if (protocol !== TCP) return;
    const what = events[i]!.info.split(" ").slice(1).join(" ");
    const [offset, flags] = [rest.getUint8(12) >> 4, rest.getUint8(13)];
    const length = rest.byteLength - offset * 4;
    const names = ["FIN", "SYN", "RST", "PSH", "ACK"]
      .filter((_, bit) => flags & 1 << bit);
    const isSyn = names.includes("SYN");
    assertEquals(offset, isSyn ? 10 : 5);
    // Kind 2, length 4, 1460: the largest segment.
    if (isSyn) assertEquals(rest.getUint32(20), 0x020405b4);
    const said = length > 0
      ? `${length} bytes${names.includes("FIN") ? "+FIN" : ""}`
      : names.join("+");
    assertEquals(said, what);
    kinds.add(length > 0 ? "bytes" : said);
  });
  assertEquals([...kinds].sort(), [
    "ACK",
    "FIN+ACK",
    "SYN",
    "SYN+ACK",
    "bytes",
  ]);
});

test("a stream in the file is whole: its numbers follow one another from SYN to FIN, losses and all", () => {
  const { packets } = captured("cat /bin/* | nc mirror 80", { loss: 0.05 });
  const next = new Map<string, number>();
  let again = 0;
  for (const { from, protocol, rest } of packets) {
    if (protocol !== TCP) continue;
    const sequence = rest.getUint32(4);
    const flags = rest.getUint8(13);
    const length = rest.byteLength - (rest.getUint8(12) >> 4) * 4 +
      (flags & 1) + (flags >> 1 & 1);
    const expected = next.get(from) ?? sequence;
    // What comes in may have a hole before it; what goes out has none.
    if (from === "10.0.0.1") assert(sequence <= expected);
    if (sequence < expected && length > 0) again++;
    next.set(from, Math.max(expected, sequence + length));
  }
  assert(again > 0, "something was sent twice");
});

test("datagrams and echoes are in the file", () => {
  const { packets } = captured("true");
  const udp = packets.find(({ protocol }) => protocol === UDP)!;
  assertEquals(udp.rest.getUint16(2), 53);
  assertEquals(udp.rest.getUint16(4), 8 + 13);
  assertEquals(udp.rest.byteLength, 8 + 13);
  const echoes = packets.filter(({ protocol }) => protocol === ICMP);
  assertEquals(echoes.map(({ rest }) => rest.getUint8(0)), [8, 0]);
  assertEquals(echoes.map(({ rest }) => rest.byteLength), [8 + 57, 8 + 57]);
});

test("the checksum is that of the example in RFC 1071", () => {
  const bytes = new Uint8Array([0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7]);
  assertEquals(checksum(bytes), ~0xddf2 & 0xffff);
});

test("the trace keeps a header to its last bit, and it counts for the hash", () => {
  const header = [65_535, 65_534, 2 ** 53 - 1, 2 ** 40 + 1, 65_536] as const;
  const traceOf = (...numbers: [number, number, number, number, number]) => {
    const trace = new Trace();
    trace.append(TRACE.note, 1, 0, 0, 0, 0, 0, 0, 0, "before");
    trace.append(TRACE.net_rx, 2, 0, 0, 0, 0, 3, 64, 0, "a>b ACK");
    trace.addHeader(...numbers);
    trace.append(TRACE.net_rx, 3, 0, 0, 0, 0, 3, 64, 0, "a>b strange");
    return trace;
  };
  const [, packet, without] = [...traceOf(...header).events()];
  const { fromPort, toPort, sequence, acknowledgement, window } = packet as
    & TraceEvent
    & { kind: "net_rx" };
  assertEquals(
    [fromPort, toPort, sequence, acknowledgement, window],
    [...header],
  );
  assertEquals((without as TraceEvent & { kind: "net_rx" }).toPort, 0);
  const { hash } = traceOf(...header);
  header.forEach((_, i) => {
    const other = [...header] as [number, number, number, number, number];
    other[i]! -= 1;
    assertNotEquals(traceOf(...other).hash, hash);
  });
});
