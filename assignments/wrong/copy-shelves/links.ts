// A second name is no copy: what is written to one is in the other.
// Must fail: real copies, and the books still there

import {
  compute,
  join,
  link,
  mkdir,
  ms,
  type Program,
  readdir,
  type Routine,
  thread,
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
  yield* link(`/home/in/${name}`, `/home/out/${name}`);
}
