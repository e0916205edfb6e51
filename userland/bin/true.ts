// true: does nothing, successfully.

import type { Program } from "kettle";

// deno-lint-ignore require-yield
export default function* main(): Program {
  return 0;
}
