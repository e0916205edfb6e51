// A figure of what an interruption can do: main and a callback add to one number.
// Main reads it, takes its time, and writes it back; what the callback added
// meanwhile is overwritten, unless main holds callbacks back.

import {
  compute,
  masked,
  type Program,
  push,
  type Routine,
  sleep,
  us,
} from "../../mod.ts";
import { World } from "../../kernel/mod.ts";
import { inMs, recorded, type Recording, Story } from "../recording.ts";

type Values = Readonly<Record<string, number>>;

const MAIN_ADDS = 10, CALLBACK_ADDS = 8;
/** From one addition of main to the next, with whatever the update takes. */
const ROUND_NS = 40 * us;
/** From one call to the next: no multiple of the round, so they drift. */
const CALL_NS = 47 * us;

export function counter({ update = 20 }: Values, style: string): Recording {
  const world = new World({ seed: 1 });
  const machine = world.boot({ name: "kettle" });
  const story = new Story(world);
  let counter = 0, called = 0, beganNs = 0, endedNs = 0, lost = 0;
  const show = (by: string) =>
    story.mark(
      "counter",
      by === "callback" ? "callback" : "event",
      String(counter),
      `The counter is ${counter}: ${by} wrote it.`,
    );
  const addOne = function* (): Routine {
    const before = counter;
    yield* compute(update * us);
    lost += counter - before;
    counter = before + 1;
    show("main");
  };
  const process = machine.spawn(
    function* main(): Program {
      beganNs = world.now;
      for (let i = 1; i <= CALLBACK_ADDS; i++) {
        const until = beganNs + 20 * us + i * CALL_NS;
        yield* push(sleep({ until }), () => {
          counter++;
          called++;
          show("callback");
        });
      }
      show("main");
      for (let i = 0; i < MAIN_ADDS; i++) {
        if (style === "masked") yield* masked(addOne);
        else yield* addOne();
        yield* compute(ROUND_NS - update * us);
      }
      while (called < CALLBACK_ADDS) yield* compute(10 * us);
      endedNs = world.now;
    },
    [],
    { name: "main" },
  );
  world.run({ until: process });
  return recorded({
    world,
    fromNs: beganNs,
    toNs: endedNs,
    story,
    threads: { [process.pid]: "main" },
    hidden: ["disk", "request", "cpu"],
    below: ["counter"],
    facts: {
      totalMs: inMs(endedNs - beganNs),
      counter,
      added: MAIN_ADDS + CALLBACK_ADDS,
      lost,
    },
  });
}
