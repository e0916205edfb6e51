// Readiness: the request `ready(fd, what)` and the ones who wait in it. An
// object tells `notifyReady` whenever its readiness may have changed; who could
// read or write now is told, the others go on waiting. It does not know what
// kind of object it looks at.

import type { Readiness } from "./abi.ts";
import {
  type FileObject,
  type OpenFile,
  READY_ERR,
  READY_HUP,
  READY_IN,
  READY_OUT,
  READY_RDHUP,
} from "./file.ts";
import type { Operation } from "./request.ts";

const ALWAYS = READY_HUP | READY_ERR;

/** Starts `ready(fd, what)`; `edge`: a multishot one, which waits for a new arrival. */
export function startReady(
  op: Operation,
  file: OpenFile,
  what: "in" | "out",
  edge: boolean,
): void {
  const { object } = file;
  const bits = object.readiness(file);
  if (object.watchers === null || (!edge && (bits & wanted(what)) !== 0)) {
    op.complete(readiness(bits));
  } else {
    op.park(object.watchers);
  }
}

/** Ends the waits of those for whom the object is ready now. */
export function notifyReady(object: FileObject): void {
  const { watchers } = object;
  if (watchers === null || watchers.length === 0) return;
  for (const op of [...watchers]) {
    if (op.queue === null) continue;
    const bits = object.readiness(op.file!);
    if ((bits & wanted(op.call.b as "in" | "out")) !== 0) {
      op.complete(readiness(bits));
    }
  }
}

/** Bits as what programs get. */
export function readiness(bits: number): Readiness {
  return {
    in: (bits & READY_IN) !== 0,
    out: (bits & READY_OUT) !== 0,
    hup: (bits & READY_HUP) !== 0,
    err: (bits & READY_ERR) !== 0,
    rdhup: (bits & READY_RDHUP) !== 0,
  };
}

function wanted(what: "in" | "out"): number {
  return (what === "in" ? READY_IN | READY_RDHUP : READY_OUT) | ALWAYS;
}
