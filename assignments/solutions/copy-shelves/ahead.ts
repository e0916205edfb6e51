// One thread, which asks before it needs: while it checks a book, the kernel
// already opens and reads the next.

import {
  close,
  compute,
  type Handle,
  mkdir,
  ms,
  open,
  type Program,
  read,
  readdir,
  type Routine,
  submit,
  wait,
  write,
} from "kettle";

interface Book {
  name: string;
  /** Of the shelf, which is being read. */
  books: Handle<"readdir">;
}

export default function* main(): Program {
  yield* mkdir("/home/out");
  const shelves = (yield* readdir("/home/in")).map(({ name }) => name);
  let next = yield* ask(shelves.shift()!);
  while (true) {
    const shelf = next;
    const event = yield* wait(shelf.books);
    if (!event.ok) throw event.error;
    yield* mkdir(`/home/out/${shelf.name}`);
    for (const { name } of event.value) yield* copy(`${shelf.name}/${name}`);
    const name = shelves.shift();
    if (name !== undefined) next = yield* ask(name);
    for (const _ of event.value) yield* compute(10 * ms);
    if (name === undefined) return;
  }
}

function* ask(name: string): Routine<Book> {
  return { name, books: yield* submit(readdir(`/home/in/${name}`)) };
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
