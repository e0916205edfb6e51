// false: does nothing, unsuccessfully.

import type { Program } from "kettle";

// deno-lint-ignore require-yield
export default function* main(): Program {
  return 1;
}
