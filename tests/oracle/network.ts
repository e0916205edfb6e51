// What the network is held against: Ethernet's arithmetic, the times and limits
// of Linux's TCP, runs of a listener's backlog on Linux 6.18. All of it is
// measured between two machines, from their programs and from what was on the
// wire; where the CPU is not the subject it costs nothing.

import {
  accept,
  clock,
  close,
  connect,
  ms,
  read,
  s,
  sendto,
  sleep,
  socket,
  type SocketOptions,
  SysError,
  thread,
  us,
  within,
  write,
} from "kettle";
import { wireNs } from "../../kernel/dev/nic.ts";
import {
  connection,
  eventsOf,
  type Frame,
  framesOf,
  listener,
  makePair,
  PORT,
  runBoth,
  sink,
  TO_FAR,
} from "./network_kit.ts";
import type { Row } from "./oracle.ts";

const GIGABIT = 1_000_000_000;
const MIB = 1_048_576;
const EXACT = { amount: 0 };

// ------------------------------------------------------------- the wire

/** Frames: bytes, and the µs that each takes at 1 Gb/s. */
const FRAMES: [string, number, number][] = [
  ["64 B (pure ACK)", 64, 0.672],
  ["78 B (SYN)", 78, 0.784],
  ["512 B", 512, 4.256],
  ["1518 B (full)", 1518, 12.304],
];
/** A payload whose frame has 512 bytes. */
const PAYLOAD_OF_512 = 512 - 40 - 18;

/** How long a single frame takes from the card to the far end, less the latency. */
export function frameTimes(): Row[] {
  return [GIGABIT, 10 * GIGABIT].flatMap((bitsPerSecond) => {
    const single = singleFrames(bitsPerSecond);
    return FRAMES.map(([name, bytes, us]) =>
      wireRow(
        `${name} on the wire`,
        bitsPerSecond,
        us * 1e3,
        single.get(bytes)!,
      )
    );
  });
}

/** The longest frame that Ethernet has; Kettle's own end at 1518 bytes. */
export function jumboTime(): Row[] {
  return [GIGABIT, 10 * GIGABIT].map((rate) =>
    wireRow("9018 B jumbo (formula)", rate, 72_304, wireNs(9018, rate))
  );
}

/** To the nearest ns. */
function wireRow(
  what: string,
  bitsPerSecond: number,
  atGigabitNs: number,
  measured: number,
): Row {
  const reference = Math.round(atGigabitNs * 1e3) * GIGABIT / bitsPerSecond /
    1e3;
  return {
    what: `${what}, ${bitsPerSecond / GIGABIT} Gb/s`,
    unit: "ns",
    reference,
    measured,
    tolerance: { amount: Number.isInteger(reference) ? 0 : 0.5 },
  };
}

/** Bytes of a frame → ns on the wire, of frames that find the wire free. */
function singleFrames(bitsPerSecond: number): Map<number, number> {
  const latencyNs = 20_000;
  const pair = makePair({ latencyNs, bitsPerSecond });
  runBoth(pair, function* () {
    const fd = yield* connection();
    for (const count of [PAYLOAD_OF_512, 1_460]) {
      yield* sleep(1 * ms);
      yield* write(fd, new Uint8Array(count));
    }
  }, sink);
  return new Map(
    framesOf(pair, pair.near).map(({ at, arriveNs, bytes }) => [
      bytes,
      arriveNs - at - latencyNs,
    ]),
  );
}

const BURSTS: [string, number, number][] = [
  ["1000 B", 1_000, 8.624],
  ["14,600 B (10 segments)", 14_600, 123.04],
  ["64 KiB (45 segments)", 65_536, 552.368],
  ["1 MiB (719 segments)", MIB, 8_837.264],
];

/** Bytes written at once: from the first bit on the wire to the last. */
export function bursts(): Row[] {
  return [GIGABIT, 10 * GIGABIT].flatMap((bitsPerSecond) =>
    BURSTS.map(([name, bytes, us]) => {
      const frames = burst(bytes, bitsPerSecond);
      const ns = frames.at(-1)!.arriveNs - LAN_NS - frames[0]!.at;
      return wireRow(name, bitsPerSecond, us * 1e3, ns);
    })
  );
}

/** So near that the first acknowledgement is back before ten segments are out. */
const LAN_NS = 1_000;

function burst(bytes: number, bitsPerSecond: number): Frame[] {
  const pair = makePair({ latencyNs: LAN_NS, bitsPerSecond });
  runBoth(pair, function* () {
    const fd = yield* connection();
    yield* sleep(1 * ms); // the acknowledgement of the handshake is through
    yield* write(fd, new Uint8Array(bytes));
  }, sink);
  return framesOf(pair, pair.near).filter(({ what }) => what.includes("bytes"));
}

const RATES: [string, number, number, number][] = [
  ["64 B frames", 64, 1_488_095, 14_880_952],
  ["78 B frames", 78, 1_275_510, 12_755_102],
  ["512 B frames", 512, 234_962, 2_349_624],
  ["1518 B frames", 1518, 81_274, 812_744],
];
/** Half a ns of the 33.5 µs that 499 of the shortest take at 10 Gb/s. */
const ROUNDING = 0.00002;

/** Datagrams as fast as the card takes them. */
export function packetRates(): Row[] {
  return RATES.flatMap(([name, bytes, slow, fast]) =>
    [[GIGABIT, slow], [10 * GIGABIT, fast]].map(([rate, reference]): Row => ({
      what: `${name} a second, ${rate! / GIGABIT} Gb/s`,
      unit: "/s",
      reference: reference!,
      measured: flood(bytes, rate!),
      tolerance: rate === GIGABIT ? { amount: 0.5 } : { share: ROUNDING },
    }))
  );
}

function flood(frameBytes: number, bitsPerSecond: number): number {
  const count = 500;
  const pair = makePair({ bitsPerSecond });
  runBoth(pair, function* () {
    const fd = yield* socket("datagram");
    const data = new Uint8Array(frameBytes - 28 - 18);
    for (let i = 0; i < count; i++) yield* sendto(fd, data, TO_FAR);
  }, function* () {});
  const frames = framesOf(pair, pair.near);
  const ns = frames.at(-1)!.arriveNs - frames[0]!.arriveNs;
  return (count - 1) / ns * 1e9;
}

/** One program writes, the other reads, the machines cost what they cost. */
export function goodput(megabytes = 16): Row[] {
  return [
    goodputRow(
      "goodput, 1 Gb/s, machines that cost nothing",
      megabytes,
      "none",
    ),
    goodputRow("goodput, 1 Gb/s, machines as they are", megabytes, {}),
  ];
}

function goodputRow(
  what: string,
  megabytes: number,
  costs: "none" | Record<string, never>,
): Row {
  const bytes = megabytes * 1e6;
  const pair = makePair({ costs });
  let startNs = 0, endNs = 0;
  runBoth(pair, function* () {
    const fd = yield* connection();
    startNs = yield* clock();
    const piece = new Uint8Array(65_536);
    for (let left = bytes; left > 0; left -= piece.length) {
      yield* write(fd, piece.subarray(0, Math.min(left, piece.length)));
    }
    yield* close(fd);
  }, function* () {
    const fd = yield* accept(yield* listener(1));
    while ((yield* read(fd, 65_536)).length > 0) endNs = yield* clock();
  });
  return {
    what,
    unit: "Mb/s",
    reference: 949.28,
    measured: bytes * 8 / (endNs - startNs) * 1e3,
    tolerance: { share: 0.01 },
  };
}

// ------------------------------------------------------------- opening

/** Connect, accept and the first byte, exact to the ns. */
export function handshake(latencyNs = 250_000): Row[] {
  const serviceNs = 3 * ms, request = 100, answer = 1_000;
  const pair = makePair({ latencyNs });
  const at = { connected: 0, accepted: 0, answered: 0 };
  runBoth(pair, function* () {
    const fd = yield* connection();
    at.connected = yield* clock();
    yield* write(fd, new Uint8Array(request));
    yield* read(fd, answer);
    at.answered = yield* clock();
  }, function* () {
    const fd = yield* accept(yield* listener(1));
    at.accepted = yield* clock();
    yield* read(fd, request);
    yield* sleep(serviceNs);
    yield* write(fd, new Uint8Array(answer));
  });
  const syn = 784, ack = 672, roundTrip = 2 * (latencyNs + syn);
  const there = ack + wireNs(request + 58, GIGABIT) + latencyNs;
  const back = wireNs(answer + 58, GIGABIT) + latencyNs;
  const row = (what: string, reference: number, measured: number): Row => ({
    what,
    unit: "ns",
    reference,
    measured,
    tolerance: EXACT,
  });
  return [
    row("connect returns: 1 round trip", roundTrip, at.connected),
    row(
      "accept returns: 1½ round trips",
      roundTrip + ack + latencyNs,
      at.accepted,
    ),
    row(
      "first byte: 2 round trips and 3 ms of service",
      roundTrip + there + serviceNs + back,
      at.answered,
    ),
  ];
}

const SYN_S = [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67];
const SYN_ACK_S = [0, 1, 3, 7, 15, 31];

/** Nobody answers: when the SYN is sent, and when connect gives up. */
export function synRetries(): Row[] {
  const pair = makePair({ loss: 1 });
  let gaveUp = { code: "", at: 0 };
  runBoth(pair, function* () {
    const fd = yield* socket();
    try {
      yield* connect(fd, TO_FAR);
    } catch (error) {
      gaveUp = { code: (error as SysError).code, at: yield* clock() };
    }
  }, function* () {});
  const syns = framesOf(pair, pair.near);
  return [
    countRow("SYNs in all", SYN_S.length, syns.length),
    ...SYN_S.map((at, i) => secondsRow(`SYN ${i + 1}`, at, syns[i]?.at)),
    secondsRow(`connect: ${gaveUp.code}`, 131, gaveUp.at),
  ];
}

/** The server's answers get lost: when it repeats them, and when it forgets. */
export function synAckRetries(): Row[] {
  const rule = ({ from }: { from: string }) =>
    from === "far" ? "drop" : undefined;
  const pair = makePair({ rule });
  runBoth(pair, function* () {
    const fd = yield* socket();
    try {
      yield* within(s / 2, connect(fd, TO_FAR));
    } catch { /* it would send its SYN again */ }
  }, function* () {
    yield* listener(1);
    yield* sleep(100 * s);
  });
  const answers = framesOf(pair, pair.far);
  const forgot = eventsOf(pair.world, "tcp_state")
    .find(({ change }) => change === "SYN_RCVD>CLOSED");
  const since = (event?: { at: number }) => (event?.at ?? NaN) - answers[0]!.at;
  return [
    countRow("SYN+ACKs in all", SYN_ACK_S.length, answers.length),
    ...SYN_ACK_S.map((at, i) =>
      secondsRow(`SYN+ACK ${i + 1}`, at, since(answers[i]))
    ),
    secondsRow("half-open connection forgotten", 63, since(forgot)),
  ];
}

function secondsRow(what: string, reference: number, atNs = NaN): Row {
  return { what, unit: "s", reference, measured: atNs / s, tolerance: EXACT };
}

function countRow(what: string, reference: number, measured: number): Row {
  return { what, unit: "", reference, measured, tolerance: EXACT };
}

/** Linux's backlog, when the server begins to accept, connected at once, the others at (s). */
const BACKLOGS: [number, number, number, number][] = [
  [0, 0.3, 1, 1.015],
  [2, 0.3, 3, 1.025],
  [4, 0.3, 5, 1.023],
  [4, 1.5, 5, 2.035],
  [4, 3.3, 5, 4.095],
];
const CLIENTS = 12;

/** Linux admits backlog + 1, Kettle backlog: its listen(n + 1) is Linux's listen(n). */
export function backlogs(): Row[] {
  return BACKLOGS.flatMap(([linux, acceptsAt, atOnce, later]) => {
    const connected = connectTimes(linux + 1, acceptsAt * s);
    const early = connected.filter((at) => at < 0.1);
    const late = connected.slice(early.length);
    const what = `listen(${linux}), accepts at ${acceptsAt} s`;
    const grid = { amount: 0.1 }; // Linux's timers are late by up to 95 ms
    return [
      countRow(`${what}: at once`, atOnce, early.length),
      ...[late[0], late.at(-1)].map((at, i): Row => ({
        what: `${what}: ${i === 0 ? "the next" : "the last"}`,
        unit: "s",
        reference: later,
        measured: at!,
        tolerance: grid,
      })),
    ];
  });
}

/**
 * When each of twelve connects returns on the loopback, s, in order. They begin
 * 50 µs apart, as threads do: of SYNs at one instant a listener takes as many as
 * it has places, for nobody can accept in between.
 */
function connectTimes(backlog: number, acceptsAtNs: number): number[] {
  const pair = makePair({});
  const times: number[] = [];
  runBoth(pair, function* () {}, function* () {
    const fd = yield* listener(backlog);
    for (let i = 0; i < CLIENTS; i++) {
      yield* thread(function* () {
        yield* sleep(i * 50 * us);
        const end = yield* socket();
        yield* connect(end, { host: "localhost", port: PORT });
        times.push((yield* clock()) / s);
      });
    }
    yield* sleep(acceptsAtNs);
    for (let i = 0; i < CLIENTS; i++) yield* accept(fd);
    yield* sleep(1 * s);
  });
  return times.sort((a, b) => a - b);
}

// ------------------------------------------------------------- slow start

/** Bytes → rounds: least r with 10 (2^r − 1) segments or more. */
const ROUNDS: [number, number][] = [
  [1_460, 1],
  [14_600, 1],
  [14_601, 2],
  [43_800, 2],
  [65_536, 3],
  [262_144, 5],
  [MIB, 7],
  [10 * MIB, 10],
];
const FAR_NS = 50 * ms;
/** Congestion alone decides, not the window. */
const WIDE: SocketOptions = {
  sendBufferBytes: 16 * MIB,
  receiveBufferBytes: 16 * MIB,
};

/** Rounds on the wire, and the time that they and the last flight's bits take. */
export function slowStart(): Row[] {
  return ROUNDS.flatMap(([bytes, rounds]) => {
    const { flights, ns } = transfer(bytes);
    const what = `${bytes.toLocaleString("en")} B`;
    return [
      countRow(`${what}: rounds`, rounds, flights),
      {
        what: `${what}: time`,
        unit: "ns",
        reference: roundsNs(bytes, rounds),
        measured: ns,
        tolerance: EXACT,
      },
    ];
  });
}

/** The question there and its acknowledgement; a full segment and its acknowledgement per round; the last flight. */
function roundsNs(bytes: number, rounds: number): number {
  const ack = 672, full = 12_304;
  const segments = Math.ceil(bytes / 1_460);
  const inLast = segments - 10 * (2 ** (rounds - 1) - 1);
  const short = wireNs(
    Math.max(bytes - (segments - 1) * 1_460 + 58, 64),
    GIGABIT,
  );
  const roundTripNs = 2 * FAR_NS + full + ack;
  return 2 * ack + 2 * FAR_NS + (rounds - 1) * roundTripNs +
    (inLast - 1) * full + short;
}

/** A question of one byte, an answer of so many: until the last of them is read. */
function transfer(bytes: number) {
  const pair = makePair({ latencyNs: FAR_NS });
  let startNs = 0, endNs = 0;
  runBoth(pair, function* () {
    const fd = yield* connection(WIDE);
    yield* sleep(1 * s);
    startNs = yield* clock();
    yield* write(fd, "?");
    for (let got = 0; got < bytes;) got += (yield* read(fd, bytes)).length;
    endNs = yield* clock();
  }, function* () {
    const fd = yield* accept(yield* listener(1, WIDE));
    yield* read(fd, 1);
    yield* write(fd, new Uint8Array(bytes));
  });
  const sent = framesOf(pair, pair.far)
    .filter(({ what }) => what.includes("bytes"));
  const firsts = sent.filter(({ at }, i) =>
    i === 0 || at - sent[i - 1]!.at > FAR_NS
  );
  return { flights: firsts.length, ns: endNs - startNs };
}

// ------------------------------------------------------------- Nagle

/** Two small writes and an answer to both: with both rules, and without. */
export function nagle(latencyNs = 250_000): Row[] {
  const both = smallWrites(latencyNs, { nodelay: false });
  const free = smallWrites(latencyNs, { nodelay: true });
  const row = (what: string, reference: number, measured: number): Row => ({
    what,
    unit: "ms",
    reference,
    measured: measured / ms,
    tolerance: EXACT,
  });
  // The first write there; the wait; its acknowledgement back; the second there, the answer back.
  const wire = 4 * latencyNs + 5 * 672;
  return [
    row("Nagle and a delayed ACK: the stall", 40 + (wire - 672) / ms, both),
    row("TCP_NODELAY: none", (2 * latencyNs + 3 * 672) / ms, free),
  ];
}

/** From the first write to the answer, ns. */
function smallWrites(latencyNs: number, options: SocketOptions): number {
  const pair = makePair({ latencyNs });
  let ns = 0;
  runBoth(pair, function* () {
    const fd = yield* connection(options);
    yield* sleep(1 * s);
    const startNs = yield* clock();
    yield* write(fd, "head");
    yield* write(fd, "tail");
    yield* read(fd, 4);
    ns = (yield* clock()) - startNs;
  }, function* () {
    const fd = yield* accept(yield* listener(1, { delayedAck: true }));
    for (let got = 0; got < 8;) got += (yield* read(fd, 8)).length;
    yield* write(fd, "done");
    yield* read(fd, 1);
  });
  return ns;
}
