// nc HOST PORT, nc -l PORT: standard input goes into a connection, what comes out
// of it to standard output, both at once and byte for byte. The end of the input
// ends that half of the connection. A pipe or file is sent to its end even when
// the peer has finished; at a keyboard the peer's end is the end. nc -z only looks
// which ports answer. With -u it is datagrams, which have no end: ^C or -w ends it.

import {
  accept,
  type Address,
  bind,
  close,
  connect,
  getpeername,
  getpid,
  isatty,
  kill,
  listen,
  type Program,
  recvfrom,
  type Routine,
  s,
  socket,
  SysError,
  within,
  write,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { relay } from "../lib/relay.ts";

const USAGE = {
  name: "nc",
  synopsis:
    "[-uvz] [-w SECONDS] HOST PORT[-PORT]… | -l [-kuv] [-w SECONDS] PORT",
  about: "Copies between standard input and output and a connection.",
  options: {
    "-l": "wait for a connection",
    "-k": "and for another one after it (with -l)",
    "-z": "send nothing: only tell which ports answer",
    "-u": "datagrams (UDP)",
    "-w SECONDS": "longest wait for an answer, and longest silence",
    "-v": "say what happens",
    "-n": "nothing: hosts have only names",
    "-N": "nothing: the end of input always ends that half",
  },
};
const PORT_MAX = 65_535;
/** Connections that may wait while -k serves another. */
const BACKLOG = 10;

/** Most that one datagram carries. */
const DATAGRAM_BYTES = 1472;

interface Settings {
  verbose: boolean;
  datagrams: boolean;
  limitNs?: number;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const settings: Settings = {
    verbose: given.v !== undefined,
    datagrams: given.u !== undefined,
    limitNs: yield* limitOf(given.w),
  };
  if (given.u !== undefined && given.z !== undefined) {
    yield* usageError(
      USAGE,
      "-u and -z exclude each other: nobody would answer",
    );
  }
  if (given.l !== undefined) {
    if (given.z !== undefined) {
      yield* usageError(USAGE, "-l and -z exclude each other");
    }
    const port = operands.at(-1);
    if (port === undefined || operands.length > 2) {
      return yield* usageError(USAGE, "-l takes [HOST] PORT");
    }
    const host = operands.length === 2 ? operands[0]! : "";
    const [first, last] = yield* portsOf(port);
    if (first !== last) return yield* usageError(USAGE, "-l takes one port");
    return yield* serve(host, first, given.k !== undefined, settings);
  }
  if (given.k !== undefined) return yield* usageError(USAGE, "-k needs -l");
  const [host, ...ports] = operands;
  if (host === undefined || ports.length === 0) {
    return yield* usageError(USAGE, "must have a host and a port");
  }
  let found = 1;
  for (const range of ports) {
    const [first, last] = yield* portsOf(range);
    for (let port = first; port <= last; port++) {
      const fd = yield* reach(host, port, given.z !== undefined, settings);
      if (fd === null) continue;
      found = 0;
      if (given.z !== undefined) yield* close(fd);
      else return yield* talk(fd, false, settings);
    }
  }
  return found;
}

// ------------------------------------------------------------- arguments

function* limitOf(
  value: string | true | undefined,
): Routine<number | undefined> {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (seconds > 0 && Number.isFinite(seconds)) return Math.round(seconds * s);
  return yield* usageError(USAGE, `timeout invalid: ${value}`);
}

/** `80` or `80-90`. */
function* portsOf(value: string): Routine<[first: number, last: number]> {
  const match = /^(\d+)(?:-(\d+))?$/.exec(value);
  const first = Number(match?.[1]), last = Number(match?.[2] ?? match?.[1]);
  if (first >= 1 && last <= PORT_MAX && first <= last) return [first, last];
  return yield* usageError(USAGE, `port number invalid: ${value}`);
}

// ------------------------------------------------------------- client

/** A connection, or null after it was said why not. */
function* reach(
  host: string,
  port: number,
  isScan: boolean,
  { verbose, datagrams, limitNs }: Settings,
): Routine<number | null> {
  const fd = yield* socket(datagrams ? "datagram" : "stream");
  const kind = datagrams ? "udp" : "tcp";
  try {
    const request = connect(fd, { host, port });
    yield* limitNs === undefined ? request : within(limitNs, request);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* close(fd);
    // A scan expects that most do not answer.
    if (isScan && !verbose) return null;
    const why = error.message.slice(error.message.indexOf(error.code));
    yield* say(`connect to ${host} port ${port} (${kind}) failed: ${why}`);
    return null;
  }
  if (verbose) {
    yield* write(
      2,
      `Connection to ${host} ${port} port [${kind}/*] succeeded!\n`,
    );
  }
  return fd;
}

// ------------------------------------------------------------- server

function* serve(
  host: string,
  port: number,
  again: boolean,
  settings: Settings,
): Routine<number> {
  const { datagrams } = settings;
  const listener = yield* socket(datagrams ? "datagram" : "stream");
  try {
    yield* bind(listener, { host, port });
    if (!datagrams) yield* listen(listener, again ? BACKLOG : 1);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const why = error.message.slice(error.message.indexOf(error.code));
    yield* say(`port ${port}: ${why}`);
    return 1;
  }
  if (settings.verbose) {
    yield* write(2, `Listening on ${host === "" ? "*" : host} ${port}\n`);
  }
  if (datagrams) return yield* hear(listener, again, settings);
  while (true) {
    const fd = yield* accept(listener);
    if (!again) yield* close(listener);
    if (settings.verbose) yield* greet(fd);
    const status = yield* talk(fd, true, settings);
    if (!again) return status;
  }
}

/** With `again` it takes datagrams of everybody, else it talks to the first. */
function* hear(
  fd: number,
  again: boolean,
  settings: Settings,
): Routine<number> {
  while (true) {
    const { data, from } = yield* recvfrom(fd, DATAGRAM_BYTES);
    if (!again) yield* connect(fd, from);
    if (settings.verbose) yield* welcome(from);
    yield* write(1, data);
    if (!again) return yield* talk(fd, true, settings);
  }
}

function welcome({ host, port }: Address) {
  return write(2, `Connection received on ${host} ${port}\n`);
}

function* greet(fd: number): Routine {
  try {
    yield* welcome(yield* getpeername(fd));
  } catch (error) {
    if (!(error instanceof SysError)) throw error; // gone already
  }
}

// ------------------------------------------------------------- both

/** Copies until it is over, closes, and gives the exit status. */
function* talk(
  fd: number,
  isServer: boolean,
  { datagrams, limitNs }: Settings,
): Routine<number> {
  const end = yield* relay({
    input: 0,
    output: 1,
    peer: fd,
    endsWithPeer: yield* isatty(0),
    mayOnlyListen: isServer, // in the background its input is empty
    datagramBytes: datagrams ? DATAGRAM_BYTES : undefined,
    idleNs: limitNs,
  });
  yield* close(fd);
  if (typeof end === "string") return 0;
  // As a write through the blocking door would have ended it.
  if (end.failed === "output" && end.error.code === "EPIPE") {
    yield* kill(yield* getpid(), "PIPE");
  }
  const { message, code } = end.error;
  yield* say(message.slice(message.indexOf(code)));
  return 1;
}

function say(message: string) {
  return write(2, `nc: ${message}\n`);
}
