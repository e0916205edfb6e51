// The sockets of all machines as the trace tells of them: who listens, with how
// many waiting, and each end of each connection, with its state from tcp_state
// and its queues from the headers of its packets. It does not draw.

import type { TraceEvent } from "../../kernel/trace.ts";
import { type PacketEvent, wordsOf } from "./net_packets.ts";

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

/** A listening socket. */
export interface ListenerView {
  machine: string;
  port: number;
  /** Established connections that nobody has accepted yet. */
  waiting: number;
  /** Connections whose handshake is not over. */
  halfOpen: number;
  backlog: number;
  /** SYNs for which there was no room. */
  turnedAway: number;
}

/** One end of a connection. */
export interface EndView {
  host: string;
  port: number;
  /** "" while only packets have told of it, "gone" or "nothing yet" when there is no such end. */
  state: string;
  /** Bytes sent, and no acknowledgement of them has come. */
  unacknowledged: number;
  /** Bytes that came, and no program has read them. */
  unread: number;
}

/** Whoever sent the first SYN stands first. */
export interface ConnectionView {
  id: string;
  client: EndView;
  server: EndView;
}

interface Listener {
  machine: string;
  port: number;
  waiting: number;
  backlog: number;
  turnedAway: number;
}

interface End {
  host: string;
  port: number;
  /** Null: no packet has told it yet. */
  remoteHost: string | null;
  remotePort: number;
  state: string;
  /** It sent the first SYN. */
  isClient: boolean;
  /** Numbers of a stream: the next to send, the next that the peer expects. */
  next: number;
  acknowledged: number;
  /** Room for what comes: as said last, and the most that was ever said. */
  window: number;
  windowMax: number;
}

/** Ends that nobody told the close of do not pile up. */
const ENDS_MAX = 20_000;

export class NetSockets {
  readonly #listeners = new Map<string, Listener>();
  /** The one that had a packet last comes last. */
  readonly #ends = new Map<string, End>();

  // ----------------------------------------------------------- what happened

  changed(machine: string, event: Of<"tcp_state">): void {
    const [, state = ""] = event.change.split(">");
    const { port, remotePort } = event;
    if (event.change.startsWith("LISTEN>")) {
      return this.stopped(machine, event.socket);
    }
    if (state === "LISTEN") {
      const listener = this.#listener(machine, event.socket);
      listener.port = port;
      return;
    }
    if (state === "CLOSED") {
      this.#ends.delete(keyOf(machine, port, remotePort));
      return;
    }
    this.#end(machine, port, remotePort).state = state;
  }

  queued(machine: string, event: Of<"listen_queue">): void {
    const listener = this.#listener(machine, event.socket);
    listener.waiting = event.waiting;
    listener.backlog = event.backlog;
  }

  /** The socket is gone. */
  stopped(machine: string, socket: number): void {
    this.#listeners.delete(`${machine}/${socket}`);
  }

  sent(machine: string, event: PacketEvent): void {
    const words = wordsOf(event.info);
    if (words.kind === "udp" || words.kind === "icmp") return;
    const { fromPort, toPort, sequence, window } = event;
    const key = keyOf(machine, fromPort, toPort);
    // The last acknowledgement, or a reset, of one that is closed opens none.
    if (!words.syn && !this.#ends.has(key)) return;
    const end = this.#end(machine, fromPort, toPort);
    end.remoteHost = words.to;
    if (words.kind === "syn") end.isClient = true;
    // A SYN has a number as a byte has, and is none.
    if (words.syn) end.acknowledged = end.next = sequence + 1;
    else end.next = Math.max(end.next, sequence + words.length);
    if (words.kind !== "rst") end.window = window;
    if (window > end.windowMax) end.windowMax = window;
    this.#isRecent(key, end);
  }

  /** It was taken in by a machine. */
  received(machine: string, event: PacketEvent): void {
    const words = wordsOf(event.info);
    if (!words.ack) return;
    const key = keyOf(machine, event.toPort, event.fromPort);
    const end = this.#ends.get(key);
    if (end === undefined) return;
    // That of a FIN is one beyond the last byte.
    const bytes = Math.min(event.acknowledgement, end.next);
    end.acknowledged = Math.max(end.acknowledged, bytes);
    this.#isRecent(key, end);
  }

  /** A SYN found no room. */
  turnedAway(machine: string, port: number): void {
    for (const listener of this.#listeners.values()) {
      const isIt = listener.machine === machine && listener.port === port;
      if (isIt) listener.turnedAway++;
    }
  }

  machineIsOff(machine: string): void {
    for (const [key, { machine: name }] of this.#listeners) {
      if (name === machine) this.#listeners.delete(key);
    }
    for (const [key, { host }] of this.#ends) {
      if (host === machine) this.#ends.delete(key);
    }
  }

  // ----------------------------------------------------------- what there is

  listeners(): ListenerView[] {
    const halfOpen = new Map<string, number>();
    for (const { host, port, state } of this.#ends.values()) {
      if (state !== "SYN_RCVD") continue;
      const key = `${host}:${port}`;
      halfOpen.set(key, (halfOpen.get(key) ?? 0) + 1);
    }
    return [...this.#listeners.values()].map((listener) => ({
      ...listener,
      halfOpen: halfOpen.get(`${listener.machine}:${listener.port}`) ?? 0,
    }));
  }

  /** How many there are, and those that had a packet last, in the order of their ports. */
  connections(most: number): { count: number; shown: ConnectionView[] } {
    const pairs: [End, End | null][] = [];
    for (const end of this.#ends.values()) {
      const peer = this.#peerOf(end);
      if (end.isClient || peer === null) pairs.push([end, peer]);
    }
    const shown = pairs.slice(-most).map(([end, peer]) => ({
      id: keyOf(end.host, end.port, end.remotePort),
      client: viewOf(end),
      server: peer === null ? missing(end) : viewOf(peer),
    }));
    shown.sort((a, b) => a.client.port - b.client.port || order(a.id, b.id));
    return { count: pairs.length, shown };
  }

  /** What the buffers of a host's connections hold. */
  bytesAt(host: string): number {
    let bytes = 0;
    for (const end of this.#ends.values()) {
      if (end.host !== host) continue;
      const { unacknowledged, unread } = viewOf(end);
      bytes += unacknowledged + unread;
    }
    return bytes;
  }

  // ----------------------------------------------------------- finding

  #listener(machine: string, socket: number): Listener {
    const key = `${machine}/${socket}`;
    let found = this.#listeners.get(key);
    if (found === undefined) {
      found = { machine, port: 0, waiting: 0, backlog: 0, turnedAway: 0 };
      this.#listeners.set(key, found);
    }
    return found;
  }

  #end(host: string, port: number, remotePort: number): End {
    const key = keyOf(host, port, remotePort);
    let end = this.#ends.get(key);
    if (end !== undefined) return end;
    if (this.#ends.size >= ENDS_MAX) {
      const [oldest] = this.#ends.keys();
      this.#ends.delete(oldest!);
    }
    end = {
      host,
      port,
      remoteHost: null,
      remotePort,
      state: "",
      isClient: false,
      next: 0,
      acknowledged: 0,
      window: 0,
      windowMax: 0,
    };
    this.#ends.set(key, end);
    return end;
  }

  #peerOf({ remoteHost, remotePort, port }: End): End | null {
    if (remoteHost === null) return null;
    return this.#ends.get(keyOf(remoteHost, remotePort, port)) ?? null;
  }

  #isRecent(key: string, end: End): void {
    this.#ends.delete(key);
    this.#ends.set(key, end);
  }
}

function keyOf(host: string, port: number, remotePort: number): string {
  return `${host}:${port}>${remotePort}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function viewOf(end: End): EndView {
  const { host, port, state, next, acknowledged, window, windowMax } = end;
  return {
    host,
    port,
    state,
    unacknowledged: Math.max(0, next - acknowledged),
    unread: windowMax - window,
  };
}

/** The other end, where there is none. */
function missing({ remoteHost, remotePort, state }: End): EndView {
  return {
    host: remoteHost ?? "?",
    port: remotePort,
    state: state === "SYN_SENT" ? "nothing yet" : "gone",
    unacknowledged: 0,
    unread: 0,
  };
}
