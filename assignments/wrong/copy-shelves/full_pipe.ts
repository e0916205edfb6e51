// All books go into a pipe first, and come out of it later. A pipe holds 64 KiB.
// Must fail: it ends well

import {
  close,
  mkdir,
  open,
  pipe,
  type Program,
  read,
  readdir,
  write,
} from "kettle";

export default function* main(): Program {
  const [out, into] = yield* pipe();
  const sizes = new Map<string, number>();
  for (const { name } of yield* readdir("/home/in")) {
    for (const book of yield* readdir(`/home/in/${name}`)) {
      const source = yield* open(`/home/in/${name}/${book.name}`);
      let size = 0;
      for (;;) {
        const piece = yield* read(source, 16_384);
        if (piece.length === 0) break;
        size += yield* write(into, piece);
      }
      yield* close(source);
      sizes.set(`${name}/${book.name}`, size);
    }
  }
  yield* mkdir("/home/out");
  for (const [name, size] of sizes) {
    const target = yield* open(`/home/out/${name}`, "w");
    for (let left = size; left > 0;) {
      const piece = yield* read(out, Math.min(left, 16_384));
      left -= yield* write(target, piece);
    }
    yield* close(target);
  }
}
