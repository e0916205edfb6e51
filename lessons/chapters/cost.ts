// Chapter 4: what threads cost: a stack each, and a switch each time.

import type { Chapter } from "../chapter.ts";

export const cost: Chapter = {
  id: "cost",
  title: "What a thread costs",
  line: "A stack each, and a switch each time.",
  claims: [9, 12],
  footnotes: [4],
  scenarios: ["one-per-cpu", "thousands"],
  prose: [
    "If three clients want three threads, why not ten thousand threads for ten thousand clients?",
    "A thread has a **stack**. In Kettle that is 256 KiB of 64 MiB, so some 250 threads fill the memory and the next one is refused with `EAGAIN`. A kernel that gave stacks away would make every server look good.",
    "And a CPU that goes from one thread to another has to **switch**: put one set of registers away, fetch another. That takes a few microseconds in which nobody's work is done. After a long piece of work nobody notices. If every piece is short, the CPU mostly switches.",
    "Hence a rule of thumb: one thread for each CPU, if the threads are always busy. If they block it is a bad rule: one blocked thread for each CPU is an idle machine.",
  ],
  note:
    "Four threads share one CPU, and each gives it away after a turn. A switch takes 5 µs. All have the same work to do, however it is cut.",
  figure: {
    title: "four threads take turns",
    styles: { block: { name: "Turns", line: "work, and give the CPU away" } },
    tally: { fact: "workShare", word: "work", unit: "%" },
    spanNs: 1_700_000,
    control: {
      name: "turn",
      word: "a turn",
      stops: [5, 10, 20, 50, 100, 200],
      value: 20,
      unit: "µs",
    },
  },
  question: {
    text:
      "Each turn is 20 µs, each switch 5 µs. Which share of the time is left for work?",
    atNs: 120_000,
    fact: "workShare",
    choices: [
      { label: "50 %", value: 0.5 },
      { label: "67 %", value: 0.67 },
      { label: "80 %", value: 0.8 },
      { label: "95 %", value: 0.95 },
    ],
    why: "Of every 25 µs the work has 20 and the switch 5.",
  },
  task: {
    text:
      "Cut the work so that at least 95 % of the time goes into it, and yet no turn is longer than that needs.",
    check: ({ workShare = 0 }, { value }) =>
      workShare < 0.95
        ? `${Math.round(workShare * 100)} % of the time is work.`
        : value > 100
        ? "Shorter turns would do, and everybody's turn would come sooner."
        : "",
    solution: { style: "block", value: 100 },
  },
};
