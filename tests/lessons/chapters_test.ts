// The chapters are held to their figures: the right answer of each question is
// what the figure measures, each task is open at first and can be solved, and no
// claim or footnote of the article is left out.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  askedSetting,
  type Chapter,
  rightChoice,
  type Setting,
} from "../../lessons/chapter.ts";
import { CHAPTERS } from "../../lessons/chapters.ts";
import { FIGURES } from "../../lessons/figures.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";

/** The answers, so that one that changes is noticed. */
const RIGHT: Record<string, string> = {
  waiting: "9.6 ms",
  idle: "8.6 ms",
  crowd: "20 ms",
  cost: "80 %",
  handle: "none of it",
  look: "(2), at 2 ms",
  many: "10.2 ms",
  whistle: "1.5 ms",
  interruption: "11",
  backlog: "60 ms",
  crunch: "30 ms",
  tax: "0.36 ms",
};

function factsOf({ id, figure }: Chapter, { style, value }: Setting) {
  return FIGURES[id]!({ [figure.control.name]: value }, style).facts;
}

test("each question has one right answer, and the figure gives it", () => {
  const measured = CHAPTERS.map((chapter) => {
    const { question } = chapter;
    const right = rightChoice(
      question,
      factsOf(chapter, askedSetting(chapter)),
    );
    return [chapter.id, question.choices[right]?.label];
  });
  assertEquals(Object.fromEntries(measured), RIGHT);
});

test("a question is asked before the figure has shown the answer", () => {
  for (const chapter of CHAPTERS) {
    const { style, value } = askedSetting(chapter);
    const name = chapter.figure.control.name;
    const { endNs } = FIGURES[chapter.id]!({ [name]: value }, style);
    assert(chapter.question.atNs < 0.8 * endNs, chapter.id);
  }
});

test("each task is open at first, is done by its solution, and is not done by most settings", () => {
  for (const chapter of CHAPTERS) {
    const { task, figure } = chapter;
    const said = (setting: Setting) =>
      task.check(factsOf(chapter, setting), setting);
    assert(said(askedSetting(chapter)) !== "", `${chapter.id} is done at once`);
    assertEquals(said(task.solution), "", chapter.id);
    const settings = Object.keys(figure.styles).flatMap((style) =>
      figure.control.stops.map((value) => ({ style, value }))
    );
    const done = settings.filter((setting) => said(setting) === "");
    assert(done.length <= settings.length / 3, `${chapter.id}: ${done.length}`);
  }
});

test("a control begins at one of its stops, which ascend", () => {
  for (const { id, figure: { control } } of CHAPTERS) {
    assert(control.stops.includes(control.value), id);
    assertEquals([...control.stops].sort((a, b) => a - b), control.stops, id);
  }
});

test("every claim, every footnote and every scenario has its place", () => {
  const claims = new Set(CHAPTERS.flatMap(({ claims }) => claims));
  const notes = new Set(CHAPTERS.flatMap(({ footnotes = [] }) => footnotes));
  const ids = new Set(CHAPTERS.flatMap(({ scenarios }) => scenarios));
  assertEquals([...claims].sort((a, b) => a - b), [
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
  ]);
  assertEquals([...notes].sort(), [1, 2, 3, 4, 5]);
  assertEquals([...ids].sort(), SCENARIOS.map(({ id }) => id).sort());
});

test("a figure is the same each time it runs", () => {
  for (const chapter of CHAPTERS) {
    const run = () => {
      const { style, value } = askedSetting(chapter);
      return FIGURES[chapter.id]!(
        { [chapter.figure.control.name]: value },
        style,
      );
    };
    assertEquals(JSON.stringify(run()), JSON.stringify(run()), chapter.id);
  }
});
