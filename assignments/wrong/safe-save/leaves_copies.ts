// Each version keeps a file of its own beside the notes: safe, and untidy.
// Must fail: nothing else is left in /home

import {
  close,
  fsync,
  link,
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
    const path = `/home/notes.${number}`;
    const target = yield* open(path, "w");
    yield* write(target, bytes);
    yield* fsync(target);
    yield* close(target);
    yield* link(path, "/home/notes.new");
    yield* rename("/home/notes.new", "/home/notes");
    const directory = yield* open("/home");
    yield* fsync(directory);
    yield* close(directory);
    yield* print(`saved ${number}`);
  }
}
