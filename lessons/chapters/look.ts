// Chapter 6: two requests under way at once, and which is seen first.

import type { Chapter } from "../chapter.ts";

export const look: Chapter = {
  id: "look",
  title: "Two at once",
  line: "The later request is done first. Who has it when?",
  claims: [2],
  scenarios: ["order"],
  prose: [
    "If nobody waits for the first request, there is nothing to keep the thread from making a second. Now two are on the kernel's list: **(1)** from the disk, **(2)** from another machine.",
    "They do not come back in the order in which they went out. The disk is slow and the network is quick, so (2) overtakes (1). The thread does not mind: each event comes with the handle of its request, and the handle tells which is which.",
    "It takes two devices to turn the order round. One disk that serves first come, first served would answer in turn, however it was asked.",
    "And there is a catch in looking. An event is there when it is there; the thread has it when it **looks**. Until then it lies on the handle, the dotted part of the lane.",
  ],
  note:
    "The thread submits (1), works for 1 ms, submits (2), and looks after each further millisecond of work. The tabs show the same two requests in the other two ways.",
  figure: {
    title: "two reads, one disk, one network",
    styles: {
      poll: { name: "Poll", line: "walk off, look in now and then" },
      block: { name: "Block", line: "stand and watch the kettle" },
      push: { name: "Push", line: "wait for the whistle" },
    },
    tally: { fact: "totalMs", word: "both taken", unit: "ms" },
    spanNs: 10_000_000,
    control: {
      name: "answer",
      word: "network",
      stops: [400, 2000, 4000, 6000, 8000, 12_000],
      value: 400,
      unit: "µs",
    },
  },
  question: {
    text:
      "(2) is asked for at 1 ms and done half a millisecond later. When does the thread take the first event?",
    atNs: 1_300_000,
    fact: "heardMs",
    choices: [
      { label: "(2), at 1.5 ms", value: 1.5 },
      { label: "(2), at 2 ms", value: 2 },
      { label: "(2), at 3 ms", value: 3 },
      { label: "(1), at 8.1 ms", value: 8.1 },
    ],
    why:
      "(2) is done at 1.5 ms, and its event lies there until the thread has finished its piece of work and looks, at 2 ms.",
  },
  task: {
    text:
      "Make the network so slow that (1) is taken first after all, and no slower than that.",
    check: ({ first = 0 }, { value, style }) =>
      style === "block"
        ? "Who blocks asks for (2) only when it has (1). Try it with Poll or Push."
        : first !== 1
        ? "Event (2) still comes first."
        : value > 8000
        ? "(1) is first. A quicker network would do."
        : "",
    solution: { style: "poll", value: 8000 },
  },
};
