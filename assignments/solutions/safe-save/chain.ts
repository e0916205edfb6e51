// The same as one chain of requests: each starts when the one before has ended,
// and the program waits once.

import {
  chain,
  close,
  fsync,
  open,
  print,
  type Program,
  readAll,
  rename,
  submit,
  wait,
  write,
} from "kettle";

export default function* main(): Program {
  const directory = yield* open("/home");
  for (const number of [1, 2, 3]) {
    const source = yield* open(`/home/versions/${number}`);
    const bytes = yield* readAll(source);
    yield* close(source);
    const target = yield* open("/home/.notes", "w");
    const handle = yield* submit(chain(
      write(target, bytes),
      fsync(target),
      close(target),
      rename("/home/.notes", "/home/notes"),
      fsync(directory),
    ));
    const event = yield* wait(handle);
    if (!event.ok) throw event.error;
    yield* print(`saved ${number}`);
  }
  yield* close(directory);
}
