// What the three programs of the figure share: the two things they read. (1) is
// 4096 bytes of a file on the disk, (2) is 512 bytes that a machine at the other
// end of a cable sends when it is asked. Before clock zero the file is open, its
// inode is in memory, the socket is connected.

import { clock, connect, ms, open, print, type Routine, socket } from "kettle";

export const FILE_BYTES = 4096;
export const PEER_BYTES = 512;
/** The CPU work between the two requests. */
export const WORK_NS = 1 * ms;
/** What the peer is sent: it answers each such request. */
export const QUESTION = "?";

export interface Figure {
  file: number;
  peer: number;
  log: FigureLog;
}

/** Opens both; the clock that the log shows starts here. args: [file, host, port]. */
export function* openBoth(args: string[]): Routine<Figure> {
  const [path = "/srv/logo", host = "mirror", port = "80"] = args;
  const file = yield* open(path);
  const peer = yield* socket();
  yield* connect(peer, { host, port: Number(port) });
  return { file, peer, log: new FigureLog(yield* clock()) };
}

/** Remembers what happened when; printing would take time, so it comes last. */
export class FigureLog {
  #rows: string[] = [];

  constructor(readonly zeroNs: number) {}

  /** Notes that something happens now, or happened at a stated time. */
  *note(what: string, atNs = -1): Routine {
    const at = atNs < 0 ? yield* clock() : atNs;
    const time = ((at - this.zeroNs) / 1_000_000).toFixed(6).padStart(12);
    this.#rows.push(`${time} ms  ${what}`);
  }

  *print(): Routine {
    yield* print(this.#rows.join("\n"));
  }
}
