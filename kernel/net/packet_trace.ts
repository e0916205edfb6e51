// One event of the trace about a packet: on which cable, how large, from whom to
// whom, what it is, and its header. It does not know what a packet means.

import type { Packet } from "../dev/nic.ts";
import { TRACE } from "../trace.ts";
import type { NetworkMachine } from "./machine.ts";

/** Records `kind` (net_tx, net_rx, net_drop); `arriveNs` and `why` where it has them. */
export function tracePacket(
  machine: NetworkMachine,
  kind: number,
  packet: Packet,
  cable: number,
  arriveNs = 0,
  why?: string,
): void {
  const { witness } = machine;
  if (witness !== undefined) {
    // A switch keeps no trace: what is lost there the next machine tells.
    if (kind !== TRACE.net_drop || witness === null) return;
    return tracePacket(witness, kind, packet, cable, arriveNs, why);
  }
  if (!machine.trace.on) return;
  const what = packet.describe();
  const info = why === undefined ? what : `${what}: ${why}`;
  machine.emit(kind, cable, packet.frameBytes, arriveNs, info);
  packet.recordHeader?.(machine.trace);
}
