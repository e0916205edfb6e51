// Which connection a segment belongs to: by remote host, then by the pair of
// ports.

import type { Connection } from "./connection.ts";

export class ConnectionTable {
  #hosts = new Map<string, Map<number, Connection>>();

  find(
    localPort: number,
    host: string,
    remotePort: number,
  ): Connection | null {
    return this.#hosts.get(host)?.get(keyOf(localPort, remotePort)) ?? null;
  }

  add(connection: Connection): void {
    const { local, remote } = connection;
    let ofHost = this.#hosts.get(remote.host);
    if (ofHost === undefined) this.#hosts.set(remote.host, ofHost = new Map());
    ofHost.set(keyOf(local.port, remote.port), connection);
  }

  remove({ local, remote }: Connection): void {
    const ofHost = this.#hosts.get(remote.host);
    ofHost?.delete(keyOf(local.port, remote.port));
    if (ofHost?.size === 0) this.#hosts.delete(remote.host);
  }

  clear(): void {
    this.#hosts.clear();
  }

  *[Symbol.iterator](): IterableIterator<Connection> {
    for (const ofHost of this.#hosts.values()) yield* ofHost.values();
  }
}

/** Two ports in one number of 32 bits: a small one is found faster in a Map. */
function keyOf(localPort: number, remotePort: number): number {
  return localPort << 16 | remotePort;
}
