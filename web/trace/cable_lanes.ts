// What is on a cable, one lane for each direction: a row of the machine that
// sends, with its devices.

import {
  LINE_BITS_PER_SECOND,
  WIRE_OVERHEAD_BYTES,
} from "../../kernel/net/params.ts";
import type { TraceEvent } from "../../kernel/trace.ts";
import { Lane } from "./lane.ts";
import type { MachineLanes } from "./machine_lanes.ts";
import { grouped, moment } from "../parts/units.ts";

/** From the first bit on the wire to the last, then on its way. */
export function sendPacket(
  machine: MachineLanes,
  event: Extract<TraceEvent, { kind: "net_tx" }>,
): void {
  const { at, arriveNs, bytes, info } = event;
  const id = `cable${event.cable}.${event.machine}`;
  let lane = machine.cables.find((each) => each.id === id);
  if (lane === undefined) {
    lane = new Lane(id, "network", "network", event.machine);
    lane.note = `to ${/>(\S+)/.exec(info)?.[1] ?? ""}`;
    machine.cables.push(lane);
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
