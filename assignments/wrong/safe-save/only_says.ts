// Says that it has saved, and has not.
// Must fail: all versions, in their order
// Must fail: what it said stays

import { print, type Program } from "kettle";

export default function* main(): Program {
  for (const number of [1, 2, 3]) yield* print(`saved ${number}`);
}
