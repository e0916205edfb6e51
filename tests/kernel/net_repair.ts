// What the loss of single frames costs a transfer: how many segments go out again
// for each that got lost, and how much longer it takes. A sum over many seeds, to
// be held against what fast retransmit and reassembly make of it.

import { assertEquals } from "@std/assert";
import { connected, makePair, ms } from "./net_fixture.ts";

const BYTES = 300_000;
/** They wait before anything comes: more than there are segments. */
const READS = 400;
/** 20 ms there and back; 64 KiB a round trip at most. */
const LATENCY_NS = 10 * ms;

export interface Repair {
  /** Frames with data that the cable lost. */
  lost: number;
  /** Segments with data that were sent again. */
  again: number;
  /** Whole time of all transfers. */
  ms: number;
}

/** So many transfers over a cable that loses this share of the frames, and does nothing else. */
export function repair(loss: number, seeds: number): Repair {
  const sum = { lost: 0, again: 0, ms: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const net = makePair({ latencyNs: LATENCY_NS, loss, seed });
    const [client, server] = connected(net, net.kettle, net.mirror);
    const startNs = net.clock.now;
    const reads = Array.from({ length: READS }, () => server.read());
    client.write(new Uint8Array(BYTES));
    client.close();
    net.run();
    const filled = reads.filter(({ value }) =>
      (value as Uint8Array | undefined)?.length
    );
    const got = filled.map(({ value }) => (value as Uint8Array).length);
    assertEquals(got.reduce((a, b) => a + b, 0), BYTES, `seed ${seed}`);
    server.close();
    net.done();
    const data = (kind: "net_tx" | "net_drop") =>
      net.events(kind).filter((event) =>
        event.kind === kind && /^kettle>mirror \d/.test(event.info)
      ).length;
    sum.lost += data("net_drop");
    sum.again += data("net_tx") - Math.ceil(BYTES / 1_460);
    sum.ms += (filled.at(-1)!.endedNs - startNs) / ms;
  }
  return sum;
}
