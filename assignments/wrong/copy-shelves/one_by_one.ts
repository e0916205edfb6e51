// One after the other: the disk waits for the CPU, and the CPU for the disk.
// Must fail: done within 580.000 ms

import {
  close,
  compute,
  mkdir,
  ms,
  open,
  type Program,
  read,
  readdir,
  type Routine,
  write,
} from "kettle";

export default function* main(): Program {
  yield* mkdir("/home/out");
  for (const { name } of yield* readdir("/home/in")) {
    yield* mkdir(`/home/out/${name}`);
    for (const book of yield* readdir(`/home/in/${name}`)) {
      yield* copy(`${name}/${book.name}`);
      yield* compute(10 * ms);
    }
  }
}

function* copy(name: string): Routine {
  const source = yield* open(`/home/in/${name}`);
  const target = yield* open(`/home/out/${name}`, "w");
  for (;;) {
    const piece = yield* read(source, 16_384);
    if (piece.length === 0) break;
    yield* write(target, piece);
  }
  yield* close(source);
  yield* close(target);
}
