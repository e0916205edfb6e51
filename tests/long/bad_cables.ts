// Thousands of seeds over bad cables: loss up to a fifth of the frames, doubled,
// held up and late ones, cables cut for a while, in both directions. Conversations
// that read to the end; two ends that do anything; servers with too short a
// backlog, whose clients are slow, leave in the middle, or are killed; programs that make
// any socket call. (Damaged frames are lost frames: a card drops what its checksum
// does not fit.)

import { test } from "node:test";
import { conversation } from "../kernel/net_conversation.ts";
import { life } from "../kernel/net_life.ts";
import { socketCalls } from "../kernel/net_socket_calls.ts";
import { trouble } from "../kernel/net_trouble.ts";

const FIRST_SEED = Number(Deno.env.get("SEED") ?? 1_000);
const SEEDS = Number(Deno.env.get("SEEDS") ?? 1_000);

test(`${SEEDS} conversations over bad cables from seed ${FIRST_SEED} on`, () => {
  each(conversation);
});

test(`${SEEDS} connections whose ends do anything, from seed ${FIRST_SEED} on`, () => {
  each(life);
});

test(`${SEEDS} servers and their clients in trouble, from seed ${FIRST_SEED} on`, () => {
  each(trouble);
});

test(`${SEEDS / 5} worlds of random socket calls from seed ${FIRST_SEED} on`, () => {
  for (let i = 0; i < SEEDS / 5; i++) socketCalls(FIRST_SEED + i);
});

function each(body: (seed: number) => void): void {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) body(seed);
}
