// figure_block [FILE HOST PORT]: two reads by the first door. Stand and watch the
// kettle: the thread waits for the disk, computes, then waits for the network.

import { compute, type Program, read, write } from "kettle";
import {
  FILE_BYTES,
  openBoth,
  PEER_BYTES,
  QUESTION,
  WORK_NS,
} from "../lib/figure.ts";

export default function* main(args: string[]): Program {
  const { file, peer, log } = yield* openBoth(args);

  yield* log.note("read (1) called");
  const logo = yield* read(file, FILE_BYTES);
  yield* log.note(`read (1) returned: ${logo.length} bytes`);

  yield* compute(WORK_NS);

  yield* write(peer, QUESTION); // taken by the kernel at once
  yield* log.note("read (2) called");
  const answer = yield* read(peer, PEER_BYTES);
  yield* log.note(`read (2) returned: ${answer.length} bytes`);

  yield* log.print();
}
