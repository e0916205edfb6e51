// ping [-c COUNT] [-i SECONDS] [-s BYTES] [-W SECONDS] HOST: asks a machine for an
// echo again and again, and tells how long each took; ^C ends it with the summary.

import {
  clock,
  print,
  type Program,
  recvfrom,
  type Routine,
  s,
  sendto,
  sigaction,
  sleep,
  socket,
  SysError,
  within,
} from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "ping",
  synopsis: "[-c COUNT] [-i SECONDS] [-s BYTES] [-W SECONDS] HOST",
  about: "Asks a machine for an echo, and tells how long it took.",
  options: {
    "-c COUNT": "so many times; for ever, if not given",
    "-i SECONDS": "between two questions: 1 if not given",
    "-s BYTES": "in each question: 56 if not given",
    "-W SECONDS": "to wait for an answer: 1 if not given",
  },
  trouble: 2,
};
/** ICMP and IP header, as ping counts them. */
const HEADER_BYTES = 28;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [host] = operands;
  if (host === undefined || operands.length > 1) {
    yield* usageError(USAGE, "one host, please");
  }
  const times = yield* count(USAGE, given.c, Infinity);
  const bytes = yield* count(USAGE, given.s, 56);
  const gapNs = Math.round((yield* seconds(given.i)) * s);
  const patienceNs = Math.round((yield* seconds(given.W)) * s);
  const fd = yield* socket("echo");
  yield* print(
    `PING ${host}: ${bytes} data bytes, ${bytes + HEADER_BYTES} all in all`,
  );
  const tripsNs: number[] = [];
  let sent = 0, isOver = false;
  yield* sigaction("INT", { fn: () => void (isOver = true) });
  try {
    while (sent < times && !isOver) {
      if (sent > 0) yield* sleep(gapNs);
      const ns = yield* once(fd, host!, ++sent, bytes, patienceNs);
      if (ns === null) {
        yield* print(`no answer to ${sent}`);
        continue;
      }
      tripsNs.push(ns);
      yield* print(
        `${bytes + 8} bytes from ${host}: seq=${sent} time=${ms(ns)} ms`,
      );
    }
  } catch (error) {
    const isStopped = error instanceof SysError && error.code === "EINTR";
    if (!isStopped) return (yield* complain("ping", named(error, host!))) + 1;
  }
  yield* summary(host!, sent, tripsNs);
  return tripsNs.length > 0 ? 0 : 1;
}

/** One question; how long its answer took, or null. */
function* once(
  fd: number,
  host: string,
  number: number,
  bytes: number,
  patienceNs: number,
): Routine<number | null> {
  const data = new Uint8Array(bytes);
  data[0] = number;
  const start = yield* clock();
  yield* sendto(fd, data, { host, port: 0 });
  for (let left = patienceNs; left > 0;) {
    try {
      const { data } = yield* within(left, recvfrom(fd, 65_535));
      const now = yield* clock();
      if (bytes === 0 || data[0] === number % 256) return now - start;
      left = patienceNs - (now - start); // an answer that comes too late
    } catch (error) {
      if (error instanceof SysError && error.code === "ETIME") return null;
      throw error;
    }
  }
  return null;
}

function* summary(
  host: string,
  sent: number,
  tripsNs: readonly number[],
): Routine {
  const lost = Math.round((sent - tripsNs.length) * 100 / Math.max(1, sent));
  yield* print(
    `--- ${host}: ${sent} sent, ${tripsNs.length} received, ${lost}% lost`,
  );
  if (tripsNs.length === 0) return;
  const sum = tripsNs.reduce((total, ns) => total + ns, 0);
  const figures = [
    Math.min(...tripsNs),
    sum / tripsNs.length,
    Math.max(...tripsNs),
  ].map(ms);
  yield* print(`min/avg/max = ${figures.join("/")} ms`);
}

function* seconds(value: string | true | undefined): Routine<number> {
  if (value === undefined) return 1;
  if (/^\d+(\.\d+)?$/.test(String(value))) return Number(value);
  return yield* usageError(USAGE, `invalid number: '${value}'`);
}

function ms(ns: number): string {
  return (ns / 1e6).toFixed(3);
}

function named(error: unknown, host: string): unknown {
  if (!(error instanceof SysError)) return error;
  return `${host}: ${error.message.slice(error.message.indexOf(error.code))}`;
}
