// Chapter 7: one thread that waits for everything at once.

import type { Chapter } from "../chapter.ts";

export const many: Chapter = {
  id: "many",
  title: "Wait for all of them",
  line: "One thread holds every conversation.",
  claims: [7, 9],
  scenarios: ["many-clients", "thousands", "crowd"],
  prose: [
    "A server has little work of its own to fill the time with. So it does wait; but not for one request. It submits all it can and then calls `wait()`: put me aside until **any** of them is done.",
    "That is an **event loop**. Take the events that have come, do what each asks for, submit what comes next, wait again. One thread holds as many conversations as its list has room for.",
    "Many clients are served at the same time, and the first of them no later than before. What limits the loop is the CPU: when the CPU is busy all the time, more clients only wait for each other.",
    "A fair comparison is with enough threads. With a thread for each client the blocking server is as fast. The loop wins where threads run out: when each client takes a second, thousands are inside at once, and there is no room for thousands of stacks.",
  ],
  note:
    "All clients come at once. Each needs 0.05 ms of the CPU and then 10 ms of a backend that can do any number at the same time. There is one thread.",
  figure: {
    title: "server, one thread",
    styles: {
      wait: { name: "Wait for all", line: "an event loop" },
      block: { name: "Block", line: "one after the other" },
    },
    tally: { fact: "lastMs", word: "last answer", unit: "ms" },
    spanNs: 42_000_000,
    control: {
      name: "clients",
      word: "clients",
      stops: [1, 2, 4, 8],
      value: 4,
      unit: "",
    },
  },
  question: {
    text:
      "Four clients, one thread, an event loop. When is the last of them answered?",
    atNs: 5_000_000,
    fact: "lastMs",
    choices: [
      { label: "10.2 ms", value: 10.2 },
      { label: "20 ms", value: 20 },
      { label: "30 ms", value: 30 },
      { label: "40.2 ms", value: 40.2 },
    ],
    why:
      "All four are with the backend at the same time, so they share one wait of 10 ms; only their bits of CPU time add up.",
  },
  task: {
    text: "Serve eight clients and have the last one answered within 12 ms.",
    check: ({ lastMs = 0, served = 0 }) =>
      served < 8
        ? `There are ${served} clients.`
        : lastMs > 12
        ? `The last has its answer after ${Math.round(lastMs)} ms.`
        : "",
    solution: { style: "wait", value: 8 },
  },
};
