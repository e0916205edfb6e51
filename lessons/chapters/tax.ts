// Chapter 12: what a framework costs each request, and the story of the counter.

import type { Chapter } from "../chapter.ts";

export const tax: Chapter = {
  id: "tax",
  title: "The tax, and the counter",
  line: "What a framework adds, and a story with burgers.",
  claims: [8, 14, 15],
  scenarios: ["tax", "five-guys", "io-bound"],
  prose: [
    "An event loop has its own housekeeping: finding out whose event this is, calling the right function, keeping what it will need next. Call it the **tax**. Each request pays it.",
    "With thousands under way the tax buys room for them. With one client it buys nothing, and the request simply takes longer. Beside a slow disk nobody sees it. Beside a quick answer it shows.",
    "So there is no best way, only a question: what do most of your requests spend their time on, and how many are under way at once? Much waiting and many at once: do not block. Little waiting, or few: block, and keep the program simple.",
    "Think of a burger place where you order at the counter. You get a number and sit down with your laptop; the cook fills the grill; your number is called; you fetch your food. Had you to stand there until it was done, with everybody behind you, you would have walked out. Turn the words on the **Start** page to restaurant to read the trace that way, and mind one thing: the number is called, that is push. Six steps with a look now and then, that is poll.",
  ],
  note:
    "One client and one request: 0.1 ms of work and the wait that **a wait** says. The event loop pays a tax of 60 µs.",
  figure: {
    title: "one request",
    styles: {
      submit: { name: "Event loop", line: "with its tax" },
      block: { name: "Block", line: "one thread" },
    },
    tally: { fact: "lastMs", word: "answer", unit: "ms" },
    spanNs: 620_000,
    control: {
      name: "io",
      word: "a wait",
      stops: [200, 500, 1000, 5000, 10_000],
      value: 200,
      unit: "µs",
    },
  },
  question: {
    text:
      "With a blocking thread this request takes 0.30 ms. How long does it take with the event loop?",
    atNs: 80_000,
    fact: "lastMs",
    choices: [
      { label: "0.20 ms", value: 0.2 },
      { label: "0.30 ms", value: 0.3 },
      { label: "0.36 ms", value: 0.36 },
      { label: "0.60 ms", value: 0.6 },
    ],
    why:
      "The 60 µs are added to this one request, a fifth of it, and there is no other request that would gain by it.",
  },
  task: {
    text:
      "Find a wait beside which the event loop's 60 µs are less than a hundredth of the whole.",
    check: ({ lastMs = 0 }, { style }) => {
      const share = 0.06 / Math.max(lastMs, 0.06);
      return style !== "submit"
        ? "Who blocks pays no tax. Choose the event loop."
        : share >= 0.01
        ? `The tax is ${(share * 100).toFixed(1)} % of the whole.`
        : "";
    },
    solution: { style: "submit", value: 10_000 },
  },
};
