// What is on a cable, one lane for each direction.

import {
  LINE_BITS_PER_SECOND,
  WIRE_OVERHEAD_BYTES,
} from "../../kernel/net/params.ts";
import type { TraceEvent } from "../../kernel/trace.ts";
import { Lane } from "./lane.ts";
import { grouped, moment } from "../parts/units.ts";

/** From the first bit on the wire to the last, then on its way. */
export function sendPacket(
  cables: Map<string, Lane>,
  event: Extract<TraceEvent, { kind: "net_tx" }>,
): void {
  const { at, arriveNs, bytes, info } = event;
  const key = `cable${event.cable}.${event.machine}`;
  let lane = cables.get(key);
  if (lane === undefined) {
    lane = new Lane(key, "network", "network", event.machine);
    lane.note = `to ${/>(\S+)/.exec(info)?.[1] ?? ""}`;
    cables.set(key, lane);
  }
  const bits = (bytes + WIRE_OVERHEAD_BYTES) * 8;
  const sentNs = at + Math.ceil(bits * 1e9 / LINE_BITS_PER_SECOND);
  const about = `${info}, ${grouped(bytes)} bytes, arrives at ${
    moment(arriveNs)
  }`;
  const label = info.replace(/^\S+ /, "");
  lane.cut(at);
  lane.add(at, Math.min(sentNs, arriveNs), "packet", label, about);
  lane.add(sentNs, arriveNs, "cable", label, about);
}
