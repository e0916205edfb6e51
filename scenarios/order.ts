// C2: two requests, and the one made last is done first. Two devices do that; one
// device that serves in turn does not.

import { us } from "../mod.ts";
import {
  ANSWER,
  atOnce,
  diskNs,
  figureWorld,
  inTurn,
  LATENCY_NS,
  oneDevice,
  WORK,
} from "./figure_world.ts";
import { exactly, near, of, scenario, that, type Values } from "./scenario.ts";

/** What read (1) takes with the platter where the world begins, ± the jitter. */
const DISK_US = 7_900;
/** The wire both ways, its packets and the calls, without the answer's own time. */
const WIRE_US = 2 * LATENCY_NS / us + 9;

const BODIES = {
  "two devices": atOnce,
  "one device": oneDevice,
  block: inTurn,
};

export default scenario({
  id: "order",
  number: 2,
  title: "Out of order",
  claim: "Of two requests under way at once the later one can be done first; " +
    "which result belongs to which, the handle tells.",
  params: { work: { ...WORK, max: 7_000 }, answer: ANSWER },
  styles: {
    "two devices": "(1) from a disk, (2) from another machine",
    "one device": "both from one disk, which serves in turn",
  },
  world(p, seed, style, change) {
    const body = BODIES[style as keyof typeof BODIES];
    const disk = { policy: "fcfs", queueDepth: 1, readAhead: false } as const;
    const trial = figureWorld(body, p, seed, change, { disk });
    const facts = () => {
      const { order, endedNs, matched } = trial.seen;
      return {
        firstDone: order[0] ?? 0,
        ended1Ns: endedNs[1] ?? 0,
        ended2Ns: endedNs[2] ?? 0,
        matched,
        diskNs: diskNs(trial.events()),
      };
    };
    return { ...trial, facts };
  },
  holds: (result) => of(result, "two devices").facts.firstDone === 2,
  crossover: {
    param: "answer",
    holds: "below",
    at: (p) => DISK_US - p.work! - WIRE_US,
    about:
      "if the other machine takes longer than the disk, they come in order",
  },
  expect(result, p) {
    const two = of(result, "two devices").facts;
    const one = of(result, "one device").facts;
    near(two.ended1Ns!, two.diskNs!, "(1) takes what the disk takes", 0.01);
    near(two.ended2Ns!, answeredNs(p), "(2) takes what the wire takes");
    exactly(
      two.firstDone!,
      two.ended1Ns! < two.ended2Ns! ? 1 : 2,
      "the event that is taken first",
    );
    exactly(two.matched!, 2, "results that are their request's");
    exactly(one.firstDone!, 1, "first from a device that serves in turn");
    exactly(one.matched!, 2, "results that are their request's");
    that(one.ended2Ns! > one.ended1Ns!, "the other comes after it");
  },
  misleads: "It is the two devices that turn the order round, not the way of " +
    "asking. From one disk that serves first come, first served, the " +
    "results come in the order of the requests, however they are asked for. " +
    "(A disk that sorts its queue may turn them round, too.)",
  text: "At 0 the thread asks for a block of a file, at 1 ms for some bytes " +
    "from another machine. The disk needs 8 ms, the other machine half a " +
    "millisecond: event (2) is there at 1.5 ms, event (1) at 8 ms. The " +
    "thread tells them apart by the handle, not by the order in which they " +
    "come.",
  mutants: [
    {
      name: "waits after all",
      about: "the program asks for one after the other",
      instead: { "two devices": "block" },
    },
    {
      name: "a slow network card",
      about: "a packet takes 10 ms in the kernel",
      machine: { costs: { packetNs: 10_000_000 } },
    },
  ],
  small: {},
});

/** When (2) is answered: the work, then the wire, ns. */
function answeredNs(p: Values): number {
  return (p.work! + p.answer! + WIRE_US) * us;
}
