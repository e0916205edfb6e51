// How the open panels share the dock: which are shown, and how wide they are.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  columnsOf,
  shownOf,
  templateOf,
} from "../../web/panels/dock_layout.ts";
import { PANELS } from "../../web/panels/panel_list.ts";

/** The dock of a screen that is 1440 px wide. */
const WIDTH = 1023;
const FOUR = ["requests", "queue", "disk", "network"] as const;

test("the four of the first visit fill the row: 328, 184, 264 and the rest", () => {
  const shown = shownOf([...FOUR].reverse(), "row", WIDTH);
  assertEquals(shown, [...FOUR]);
  assertEquals(
    templateOf(columnsOf(shown, [], WIDTH), "row"),
    "328px 184px 264px minmax(0, 1fr)",
  );
});

test("who is closed gives the width to the right neighbour", () => {
  const all = columnsOf([...FOUR], [], WIDTH);
  const widths = (shown: typeof FOUR[number][]) =>
    columnsOf(shown, all, WIDTH).map(({ px }) => px);
  assertEquals(widths(["queue", "disk", "network"]), [512, 264, 240]);
  assertEquals(widths(["requests", "disk", "network"]), [328, 448, 240]);
  assertEquals(
    templateOf(columnsOf(["requests", "queue", "disk"], all, WIDTH), "row"),
    "328px 184px minmax(0, 1fr)",
  );
  const two = columnsOf(["requests", "disk"], all, WIDTH);
  assertEquals(columnsOf(["disk"], two, WIDTH).map(({ px }) => px), [776]);
});

test("where a new one does not fit, the one that was opened longest ago makes room", () => {
  const recent = ["network", "disk", "queue", "requests", "charts"] as const;
  assertEquals(shownOf(recent, "row", WIDTH), ["requests", "queue", "charts"]);
  assertEquals(shownOf(recent, "row", 4_000).length, 5);
  assertEquals(shownOf(["charts"], "row", 100), ["charts"]);
});

test("with less room two are shown, or one: the latest", () => {
  const recent = ["network", "disk", "queue", "requests"] as const;
  assertEquals(shownOf(recent, "two", 670), ["requests", "queue"]);
  assertEquals(shownOf(recent, "one", 390), ["requests"]);
  const two = columnsOf(["requests", "queue"], [], 670);
  assertEquals(templateOf(two, "two"), "minmax(0, 1fr) minmax(0, 1fr)");
});

test("in a row that has become narrower each has its own width again", () => {
  const before = columnsOf(["disk", "network"], [
    { name: "requests", px: 500 },
    { name: "disk", px: 264 },
    { name: "network", px: 240 },
  ], 1_100);
  assertEquals(before.map(({ px }) => px), [764, 240]);
  assertEquals(
    columnsOf(["disk", "network"], before, 600).map(({ px }) => px),
    [
      264,
      240,
    ],
  );
});

test("each panel has a letter of its own", () => {
  const keys = PANELS.map(({ key }) => key);
  assertEquals(new Set(keys).size, keys.length);
});
