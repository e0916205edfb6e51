// Chapter 11: where there is nothing to wait for there is nothing to gain.

import type { Chapter } from "../chapter.ts";

export const crunch: Chapter = {
  id: "crunch",
  title: "Nothing but work",
  line: "Where nothing waits, nothing is gained.",
  claims: [10, 11],
  footnotes: [3, 5],
  scenarios: ["crunching", "worker"],
  prose: [
    "All of this is about waiting. Some programs do not wait: they compress, sort, compute pictures. They are **CPU-bound**, and for them no way of asking makes a difference.",
    "Three tasks of 10 ms of work are 30 ms of work. One after the other, in turns, or from an event loop: a CPU does one thing at a time.",
    "It can be worse. A framework for asynchronous I/O adds some work of its own to each task. And an event loop that computes for long answers nobody meanwhile. So a loop hands its long jobs to **workers**, threads beside it, and goes on listening.",
    "What helps is another CPU, and a thread for it. There threads are right.",
    "Look at the mean, too. In turns all three are done near the end; one after the other the first is done after 10 ms. Which is fairer is a matter of taste. When all is done is not.",
  ],
  note:
    "Three tasks of 10 ms each and no I/O. A turn is 3 ms, a switch 5 µs; the event loop's framework adds 60 µs to each task.",
  figure: {
    title: "three tasks, no waiting",
    styles: {
      threads: { name: "Threads", line: "in turns" },
      block: { name: "One thread", line: "one after the other" },
      submit: { name: "Event loop", line: "with a framework's tax" },
    },
    tally: { fact: "totalMs", word: "all done", unit: "ms" },
    spanNs: 36_000_000,
    control: {
      name: "cpus",
      word: "CPUs",
      stops: [1, 2, 3, 4],
      value: 1,
      unit: "",
    },
  },
  question: {
    text: "One CPU, a thread for each of the three tasks. When is all done?",
    atNs: 8_000_000,
    fact: "totalMs",
    choices: [
      { label: "10 ms", value: 10 },
      { label: "16 ms", value: 16 },
      { label: "20 ms", value: 20 },
      { label: "30 ms", value: 30 },
    ],
    why:
      "It is 30 ms of work for one CPU. The turns only deal it out, and each switch adds 5 µs.",
  },
  task: {
    text: "Have all three done within 11 ms, with no CPU more than that takes.",
    check: ({ totalMs = 0 }, { value }) =>
      totalMs > 11
        ? `All is done after ${totalMs.toFixed(1)} ms.`
        : value > 3
        ? "Done in time. One CPU has nothing to do."
        : "",
    solution: { style: "threads", value: 3 },
  },
};
