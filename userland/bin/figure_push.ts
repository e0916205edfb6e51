// figure_push [FILE HOST PORT]: two reads by the third door. Wait for the whistle:
// the kernel interrupts the thread and runs a callback when a read is done.

import {
  compute,
  type Event,
  pause,
  type Program,
  push,
  read,
  type Routine,
  write,
} from "kettle";
import {
  type FigureLog,
  FILE_BYTES,
  openBoth,
  PEER_BYTES,
  QUESTION,
  WORK_NS,
} from "../lib/figure.ts";

export default function* main(args: string[]): Program {
  const { file, peer, log } = yield* openBoth(args);
  let pending = 2;

  yield* push(read(file, FILE_BYTES), function* (event) {
    yield* whistle(log, "(1)", event);
    pending -= 1;
  });
  yield* log.note("read (1) pushed");

  yield* compute(WORK_NS);

  yield* write(peer, QUESTION); // taken by the kernel at once
  yield* push(read(peer, PEER_BYTES), function* (event) {
    yield* whistle(log, "(2)", event);
    pending -= 1;
  });
  yield* log.note("read (2) pushed");

  while (pending > 0) yield* pause();
  yield* log.print();
}

function* whistle(
  log: FigureLog,
  which: string,
  event: Event<"read">,
): Routine {
  const count = event.ok ? event.value.length : 0;
  yield* log.note(`callback ${which} runs: ${count} bytes`);
}
