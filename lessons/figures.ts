// The figure of each chapter by the chapter's id, and that of the first visit: what runs when its control or
// its tabs are turned. This side has the kernel in it; the chapters' words are in
// chapters.ts and have not.

import { many, overload, single, three } from "./figures/crowd.ts";
import { counter } from "./figures/counter.ts";
import { tasks, turns } from "./figures/turns.ts";
import { beside, handle, looking, waiting } from "./figures/wire.ts";
import type { Recording } from "./recording.ts";

export type Figure = (
  values: Readonly<Record<string, number>>,
  style: string,
) => Recording;

export const FIGURES: Readonly<Record<string, Figure>> = {
  first: looking,
  waiting,
  idle: beside,
  crowd: three,
  cost: turns,
  handle,
  look: looking,
  many,
  whistle: looking,
  interruption: counter,
  backlog: overload,
  crunch: tasks,
  tax: single,
};
