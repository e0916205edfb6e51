// 10,000 lines of random input for the shell: half from a grammar, half noise.

import { test } from "node:test";
import { survives } from "../userland/noise.ts";

test("the shell survives 5,000 commands made at random", () => {
  for (let seed = 100; seed < 110; seed += 1) {
    survives("grammar", { lines: 500, seed });
  }
});

test("the shell survives 5,000 lines of noise", () => {
  for (let seed = 200; seed < 205; seed += 1) {
    survives("noise", { lines: 1000, seed });
  }
});
