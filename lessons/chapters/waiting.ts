// Chapter 1: a blocking call, and what its thread does meanwhile: nothing.

import type { Chapter } from "../chapter.ts";

export const waiting: Chapter = {
  id: "waiting",
  title: "A call that waits",
  line: "A thread asks a disk, and stands still until it answers.",
  claims: [3],
  scenarios: ["pause"],
  prose: [
    "A program is a list of things to do. Some of them it does itself, on the CPU. Others it has to ask for: bytes from a disk, bytes from another machine. It asks the kernel, and it asks by a call.",
    "The plainest call **blocks**. The thread says what it wants, the kernel writes the request on its list and puts the thread aside. When the device is done, the kernel picks the thread up again, and the call returns as if nothing had been.",
    "In the program that is one line, `const logo = yield* read(file, 4096)`, and it reads as if the bytes had been there all the time. That is what is good about it.",
    "What is bad about it stands in the figure. A disk has an arm that travels and a platter that turns. For a CPU that is an age: in the time of one such read it could have done twenty million small things.",
  ],
  note:
    "One thread reads from the disk, works for a while, and asks another machine, which answers after 0.4 ms. Turn **work** to give it more to do in between.",
  figure: {
    title: "two reads, each waited for",
    styles: { block: { name: "Block", line: "stand and watch the kettle" } },
    tally: { fact: "totalMs", word: "all done", unit: "ms" },
    spanNs: 18_000_000,
    control: {
      name: "work",
      word: "work",
      stops: [0, 1000, 2000, 4000, 8000, 16_000],
      value: 1000,
      unit: "µs",
    },
  },
  question: {
    text:
      "The disk takes 8.1 ms, the work 1 ms, the network 0.5 ms. When is all done?",
    atNs: 5_000_000,
    fact: "totalMs",
    choices: [
      { label: "8.1 ms", value: 8.1 },
      { label: "9.6 ms", value: 9.6 },
      { label: "13 ms", value: 13 },
      { label: "17 ms", value: 17 },
    ],
    why:
      "The thread does one thing at a time, so its waits and its work add up: it stands still for 8.6 of the 9.6 ms.",
  },
  task: {
    text:
      "Give the thread so much work that it stands still for less than half of the time.",
    check: ({ pausedShare = 1 }) =>
      pausedShare < 0.5
        ? ""
        : `It stands still for ${Math.round(pausedShare * 100)} % of the time.`,
    solution: { style: "block", value: 16_000 },
  },
};
