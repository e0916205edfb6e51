// Chapter 3: a thread for each client, and one client too many.

import type { Chapter } from "../chapter.ts";

export const crowd: Chapter = {
  id: "crowd",
  title: "Three clients, two threads",
  line: "A thread for each client, and one client too many.",
  claims: [4],
  footnotes: [2],
  scenarios: ["third-client"],
  prose: [
    "A server that blocks can talk to one client at a time. The usual way out is more threads: each takes a client, asks the database, waits, answers, and takes the next one. (Processes do as well as threads, and on many systems they came first.)",
    "Here two threads listen. Client A gets the one and client B the other, and both threads go to sleep while their answers are being made.",
    "Then client C comes. Its connection stands: the kernel has said yes to it. But there is no thread to take it, so the kernel keeps it in a **queue** until one is free.",
    "It is like a kitchen where each cook must stand beside one pan until it is done. The stove has room, and the line does not move.",
  ],
  note:
    "Each request takes the backend 10 ms. The three clients come at the same nanosecond, in the order A, B, C. Turn **threads** and watch where C goes.",
  figure: {
    title: "server, threads",
    styles: { block: { name: "Block", line: "a thread for each client" } },
    tally: { fact: "lastMs", word: "last answer", unit: "ms" },
    spanNs: 31_000_000,
    control: {
      name: "threads",
      word: "threads",
      stops: [1, 2, 3, 4],
      value: 2,
      unit: "",
    },
  },
  question: {
    text: "When does client C have its answer?",
    atNs: 9_000_000,
    fact: "lastMs",
    choices: [
      { label: "10 ms", value: 10 },
      { label: "15 ms", value: 15 },
      { label: "20 ms", value: 20 },
      { label: "30 ms", value: 30 },
    ],
    why:
      "C waits in the queue for the first thread to be free, which is after 10 ms, and then as long again for its own answer.",
  },
  task: {
    text:
      "Have all three answered after one wait, with no thread more than that takes.",
    check: ({ lastMs = 0 }, { value }) =>
      lastMs > 11
        ? `The last has its answer after ${Math.round(lastMs)} ms.`
        : value > 3
        ? "All are served at once. One thread has nothing to do."
        : "",
    solution: { style: "block", value: 3 },
  },
};
