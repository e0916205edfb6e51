// Which number of a process means what, as its calls and their results tell:
// opened, made, copied, inherited, closed. What a program was given before it
// began (a terminal, the host's), what a multishot accept brought, and what a
// child got that its parent's call had opened and not yet returned is not in
// them; then it is not in the list either. It reads words and nothing else.

import type { State } from "../trace/states.ts";

export interface Descriptor {
  /** For people: `/srv/logo`, `pipe 5, read end`, `socket to www:80`. */
  text: string;
  /** What reading it waits for. */
  waits: State;
  closesOnExec: boolean;
}

export type Descriptors = Map<number, Descriptor>;

const STANDARD: Descriptors = new Map([
  [0, descriptor("standard input", "keys")],
  [1, descriptor("standard output", "event")],
  [2, descriptor("standard error", "event")],
]);

function descriptor(
  text: string,
  waits: State,
  closesOnExec = false,
): Descriptor {
  return { text, waits, closesOnExec };
}

/** What a child begins with. `args` is what spawn was given; "" by the host. */
export function inherited(
  parent: Descriptors | undefined,
  args: string,
): Descriptors {
  if (parent === undefined) return new Map(STANDARD);
  const given = /fds: \{ ([^}]*) \}/.exec(args)?.[1];
  const child: Descriptors = new Map();
  if (given === undefined || given.includes("…")) {
    for (const [fd, of] of parent) if (!of.closesOnExec) child.set(fd, of);
    return child;
  }
  for (const pair of given.split(", ")) {
    const [fd, from] = pair.split(": ").map(Number);
    const of = parent.get(from!);
    if (of !== undefined) child.set(fd!, { ...of, closesOnExec: false });
  }
  return child;
}

export function closeOnExec(descriptors: Descriptors): void {
  for (const [fd, { closesOnExec }] of descriptors) {
    if (closesOnExec) descriptors.delete(fd);
  }
}

/** A call of that process has succeeded. */
export function noteCall(
  descriptors: Descriptors,
  call: string,
  args: string,
  result: string,
): void {
  NOTES[call]?.(descriptors, args, result);
}

type Note = (all: Descriptors, args: string, result: string) => void;

const NOTES: { [call: string]: Note } = {
  open: (all, args, result) => {
    const path = /^"((?:[^"\\]|\\.)*)"/.exec(args)?.[1] ?? "a file";
    const waits = path.startsWith("/dev/tty") ? "keys" : "disk";
    const closes = args.includes("O_CLOEXEC");
    all.set(Number(result), descriptor(path, waits, closes));
  },
  socket: (all, args, result) => {
    const kind = args.includes("udp") || args.includes("dgram")
      ? "UDP socket"
      : "socket";
    all.set(Number(result), descriptor(kind, "net"));
  },
  accept: (all, args, result) => {
    const fd = Number(/\d+/.exec(result)?.[0] ?? -1);
    const from = all.get(numberIn(args))?.text ?? "";
    const port = /:(\d+)$/.exec(from)?.[1];
    const text = port === undefined ? "connection" : `connection to :${port}`;
    all.set(fd, descriptor(text, "net"));
  },
  connect: (all, args) => rename(all, args, "socket to "),
  bind: (all, args) => rename(all, args, "socket, bound to "),
  listen: (all, args) => {
    const fd = numberIn(args);
    const port = /:(\d+)$/.exec(all.get(fd)?.text ?? "")?.[1] ?? "?";
    if (all.has(fd)) all.set(fd, descriptor(`listens on :${port}`, "net"));
  },
  pipe: (all, _args, result) => {
    const [reads, writes] = (result.match(/\d+/g) ?? []).map(Number);
    if (writes === undefined) return;
    all.set(reads!, descriptor("pipe, read end", "event"));
    all.set(writes, descriptor("pipe, write end", "event"));
  },
  dup: copy,
  dup2: copy,
  fcntl: (all, args, result) => {
    if (/dup/i.test(args)) copy(all, args, result);
  },
  close: (all, args) => {
    all.delete(numberIn(args));
  },
};

function copy(all: Descriptors, args: string, result: string): void {
  const of = all.get(numberIn(args));
  if (of !== undefined) all.set(Number(result), { ...of, closesOnExec: false });
}

/** The words of an address: `{ host: "www", port: 80 }`, or a port. */
function rename(all: Descriptors, args: string, words: string): void {
  const fd = numberIn(args);
  const of = all.get(fd);
  if (of === undefined) return;
  const host = /host: "([^"]*)"/.exec(args)?.[1] ?? "";
  const port = /port: (\d+)/.exec(args)?.[1] ?? /, (\d+)/.exec(args)?.[1];
  all.set(fd, { ...of, text: `${words}${host}:${port ?? "?"}` });
}

function numberIn(args: string): number {
  return Number(/^\d+/.exec(args)?.[0] ?? -1);
}
