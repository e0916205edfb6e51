// Chapter 5: a request handed over: six steps, and the thread is never paused.

import type { Chapter } from "../chapter.ts";

export const handle: Chapter = {
  id: "handle",
  title: "Ask, and walk off",
  line: "A slip with a number instead of a wait: six steps.",
  claims: [1],
  scenarios: ["six-steps"],
  prose: [
    "There is another way to ask. The thread **submits** its request and gets something back at once: not the bytes, but a **handle**, a slip with a number on it.",
    "The kernel puts the request on its list and minds it. The thread goes on with its own work. From time to time it looks at the handle: is there an **event** yet? A look takes a call, and never waits.",
    "When the disk is done the kernel posts an event to the handle. The next look finds it, and the thread has its bytes.",
    "Six steps, then: the thread asks; it has a handle; the kernel lists the request; the thread works and looks; the kernel posts an event; the thread takes it. Nobody was paused.",
  ],
  note:
    "One read of 8.1 ms, submitted at 0. The thread works in pieces and looks after each. Turn **a piece** to make it look more often.",
  figure: {
    title: "one read, submitted",
    styles: { poll: { name: "Poll", line: "walk off, look in now and then" } },
    tally: { fact: "totalMs", word: "taken", unit: "ms" },
    spanNs: 10_000_000,
    control: {
      name: "chunk",
      word: "a piece",
      stops: [10, 100, 500, 1000, 3000],
      value: 1000,
      unit: "µs",
    },
  },
  question: {
    text:
      "The read is on the kernel's list for 8.1 ms. For how much of that is the thread paused?",
    atNs: 3_000_000,
    fact: "pausedMs",
    choices: [
      { label: "none of it", value: 0 },
      { label: "1 ms", value: 1 },
      { label: "4 ms", value: 4 },
      { label: "8.1 ms", value: 8.1 },
    ],
    why:
      "It has its handle after a fifth of a microsecond and works from then on; each look costs it as much again.",
  },
  task: {
    text:
      "Take the event within 0.1 ms of its coming, and still work for at least 99 % of the time.",
    check: ({ lateUs = 0, workedShare = 0 }) =>
      lateUs > 100
        ? `The event lies there for ${Math.round(lateUs)} µs.`
        : workedShare < 0.99
        ? `Taken soon; but only ${
          (workedShare * 100).toFixed(1)
        } % is work, the rest goes into looking.`
        : "",
    solution: { style: "poll", value: 100 },
  },
};
