// Whatever is typed, the shell comes back to its prompt: random commands from a
// grammar, and plain noise. tests/long runs many more.

import { test } from "node:test";
import { survives } from "./noise.ts";

test("the shell survives commands made at random", () => {
  survives("grammar", { lines: 60, seed: 1 });
});

test("the shell survives noise on the keyboard", () => {
  survives("noise", { lines: 150, seed: 2 });
});
