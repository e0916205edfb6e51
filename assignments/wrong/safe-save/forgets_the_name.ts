// The bytes are on the platter, their name is not: the directory was never asked.
// Must fail: what it said stays

import {
  close,
  fsync,
  open,
  print,
  type Program,
  readAll,
  rename,
  write,
} from "kettle";

export default function* main(): Program {
  for (const number of [1, 2, 3]) {
    const source = yield* open(`/home/versions/${number}`);
    const bytes = yield* readAll(source);
    yield* close(source);
    const target = yield* open("/home/notes.new", "w");
    yield* write(target, bytes);
    yield* fsync(target);
    yield* close(target);
    yield* rename("/home/notes.new", "/home/notes");
    yield* print(`saved ${number}`);
  }
}
