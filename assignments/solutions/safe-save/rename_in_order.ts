// Beside the old file, onto the platter, and then the name moves: one step that
// the journal makes whole. The name is safe when its directory is.

import {
  close,
  fsync,
  open,
  print,
  type Program,
  read,
  rename,
  type Routine,
  write,
} from "kettle";

export default function* main(): Program {
  for (const number of [1, 2, 3]) {
    yield* copy(`/home/versions/${number}`, "/home/notes.new");
    yield* rename("/home/notes.new", "/home/notes");
    yield* syncDirectory("/home");
    yield* print(`saved ${number}`);
  }
}

/** Copies a file; when it returns, the copy is on the platter. */
function* copy(from: string, to: string): Routine {
  const source = yield* open(from), target = yield* open(to, "w");
  for (;;) {
    const piece = yield* read(source, 16_384);
    if (piece.length === 0) break;
    yield* write(target, piece);
  }
  yield* fsync(target);
  yield* close(target);
  yield* close(source);
}

function* syncDirectory(path: string): Routine {
  const directory = yield* open(path);
  yield* fsync(directory);
  yield* close(directory);
}
