// The twelve chapters, in the order of the article.

import type { Chapter } from "./chapter.ts";
import { backlog } from "./chapters/backlog.ts";
import { cost } from "./chapters/cost.ts";
import { crowd } from "./chapters/crowd.ts";
import { crunch } from "./chapters/crunch.ts";
import { handle } from "./chapters/handle.ts";
import { idle } from "./chapters/idle.ts";
import { interruption } from "./chapters/interruption.ts";
import { look } from "./chapters/look.ts";
import { many } from "./chapters/many.ts";
import { tax } from "./chapters/tax.ts";
import { waiting } from "./chapters/waiting.ts";
import { whistle } from "./chapters/whistle.ts";

export const CHAPTERS: readonly Chapter[] = [
  waiting,
  idle,
  crowd,
  cost,
  handle,
  look,
  many,
  whistle,
  interruption,
  backlog,
  crunch,
  tax,
];
