// Which packets are wanted, in the words of tcpdump: `host mirror and port 80`,
// `tcp and not src kettle`, `(port 80 or port 81) and greater 1000`. As there,
// `not` binds closest, and `and` and `or` equally, from left to right; a name or
// number alone after one of them is of the kind that was named before.

import type { Packet } from "./packets.ts";

export type PacketFilter = (packet: Packet) => boolean;

/** A filter that is none; the message says where. */
export class FilterError extends Error {}

interface Kind {
  protocol: Packet["protocol"] | null;
  direction: "src" | "dst" | null;
  what: "host" | "port";
}

const PROTOCOLS = ["tcp", "udp", "icmp"] as const;

/** `hosts` are the names there are; no words means every packet. */
export function packetFilter(
  words: readonly string[],
  hosts: readonly string[],
): PacketFilter {
  const text = words.join(" ").replace(/[()]|!(?!=)|&&|\|\|/g, " $& ");
  const tokens = text.split(/\s+/).filter((token) => token !== "");
  return tokens.length === 0 ? () => true : new Parser(tokens, hosts).whole();
}

class Parser {
  #at = 0;
  #last: Kind = { protocol: null, direction: null, what: "host" };

  constructor(readonly tokens: string[], readonly hosts: readonly string[]) {}

  whole(): PacketFilter {
    const filter = this.#expression();
    if (this.#at < this.tokens.length) this.#fail();
    return filter;
  }

  #expression(): PacketFilter {
    let left = this.#unary();
    while (true) {
      const before = left;
      if (this.#takes("and", "&&")) {
        const right = this.#unary();
        left = (packet) => before(packet) && right(packet);
      } else if (this.#takes("or", "||")) {
        const right = this.#unary();
        left = (packet) => before(packet) || right(packet);
      } else return left;
    }
  }

  #unary(): PacketFilter {
    if (this.#takes("not", "!")) {
      const inner = this.#unary();
      return (packet) => !inner(packet);
    }
    if (!this.#takes("(")) return this.#primitive();
    const inner = this.#expression();
    if (!this.#takes(")")) this.#fail();
    return inner;
  }

  #primitive(): PacketFilter {
    if (this.#takes("less")) {
      const most = this.#number();
      return ({ frameBytes }) => frameBytes <= most;
    }
    if (this.#takes("greater")) {
      const least = this.#number();
      return ({ frameBytes }) => frameBytes >= least;
    }
    const protocol = PROTOCOLS.find((name) => this.#takes(name)) ?? null;
    const direction = this.#takes("src")
      ? "src"
      : this.#takes("dst")
      ? "dst"
      : null;
    const what = this.#takes("port")
      ? "port"
      : this.#takes("host")
      ? "host"
      : null;
    if (protocol !== null && direction === null && what === null) {
      return (packet) => packet.protocol === protocol;
    }
    if (direction !== null || what !== null) {
      this.#last = { protocol, direction, what: what ?? "host" };
    }
    return this.#end(this.#last);
  }

  #end({ protocol, direction, what }: Kind): PacketFilter {
    const value = what === "port" ? this.#number() : this.#host();
    const matches = (packet: Packet, side: "src" | "dst") => {
      const isFrom = side === "src";
      return what === "port"
        ? (isFrom ? packet.fromPort : packet.toPort) === value
        : (isFrom ? packet.from : packet.to) === value;
    };
    return (packet) =>
      (protocol === null || packet.protocol === protocol) &&
      (what !== "port" || packet.protocol !== "icmp") &&
      (direction === null
        ? matches(packet, "src") || matches(packet, "dst")
        : matches(packet, direction));
  }

  #host(): string {
    const name = this.#next();
    if (!this.hosts.includes(name)) {
      throw new FilterError(
        /^[a-zA-Z]/.test(name)
          ? `unknown host '${name}'`
          : `syntax error in the filter at '${name}'`,
      );
    }
    return name;
  }

  #number(): number {
    const token = this.#next();
    if (!/^\d+$/.test(token)) {
      throw new FilterError(`'${token}' in the filter is no number`);
    }
    return Number(token);
  }

  #next(): string {
    if (this.#at >= this.tokens.length) this.#fail();
    return this.tokens[this.#at++]!;
  }

  #takes(...words: string[]): boolean {
    if (!words.includes(this.tokens[this.#at] ?? "")) return false;
    this.#at++;
    return true;
  }

  #fail(): never {
    const token = this.tokens[this.#at];
    throw new FilterError(
      token === undefined
        ? "the filter ends too early"
        : `syntax error in the filter at '${token}'`,
    );
  }
}
