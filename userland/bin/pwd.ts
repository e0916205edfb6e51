// pwd: prints the working directory.

import { getcwd, print, type Program } from "kettle";

export default function* main(): Program {
  yield* print(yield* getcwd());
}
