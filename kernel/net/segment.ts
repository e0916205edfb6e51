// A TCP segment: a value on its way from one port to another, with the sizes it
// has on the wire. Sequence numbers count bytes and do not wrap; the window is
// in bytes.
//
// Divergence from Linux: 53-bit sequence numbers instead of 32 that wrap; the
// window field is not limited to 16 bits and a scale; no time stamps, so a full
// segment carries 1460 bytes.

import type { Address } from "../abi.ts";
import { NO_BYTES } from "../bytes.ts";
import type { HeaderRecord, Packet } from "../dev/nic.ts";
import {
  FRAME_MIN_BYTES,
  FRAME_OVERHEAD_BYTES,
  HEADER_BYTES,
  SYN_HEADER_BYTES,
} from "./params.ts";

/** Flags, with the bits of the header. */
export const FIN = 1, SYN = 2, RST = 4, ACK = 16;

export class Segment implements Packet {
  readonly frameBytes: number;

  constructor(
    readonly from: Address,
    readonly to: Address,
    readonly flags: number,
    readonly sequence: number,
    readonly acknowledgement: number,
    readonly window: number,
    readonly data: Uint8Array = NO_BYTES,
  ) {
    const header = this.has(SYN) ? SYN_HEADER_BYTES : HEADER_BYTES;
    const frame = header + data.length + FRAME_OVERHEAD_BYTES;
    this.frameBytes = Math.max(frame, FRAME_MIN_BYTES);
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** The sequence number after its last byte; SYN and FIN count as one each. */
  get end(): number {
    const { flags } = this;
    return this.sequence + this.data.length + (flags & FIN) +
      ((flags & SYN) >> 1);
  }

  /** `kettle>mirror SYN+ACK`, `kettle>mirror 1460 bytes`. */
  describe(): string {
    return `${this.from.host}>${this.to.host} ${this.what}`;
  }

  recordHeader(trace: HeaderRecord): void {
    const { from, to, sequence, acknowledgement, window } = this;
    trace.addHeader(from.port, to.port, sequence, acknowledgement, window);
  }

  get what(): string {
    const flags = this.has(SYN) ? "SYN" : this.has(RST) ? "RST" : "";
    if (flags !== "") return this.has(ACK) ? `${flags}+ACK` : flags;
    const end = this.has(FIN) ? "FIN" : "";
    const { length } = this.data;
    if (length === 0) return end === "" ? "ACK" : "FIN+ACK";
    return `${length} bytes${end === "" ? "" : "+FIN"}`;
  }
}

/** The RST that answers a segment nobody expected (RFC 9293 §3.10.7.1). */
export function resetFor(segment: Segment): Segment {
  const { from, to } = segment;
  return segment.has(ACK)
    ? new Segment(to, from, RST, segment.acknowledgement, 0, 0)
    : new Segment(to, from, RST | ACK, 0, segment.end, 0);
}
