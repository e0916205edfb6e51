// uptime: how long the machine has run, by the virtual clock.

import { clock, print, type Program } from "kettle";
import { calendar } from "../lib/calendar.ts";

export default function* main(): Program {
  const now = yield* clock();
  const { hour, minute, second } = calendar(now);
  const seconds = (now / 1_000_000_000).toFixed(3);
  yield* print(` ${hour}:${minute}:${second} up ${seconds} s of virtual time`);
}
