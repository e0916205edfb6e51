// Chapter 10: more clients than can be served, a queue with an end, and patience.

import type { Chapter } from "../chapter.ts";

export const backlog: Chapter = {
  id: "backlog",
  title: "The queue has an end",
  line: "More come than are served. How long should the line be?",
  claims: [5, 6],
  scenarios: ["full-queue", "patience", "overload"],
  prose: [
    "Two threads and 10 ms for each request make 200 answers a second. What if 300 clients a second come?",
    "A queue evens out a crowd that comes and goes. It is no help against one that stays: it fills, and then it is full. The program that listens says how many may stand in it, the **backlog**.",
    "Who comes to a full queue is turned away. On most systems that is done by silence: the client hears nothing and tries again after a second, then after two. Here the kernel says so at once, with a reset, since that is easier to see.",
    "A longer queue turns fewer away, and all of them wait longer. Clients give up. The server does not know, and goes on working **for nobody**: it looks busy, and its answers come to closed doors.",
    "So the right length is not the longest. Nobody should be let in who cannot be served while he still waits.",
  ],
  note:
    "45 clients come, one every 3.3 ms, to two threads that can serve one every 5 ms. A client gives up after 31 ms.",
  figure: {
    title: "server, two threads, too many clients",
    styles: { block: { name: "Block", line: "a queue with an end" } },
    tally: { fact: "refused", word: "turned away", unit: "" },
    spanNs: 185_000_000,
    control: {
      name: "backlog",
      word: "backlog",
      stops: [1, 2, 4, 6, 8, 16],
      value: 6,
      unit: "",
    },
  },
  question: {
    text:
      "The queue has 6 places, and each second 100 more come than are served. After how long is the first one turned away?",
    atNs: 45_000_000,
    fact: "firstRefusedMs",
    choices: [
      { label: "20 ms", value: 20 },
      { label: "60 ms", value: 60 },
      { label: "100 ms", value: 100 },
      { label: "never", value: -1 },
    ],
    why:
      "Every 10 ms the queue grows by one, so its 6 places are taken after 60 ms. From then on who comes is turned away whenever it is full.",
  },
  task: {
    text:
      "Let nobody's answer come too late, and turn away as few as that allows.",
    check: ({ late = 0 }, { value }) =>
      late > 0
        ? `${late} answers are made for nobody.`
        : value < 4
        ? "All answers are in time. With a few more places fewer would be turned away."
        : "",
    solution: { style: "block", value: 4 },
  },
};
