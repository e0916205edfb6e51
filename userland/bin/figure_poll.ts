// figure_poll [FILE HOST PORT]: two reads by the second door. Walk off and look in
// now and then: submit gives a handle at once, poll looks, wait waits for events.

import { compute, poll, type Program, read, submit, wait, write } from "kettle";
import {
  FILE_BYTES,
  openBoth,
  PEER_BYTES,
  QUESTION,
  WORK_NS,
} from "../lib/figure.ts";

export default function* main(args: string[]): Program {
  const { file, peer, log } = yield* openBoth(args);

  const first = yield* submit(read(file, FILE_BYTES), { tag: "(1)" });
  yield* log.note("read (1) submitted");

  yield* compute(WORK_NS);

  yield* write(peer, QUESTION); // taken by the kernel at once
  yield* submit(read(peer, PEER_BYTES), { tag: "(2)" });
  yield* log.note("read (2) submitted");

  const early = yield* poll(first);
  yield* log.note(`a look at (1): ${early === null ? "not yet" : "done"}`);

  for (let pending = early === null ? 2 : 1; pending > 0;) {
    for (const event of yield* wait()) {
      const count = event.ok && event.call === "read" ? event.value.length : 0;
      yield* log.note(`event ${event.tag} happened: ${count} bytes`, event.at);
      yield* log.note(`event ${event.tag} taken`);
      pending -= 1;
    }
  }
  yield* log.print();
}
