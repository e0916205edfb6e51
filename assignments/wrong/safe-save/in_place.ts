// Writes over the old text, and does wait for the platter.
// Must fail: the notes are whole
// Must fail: what it said stays

import {
  close,
  fsync,
  ftruncate,
  open,
  print,
  type Program,
  readAll,
  write,
} from "kettle";

export default function* main(): Program {
  for (const number of [1, 2, 3]) {
    const source = yield* open(`/home/versions/${number}`);
    const bytes = yield* readAll(source);
    yield* close(source);
    const target = yield* open("/home/notes", "r+");
    yield* write(target, bytes);
    yield* ftruncate(target, bytes.length);
    yield* fsync(target);
    yield* close(target);
    yield* print(`saved ${number}`);
  }
}
