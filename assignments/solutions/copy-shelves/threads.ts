// Two threads take a shelf each until there are none left: while one has the
// CPU, another waits for the disk.

import {
  close,
  compute,
  join,
  mkdir,
  ms,
  open,
  type Program,
  read,
  readdir,
  type Routine,
  thread,
  write,
} from "kettle";

const shelves: string[] = [];

export default function* main(): Program {
  yield* mkdir("/home/out");
  for (const { name } of yield* readdir("/home/in")) shelves.push(name);
  const other = yield* thread(work, undefined);
  yield* work();
  yield* join(other);
}

function* work(): Routine {
  for (let name = shelves.pop(); name !== undefined; name = shelves.pop()) {
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
    let done = 0;
    while (done < piece.length) {
      done += yield* write(target, piece.subarray(done));
    }
  }
  yield* close(source);
  yield* close(target);
}
