// Saves the last version alone, and says all three.
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
  const source = yield* open("/home/versions/3");
  const bytes = yield* readAll(source);
  yield* close(source);
  const target = yield* open("/home/notes.new", "w");
  yield* write(target, bytes);
  yield* fsync(target);
  yield* close(target);
  yield* rename("/home/notes.new", "/home/notes");
  const directory = yield* open("/home");
  yield* fsync(directory);
  yield* close(directory);
  for (const number of [1, 2, 3]) yield* print(`saved ${number}`);
}
