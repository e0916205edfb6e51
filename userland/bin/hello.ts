// hello: the first program. `yield*` is a call to the kernel, print() is
// write(1, …): it writes to standard output, number 1.

import { print, type Program } from "kettle";

export default function* main(): Program {
  yield* print("hello, kettle");
}
