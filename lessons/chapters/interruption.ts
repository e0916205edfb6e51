// Chapter 9: what a callback can do to the code that it interrupts.

import type { Chapter } from "../chapter.ts";

export const interruption: Chapter = {
  id: "interruption",
  title: "In the middle of something",
  line: "What a call can do to the code it interrupts.",
  claims: [13],
  scenarios: ["interrupted"],
  prose: [
    "A callback comes when it comes. It may come while the thread is in the middle of something.",
    "Say main and a callback both add to one number. Main reads it, thinks for a while, and writes back what it read plus one. If the callback adds its own one while main is thinking, main overwrites it. The number is wrong, and nothing has failed.",
    "This is a **race**, and here there is only one thread. On a real machine it shows once in a thousand runs. In Kettle the same program makes the same mistake each time, so you can look at it: click on a callback that lies inside an update.",
    "The cure is to **mask** callbacks for the length of the update. They are not lost: the kernel holds them back and runs them afterwards.",
  ],
  note:
    "Main adds 1 every 40 µs, the callback adds 1 every 47 µs. **an update** is the time between main's reading and its writing back.",
  figure: {
    title: "one counter, two who add",
    styles: {
      unmasked: { name: "Unmasked", line: "called at any time" },
      masked: { name: "Masked", line: "calls wait for the update" },
    },
    tally: { fact: "counter", word: "counter", unit: "" },
    spanNs: 430_000,
    control: {
      name: "update",
      word: "an update",
      stops: [0, 5, 10, 20, 35],
      value: 35,
      unit: "µs",
    },
  },
  question: {
    text:
      "Main adds 10, the callback adds 8, and an update takes 35 of main's 40 µs. Where does the counter end?",
    atNs: 90_000,
    fact: "counter",
    choices: [
      { label: "18", value: 18 },
      { label: "15", value: 15 },
      { label: "11", value: 11 },
      { label: "8", value: 8 },
    ],
    why:
      "Seven of the eight calls fall into an update and are overwritten; only one comes between two of them.",
  },
  task: {
    text: "Lose nothing, and leave the update as long as it is, 35 µs.",
    check: ({ lost = 0 }, { value }) =>
      value < 35
        ? "The update is to take 35 µs."
        : lost > 0
        ? `${lost} additions are lost.`
        : "",
    solution: { style: "masked", value: 35 },
  },
};
