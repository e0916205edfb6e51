// Chapter 2: the thread is paused, and whether the CPU is idle is another question.

import type { Chapter } from "../chapter.ts";

export const idle: Chapter = {
  id: "idle",
  title: "Who is idle?",
  line: "The thread is paused. Whether the CPU idles is another question.",
  claims: [3],
  footnotes: [3],
  scenarios: ["pause"],
  prose: [
    "A blocked thread uses no CPU. That is easily said the wrong way round: the **thread** has nothing to do, and the **CPU** has nothing to do only if nobody else wants it.",
    "When the kernel puts a thread aside it looks who else is ready. If there is one, that one runs. If there is none, the CPU idles, and the lane in the figure is empty.",
    "So one thread that waits wastes a CPU, and two may not. Programs that mostly compute get on well with each other while one of them waits for a disk. With more CPUs, more threads can compute at once.",
    "There is a price. Whoever was paused has to queue for the CPU again when its bytes are there. Look for the yellow part, `Q`: the disk is done, and the thread is not running yet.",
  ],
  note:
    "The thread `main` makes the two reads of the chapter before. The others only compute until `main` is through.",
  figure: {
    title: "a thread that waits, and others that work",
    styles: { block: { name: "Block", line: "stand and watch the kettle" } },
    tally: { fact: "totalMs", word: "main done", unit: "ms" },
    spanNs: 20_000_000,
    control: {
      name: "others",
      word: "other threads",
      stops: [0, 1, 2, 3],
      value: 0,
      unit: "",
    },
  },
  question: {
    text:
      "Two more threads join, and they only compute. For how long is main paused by its two reads then?",
    atNs: 4_000_000,
    value: 2,
    fact: "pausedMs",
    choices: [
      { label: "0 ms", value: 0 },
      { label: "4.3 ms", value: 4.3 },
      { label: "8.6 ms", value: 8.6 },
      { label: "17 ms", value: 17 },
    ],
    why:
      "A device takes as long as it takes, whoever has the CPU. What the other threads add is the time that main queues afterwards.",
  },
  task: {
    text:
      "Keep the CPU busy for at least nine tenths of the time, and main done as soon as it can be under that rule.",
    check: ({ busyShare = 0, others = 0 }) =>
      busyShare < 0.9
        ? `The CPU is busy for ${Math.round(busyShare * 100)} % of the time.`
        : others > 1
        ? "It is busy. With fewer threads main would be done sooner."
        : "",
    solution: { style: "block", value: 1 },
  },
};
