// C9: thousands that wait for long, and memory for a few hundred stacks. How many
// can be served at once is the question, not how fast.

import { KiB, s } from "../mod.ts";
import { equalPlaces, perSecond, timeNs } from "./model.ts";
import { near, of, scenario, that } from "./scenario.ts";
import { fixed, READY_NS, site } from "./site.ts";
import { BACKLOG, COMPUTE, IO, modelOf, serverOf, TAX } from "./styles.ts";

const STACK_BYTES = 256 * KiB;
/** Taken by the kernel's first process and by the server's first thread. */
const OTHERS = 2;
export default scenario({
  id: "thousands",
  number: 9,
  title: "Thousands that wait",
  claim:
    "Where thousands of tasks spend their time waiting, a box can have far " +
    "more of them under way at once without a thread for each.",
  params: {
    clients: {
      min: 1,
      max: 5000,
      value: 5000,
      unit: "",
      about: "at all times",
    },
    threads: {
      min: 1,
      max: 8192,
      value: 256,
      unit: "",
      about: "stacks that memory has room for",
    },
    io: { ...IO, value: 1_000_000 },
    compute: COMPUTE,
    tax: TAX,
    seconds: { min: 0.01, max: 10, value: 1, unit: "s", about: "counted" },
  },
  styles: {
    block: "as many threads as memory has room for",
    submit: "a few processes, an event loop in each",
  },
  world(p, seed, style, change) {
    const roundNs = timeNs(modelOf("submit", p), p.clients!);
    // Not all fit into the queue at first; who did not knocks again after a second.
    const isTooMany = p.clients! > BACKLOG;
    const fromNs = READY_NS +
      Math.ceil(roundNs * 1.1 + (isTooMany ? 1 * s : 0));
    const isLoop = style === "submit";
    const memory = (p.threads! + OTHERS) * STACK_BYTES;
    const trial = site({
      seed,
      change,
      machine: { memory: isLoop ? 2 ** 30 : memory },
      backendConnections: p.clients!,
      server: isLoop
        ? serverOf("submit", p)
        : serverOf("block", { ...p, threads: p.clients! }),
      load: {
        clients: p.clients!,
        compute: fixed(p.compute!),
        io: fixed(p.io!),
      },
    });
    const rounds = Math.max(1, Math.round(p.seconds! * s / roundNs));
    return { ...trial, fromNs, untilNs: fromNs + Math.round(rounds * roundNs) };
  },
  holds: (result) =>
    of(result, "submit").perSecond > of(result, "block").perSecond,
  crossover: {
    param: "threads",
    holds: "below",
    at: (p) =>
      Math.min(
        p.clients!,
        equalPlaces(modelOf("block", p), modelOf("submit", p)),
      ),
    about: "with memory for a stack for each client, threads do as well",
  },
  expect(result, p) {
    for (const style of ["block", "submit"]) {
      const measured = of(result, style);
      const wanted = perSecond(modelOf(style, p), p.clients!);
      near(measured.perSecond, wanted, `${style}, a second`, 0.05);
    }
    const block = of(result, "block"), submit = of(result, "submit");
    that(
      block.memoryBytes <= (p.threads! + OTHERS) * STACK_BYTES,
      "threads fit into memory",
    );
    if (p.threads! >= p.clients!) return;
    that(
      submit.memoryBytes < block.memoryBytes * 2,
      "the event loops need no more memory",
    );
  },
  misleads:
    "Without a limit on memory or threads the event loop wins nothing here: " +
    "with a thread for each client the blocking server answers as many. So " +
    "a kernel that gives stacks away would make nonsense of the claim. The " +
    "number of threads that does as well as the event loop is (CPU + wait) " +
    "/ (CPU + tax): 2 with waits of 0.2 ms, 63 with 10 ms, 6,251 with a " +
    "second.",
  text: "5,000 clients ask for something that takes a second, as a page does " +
    "that waits for news. 256 stacks are all that fits into memory, so 256 " +
    "are served at once and 256 a second. Twelve processes with an event " +
    "loop each need a tenth of the memory and have all 5,000 under way. It " +
    "is about room, not about speed.",
  mutants: [
    {
      name: "stacks for nothing",
      about: "a thread takes no memory",
      machine: { stackBytes: 0 },
    },
  ],
  small: { clients: 64, threads: 8, io: 50_000, seconds: 0.1 },
});
