// The real clock of Deno, Bun and Node, for the driver.

import { delay } from "@std/async";
import type { HostClock } from "./driver.ts";

export const REAL_CLOCK: HostClock = {
  now: () => performance.now(),
  delay: (ms, signal) => delay(ms, { signal }),
};
