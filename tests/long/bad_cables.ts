// A thousand conversations over cables that lose up to a fifth of the frames,
// double and reorder them: every stream arrives once, in order and whole.

import { test } from "node:test";
import { conversation } from "../kernel/net_conversation.ts";

const FIRST_SEED = Number(Deno.env.get("SEED") ?? 1_000);
const SEEDS = 1_000;

test(`${SEEDS} conversations over bad cables from seed ${FIRST_SEED} on`, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    conversation(seed);
  }
});
