// Limits and defaults of the network: name, unit, reason, source. They belong
// to this room alone; what costs CPU time is in kernel/params.ts.

const S = 1_000_000_000;

// ------------------------------------------------------------- wire

/** 1 Gb/s, the line rate of a cable that does not say. */
export const LINE_BITS_PER_SECOND = 1_000_000_000;
/** One way: with the same back, the 100 µs between two machines of one rack. */
export const CABLE_LATENCY_NS = 50_000;
/** A store-and-forward switch looks where a frame goes: 1–5 µs. */
export const SWITCH_HOP_NS = 2_000;
/** Frames that wait for one cable of a switch: a shallow buffer, some 400 KiB. */
export const SWITCH_FRAMES = 256;
/** How long a frame that is held up on a cable comes late, if the cable does not say: more than the round trip of a rack. */
export const HELD_UP_NS = 1_000_000;
/** A doubled frame comes again so much later. */
export const DOUBLE_AFTER_NS = 1_000;
/** Ethernet header 14 and checksum 4 (IEEE 802.3). */
export const FRAME_OVERHEAD_BYTES = 18;
/** Smallest frame (IEEE 802.3); shorter ones are padded. */
export const FRAME_MIN_BYTES = 64;
/** Between frames: preamble 8 and inter-frame gap 12 (IEEE 802.3). */
export const WIRE_OVERHEAD_BYTES = 20;
/** Descriptors of each ring: e1000e and igb, the 1 Gb/s cards of Linux. */
export const RING_FRAMES = 256;

/** Frames that are taken from one card before the next has its turn: Linux's dev_weight. */
export const NAPI_WEIGHT = 64;
/** A round of polling ends after so many frames, or so long: netdev_budget and netdev_budget_usecs. */
export const NAPI_BUDGET_FRAMES = 300;
export const NAPI_BUDGET_NS = 2_000_000;

// ------------------------------------------------------------- TCP

/** Payload of a full segment: 1500 less the two headers of 20 (RFC 9293 §3.7.1). */
export const MSS_BYTES = 1460;
/** IP and TCP header without options. */
export const HEADER_BYTES = 40;
/** The same with the options of a SYN: 20 more on Linux. */
export const SYN_HEADER_BYTES = 60;
/** IP and UDP header; ICMP's echo has as much. */
export const DATAGRAM_HEADER_BYTES = 28;
/** Largest datagram that fits into a frame: 1500 less the headers. */
export const DATAGRAM_BYTES_MAX = 1472;
/** What a datagram socket keeps until somebody takes it: Linux's rmem_default. */
export const DATAGRAM_BUFFER_BYTES = 212_992;
/** Each way of a socket: the largest window without scaling, rounded up to a power of two. */
export const SEND_BUFFER_BYTES = 65_536;
export const RECEIVE_BUFFER_BYTES = 65_536;
/** What a program may choose instead: two full segments and their place, and what 1 Gb/s needs for 130 ms. */
export const SOCKET_BUFFER_BYTES_MIN = 4096;
export const SOCKET_BUFFER_BYTES_MAX = 16 * 1024 * 1024;
/** A window that opened by this much is announced: two segments (RFC 1122 §4.2.3.3). */
export const WINDOW_UPDATE_BYTES = 2 * MSS_BYTES;
/** How long an acknowledgement is put off at most, where it is: Linux's TCP_DELACK_MIN. */
export const DELAYED_ACK_NS = 40_000_000;
/** What may be on its way before anything is known of the path: 10 segments (RFC 6928). */
export const INITIAL_WINDOW_BYTES = 10 * MSS_BYTES;
/** The retransmission time-out before a round trip was measured (RFC 6298 §2.1). */
export const RTO_FIRST_NS = 1 * S;
/** Its least and its greatest: Linux's TCP_RTO_MIN and TCP_RTO_MAX. */
export const RTO_MIN_NS = 200_000_000;
export const RTO_MAX_NS = 120 * S;
/** Time-outs in a row after which a connection is given up: Linux's tcp_retries2. */
export const RETRIES_MAX = 15;
/** Room between the first sequence numbers of two connections: no old segment fits a new one. */
export const SEQUENCE_SPACING = 2 ** 28;

/** A SYN without an answer is sent again at these times after the first: Linux 6.5 and later (tcp_syn_linear_timeouts 4, tcp_syn_retries 6). */
export const SYN_RETRIES_NS: readonly number[] = [
  1,
  2,
  3,
  4,
  5,
  7,
  11,
  19,
  35,
  67,
].map((seconds) => seconds * S);
/** After the first SYN, connect ends with ETIMEDOUT. */
export const SYN_GIVE_UP_NS = 131 * S;
/** The same for a SYN+ACK: Linux's tcp_synack_retries 5. */
export const SYN_ACK_RETRIES_NS: readonly number[] = [1, 3, 7, 15, 31].map(
  (seconds) => seconds * S,
);
export const SYN_ACK_GIVE_UP_NS = 63 * S;
/** How long a closed socket waits for the peer's FIN: Linux's tcp_fin_timeout. */
export const FIN_TIMEOUT_NS = 60 * S;

/** Largest backlog of a listener: Linux's somaxconn since 5.4. */
export const BACKLOG_MAX = 4096;
/** Ports that are given out: Linux's ip_local_port_range. */
export const EPHEMERAL_FIRST = 32_768;
export const EPHEMERAL_LAST = 60_999;
export const PORT_MAX = 65_535;
/** Resets without a connection that may wait for the card; further ones are not sent. */
export const RESETS_MAX = 256;

/** The loopback's number where the trace names a cable. */
export const LOOPBACK_CABLE = -1;
