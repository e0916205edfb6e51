// Links, images and messages of strangers, a few of each: always a sentence, or
// something that can be shown; the many are in the long run.

import { assert } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import {
  checkImage,
  checkLink,
  checkMessage,
  Dice,
  oddImage,
  oddLink,
  oddMessage,
} from "./strangers.ts";
import { smallImage } from "./small_image.ts";

const SEED = Number(process.env.SEED ?? 20121);
const MANY = 300;

async function counted(
  check: () => "opened" | "refused" | Promise<"opened" | "refused">,
): Promise<{ opened: number; refused: number }> {
  const counts = { opened: 0, refused: 0 };
  for (let i = 0; i < MANY; i++) counts[await check()]++;
  console.log(
    `seed ${SEED}: ${counts.opened} opened, ${counts.refused} refused`,
  );
  assert(counts.opened > 0 && counts.refused > 0);
  return counts;
}

test("a stranger's link is opened or refused with a sentence", async () => {
  const dice = new Dice(SEED);
  await counted(async () => checkLink(await oddLink(dice)));
});

test("a stranger's image of a disk is taken or refused with a sentence", async () => {
  const dice = new Dice(SEED), good = await smallImage();
  await counted(() => checkImage(oddImage(dice, good)));
});

test("a stranger's message is understood, answered with a sentence, or not for us", async () => {
  const dice = new Dice(SEED);
  await counted(() => checkMessage(oddMessage(dice)));
});
