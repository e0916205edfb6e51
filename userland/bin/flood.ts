// flood [-r RATE] [-m MS] [-s BYTES] HOST:PORT | flood -l [-m MS] PORT:
// sends datagrams at an even rate, whatever becomes of them; or receives them and
// tells how many a second came. With it a machine is offered more than it can
// take: see worlds/livelock.json.

import {
  bind,
  clock,
  ms,
  print,
  type Program,
  recvfrom,
  type Routine,
  s,
  sendto,
  sleep,
  socket,
  SysError,
  within,
} from "kettle";
import { count, options, usageError } from "../lib/args.ts";

const USAGE = {
  name: "flood",
  synopsis: "[-r RATE] [-m MS] [-s BYTES] HOST:PORT | -l [-m MS] PORT",
  about: "Sends datagrams at a rate, or (-l) counts those that come.",
  options: {
    "-r RATE": "datagrams a second: 100000 if not given",
    "-m MS": "for so many milliseconds: 1000 if not given",
    "-s BYTES": "in each: 18, the smallest frame, if not given",
    "-l": "receive, and tell ten times how many come",
  },
  trouble: 2,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [where, ...more] = operands;
  if (where === undefined || more.length > 0) {
    yield* usageError(USAGE, "one place, please");
  }
  const lastsNs = (yield* count(USAGE, given.m, 1000)) * ms;
  const [, host, port] = /^(?:(.*):)?(\d+)$/.exec(where!) ?? [];
  if (port === undefined) yield* usageError(USAGE, `no port in '${where}'`);
  if (lastsNs === 0) yield* usageError(USAGE, "in 0 ms nothing is sent");
  if (given.l) return yield* receive(Number(port), lastsNs);
  const rate = yield* count(USAGE, given.r, 100_000);
  const bytes = yield* count(USAGE, given.s, 18);
  if (rate === 0) yield* usageError(USAGE, "a rate of 0 sends nothing");
  const to = { host: host ?? "localhost", port: Number(port) };
  return yield* send(to, rate, bytes, lastsNs);
}

/** Each at its time; who is late sends without a pause until it is not. */
function* send(
  to: { host: string; port: number },
  rate: number,
  bytes: number,
  lastsNs: number,
): Program {
  const fd = yield* socket("datagram");
  const data = new Uint8Array(bytes);
  const start = yield* clock();
  const total = Math.round(rate * lastsNs / s);
  for (let sent = 0; sent < total; sent++) {
    const until = start + Math.round(sent * s / rate);
    if ((yield* clock()) < until) yield* sleep({ until });
    yield* sendto(fd, data, to);
  }
  const took = (yield* clock()) - start;
  yield* print(`sent ${total} in ${(took / s).toFixed(3)} s`);
}

/** A line for each tenth of the time, and the sum. */
function* receive(port: number, lastsNs: number): Program {
  const fd = yield* socket("datagram");
  yield* bind(fd, { host: "", port });
  const start = yield* clock();
  let total = 0;
  for (let tenth = 1; tenth <= 10; tenth++) {
    const until = start + Math.round(tenth * lastsNs / 10);
    const came = yield* receiveUntil(fd, until);
    total += came;
    yield* print(`${Math.round(came * 10 * s / lastsNs)} a second`);
  }
  yield* print(`received ${total}`);
}

function* receiveUntil(fd: number, until: number): Routine<number> {
  let came = 0;
  try {
    for (;;) {
      const left = until - (yield* clock());
      if (left <= 0) return came;
      yield* within(left, recvfrom(fd, 1500));
      came++;
    }
  } catch (error) {
    if (error instanceof SysError && error.code === "ETIME") return came;
    throw error;
  }
}
