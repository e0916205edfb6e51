// A lane for each socket of a machine: which state TCP has it in, and whether
// somebody has to come and take what is there.

import type { TraceEvent } from "../../kernel/trace.ts";
import { Lane } from "./lane.ts";
import type { MachineLanes, Socket } from "./machine_lanes.ts";
import type { State } from "./states.ts";

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

/** More sockets than this are not kept on show; the oldest closed go first. */
const SOCKETS_MAX = 2000;

/** State of TCP → how it looks, and what it means in words. */
const LOOKS: { [state: string]: [State, string, string] } = {
  LISTEN: ["event", "listening", "it listens: nobody has come"],
  SYN_SENT: [
    "net",
    "connecting",
    "it has asked, and the other has not answered",
  ],
  SYN_RCVD: [
    "net",
    "connecting",
    "it has answered, and waits for the last word",
  ],
  ESTABLISHED: ["event", "open", "the connection is open"],
  FIN_WAIT1: ["net", "closing", "it has said that it is done; no answer yet"],
  FIN_WAIT2: ["net", "closing", "it is done; the other may still send"],
  CLOSING: ["net", "closing", "both are done; the last answer is on its way"],
  CLOSE_WAIT: [
    "posted",
    "the other is done",
    "the other has said that it is done; the program has not closed yet",
  ],
  LAST_ACK: ["net", "closing", "it has closed, and waits for the last answer"],
};

export function noteTcpState(
  machine: MachineLanes,
  event: Of<"tcp_state">,
): void {
  const socket = socketOf(machine, event.socket);
  socket.state = event.change.slice(event.change.indexOf(">") + 1);
  socket.lane.note = `tcp ${event.remotePort || event.port}`;
  showSocket(socket, event.at);
}

export function noteQueue(
  machine: MachineLanes,
  event: Of<"listen_queue">,
): void {
  const socket = socketOf(machine, event.socket);
  socket.waiting = event.waiting;
  if (socket.state === "") socket.state = "LISTEN";
  showSocket(socket, event.at);
}

function showSocket({ lane, state, waiting }: Socket, at: number): void {
  const look = LOOKS[state];
  if (look === undefined) return lane.close(at);
  if (state === "LISTEN" && waiting > 0) {
    const many = waiting === 1 ? "1 waits" : `${waiting} wait`;
    const about = `${many} to be accepted`;
    return lane.set(at, "posted", about, about);
  }
  const [looks, label, about] = look;
  lane.set(at, looks, label, `${state}: ${about}`);
}

function socketOf(machine: MachineLanes, number: number): Socket {
  let socket = machine.sockets.get(number);
  if (socket === undefined) {
    const id = `${machine.index}/socket${number}`;
    const lane = new Lane(id, "socket", `socket ${number}`, machine.index);
    socket = { lane, state: "", waiting: 0 };
    machine.sockets.set(number, socket);
    if (machine.sockets.size > SOCKETS_MAX) forgetSocket(machine);
  }
  return socket;
}

function forgetSocket({ sockets }: MachineLanes): void {
  for (const [number, { lane }] of sockets) {
    if (!lane.open) return void sockets.delete(number);
  }
}
