// A link to a scenario: what it says, that it is checked, and that an expectation
// that fails gives one to where it fails.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { scenarioCommand } from "../../host/scenario_command.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { resultText } from "../../scenarios/report.ts";
import { runScenario } from "../../scenarios/run.ts";
import {
  isScenarioLink,
  openScenarioLink,
  scenarioLink,
} from "../../scenarios/scenario_link.ts";
import {
  check,
  exactly,
  of,
  type Scenario,
  Unexpected,
} from "../../scenarios/scenario.ts";

const named = (id: string) => SCENARIOS.find((it) => it.id === id)!;
const QUEUE = named("full-queue"), WORKER = named("worker");

test("a link says what is not as the scenario has it, and opens to the same", () => {
  const link = scenarioLink(QUEUE, {
    params: { rate: 250, backlog: 20 },
    seed: 7,
    style: "drop",
    atNs: 320_000_000,
  });
  assertEquals(link, "#full-queue?backlog=20&seed=7&style=drop&at=320ms");
  assertEquals(openScenarioLink(link, SCENARIOS), {
    id: "full-queue",
    params: { backlog: 20 },
    seed: 7,
    style: "drop",
    atNs: 320_000_000,
  });
  assertEquals(scenarioLink(QUEUE, {}), "#full-queue");
  const spaced = scenarioLink(WORKER, { style: "two CPUs", atNs: 1_001 });
  const { style, atNs } = openScenarioLink(spaced, SCENARIOS);
  assertEquals([style, atNs], ["two CPUs", 1_001]);
});

test("links to a scenario and links to a machine are told apart", () => {
  assert(isScenarioLink("#full-queue?seed=2") && isScenarioLink("tax"));
  assert(!isScenarioLink("#1eJyrVg") && !isScenarioLink("#"));
});

test("a stranger's link is checked, part by part", () => {
  const refused = (link: string, sentence: string) =>
    assertThrows(() => openScenarioLink(link, SCENARIOS), Error, sentence);
  refused("#full-queu?seed=1", "Did you mean full-queue?");
  refused("#tax?ioo=1", 'tax has no parameter "ioo". The nearest is "io"');
  refused("#tax?toString=1", 'no parameter "toString"');
  refused("#tax?io=-1", "tax: io goes from 0");
  refused("#tax?io=", "io is a number");
  refused("#tax?seed=1.5", "seed is a whole number");
  refused(
    "#tax?style=toString",
    "tax has no style toString, but block, submit",
  );
  refused("#tax?at=5", "at is a time, such as 320ms");
});

/** It expects the wrong thing of one style. */
const WRONG: Scenario = {
  ...QUEUE,
  expect(result) {
    exactly(of(result, "drop").failed, 0, "failed");
    exactly(of(result, "reset").refused, 3, "refused");
  },
};

test("an expectation that fails gives a link to the style, the numbers and the instant", () => {
  const params = { ...QUEUE.small, backlog: 8 };
  const result = runScenario(WRONG, { params, seed: 5, trace: false });
  const error = assertThrows(
    () => check(WRONG, result),
    Unexpected,
    "refused is 3",
  );
  const { style, seed, atNs, params: linked } = openScenarioLink(
    error.link,
    SCENARIOS,
  );
  assertEquals([style, seed], ["reset", 5]);
  assertEquals(linked, { seconds: 0.5, backlog: 8 });
  // The first that was turned away: 8 places are full after 150 ms or so.
  assert(atNs! > 100e6 && atNs! < 300e6, `${atNs}`);
  assert(error.message.includes(error.link));
  assert(resultText(WRONG, result).includes(error.link));
});

test("a link in place of a name runs what it stands for", async () => {
  const shown = async (...words: string[]) => {
    const lines: string[] = [];
    const print = (text: string) => void lines.push(text);
    const screen = { print, complain: print };
    await scenarioCommand({ given: {}, rest: words }, screen);
    return lines;
  };
  const byLink = await shown("http://localhost:8000/#tax?requests=10&seed=3");
  const words = ["tax", "--param", "requests=10", "--seed", "3"];
  assertEquals(byLink, await shown(...words));
});
