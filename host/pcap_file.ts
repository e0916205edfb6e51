// All packets of a world, on all its cables, as one pcap file: each once, at the
// time when it came in, so that those lost on the way are missing, as they would
// be on a wire that somebody listens to at its end.

import type { World } from "../kernel/mod.ts";
import { calendar } from "../userland/lib/calendar.ts";
import { packetOf } from "../userland/lib/packets.ts";
import { FrameMaker, pcapHeader, pcapRecord } from "../userland/lib/pcap.ts";
import { join } from "../userland/lib/text.ts";

const NS_PER_S = 1_000_000_000;

type Seen = Pick<World, "trace" | "machines">;

/** Throws when nothing was sent: an empty file would be a riddle. */
export function pcapOf({ trace, machines }: Seen): Uint8Array {
  const names = machines.map(({ name }) => name);
  const frames = new FrameMaker((host) => names.indexOf(host) + 1);
  const records: Uint8Array[] = [];
  for (const event of trace.events()) {
    const packet = event.kind === "net_rx" ? packetOf({ ...event }) : null;
    if (packet === null) continue;
    const { epoch } = calendar(packet.at);
    const frame = frames.frame(packet);
    records.push(pcapRecord(frame, epoch, packet.at % NS_PER_S));
  }
  if (records.length === 0) throw new Error("no packet has come in anywhere");
  return join([pcapHeader(), ...records]);
}
