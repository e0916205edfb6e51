// Chapter 8: to be called, instead of looking.

import type { Chapter } from "../chapter.ts";

export const whistle: Chapter = {
  id: "whistle",
  title: "Wait for the whistle",
  line: "The kernel calls; nobody has to look.",
  claims: [13, 14],
  footnotes: [1],
  scenarios: ["interrupted", "five-guys"],
  prose: [
    "Who looks rarely learns late. Who looks often spends the time on looking. A kettle with a whistle does away with both: you are called.",
    "With **push** the thread hands over the request together with a function, the **callback**. When the request is done, the kernel interrupts the thread wherever it is, runs the callback, and lets the thread go on where it was.",
    "It works in both directions: the kernel can call when bytes have come, and when there is room to send more.",
    "A restaurant that calls out your number pushes. One with a board over the counter makes you poll. Both stories are told about asynchronous I/O as if they were the same, and here you see where they part.",
    "Being called is not free either: each call costs an interruption. With a hundred events a second that is next to nothing. With a hundred thousand, one look finds ten events and is cheaper.",
  ],
  note:
    "The two requests of the chapter before. (2) is done at 1.5 ms. Turn **a piece** to let the thread look more often; who is called does not look.",
  figure: {
    title: "called, or looking",
    styles: {
      push: { name: "Push", line: "wait for the whistle" },
      poll: { name: "Poll", line: "walk off, look in now and then" },
    },
    tally: { fact: "heardMs", word: "heard of (2)", unit: "ms" },
    spanNs: 10_000_000,
    control: {
      name: "chunk",
      word: "a piece",
      stops: [100, 250, 500, 1000, 2000],
      value: 2000,
      unit: "µs",
    },
  },
  question: {
    text:
      "The thread works in pieces of 2 ms. (2) is done at 1.5 ms. When does the thread hear of it?",
    atNs: 1_200_000,
    fact: "heardMs",
    choices: [
      { label: "1.5 ms", value: 1.5 },
      { label: "2 ms", value: 2 },
      { label: "3 ms", value: 3 },
      { label: "8.1 ms", value: 8.1 },
    ],
    why:
      "The kernel cuts the piece of work in two: interrupt and callback together take under 4 µs, and then the rest is done.",
  },
  task: {
    text: "Hear of (2) within 0.1 ms of its coming, without being called.",
    check: ({ lateUs = 0 }, { style }) =>
      style === "push"
        ? "That is being called. Choose Poll."
        : lateUs > 100
        ? `It lies there for ${Math.round(lateUs)} µs.`
        : "",
    solution: { style: "poll", value: 100 },
  },
};
