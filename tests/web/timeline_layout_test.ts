// Where lanes lie: what stays, what is folded away, and that however many there
// are, only those in view are looked at.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  layoutLanes,
  rowAt,
  rowsWithin,
} from "../../web/timeline/timeline_layout.ts";
import type { LaneKind } from "../../web/trace/lane.ts";
import { NO_SLICES } from "../../web/trace/slice_columns.ts";
import type { LaneView } from "../../web/trace/trace_model.ts";

function lane(id: string, kind: LaneKind, machine = "kettle"): LaneView {
  return {
    id,
    kind,
    name: id,
    note: "",
    machine,
    isHome: machine === "kettle",
    slices: NO_SLICES,
  };
}

const LANES = [
  lane("0/cpu0", "cpu"),
  lane("0/tid2.0", "thread"),
  lane("0/tid2.0/0", "request"),
  lane("0/tid2.0/1", "request"),
  lane("0/tid3.1", "thread"),
  lane("0/disk", "disk"),
  lane("0/socket4", "socket"),
  lane("1/cpu0", "cpu", "mirror"),
  lane("1/tid2.0", "thread", "mirror"),
];
const NONE = new Set<string>();

function order(pinned = NONE, turned = NONE): string[] {
  return layoutLanes(LANES, 1000, 400, { pinned, turned }).rows
    .map(({ lane }) => lane.id);
}

test("another machine is one row until it is opened", () => {
  assertEquals(order().at(-1), "machine/mirror");
  const opened = order(NONE, new Set(["machine/mirror"]));
  assertEquals(opened.slice(-3), ["machine/mirror", "1/cpu0", "1/tid2.0"]);
});

test("a thread can hide its requests, and says how many", () => {
  const turned = new Set(["0/tid2.0"]);
  const { rows } = layoutLanes(LANES, 1000, 400, { pinned: NONE, turned });
  assert(rows.every(({ lane }) => lane.kind !== "request"));
  const thread = rows.find(({ lane }) => lane.id === "0/tid2.0")!;
  assertEquals(thread.fold, { key: "0/tid2.0", isOpen: false, count: 2 });
});

test("pinned lanes stay under the CPUs when the others scroll", () => {
  const pinned = new Set(["0/disk", "0/tid3.1"]);
  assertEquals(order(pinned).slice(0, 3), ["0/cpu0", "0/tid3.1", "0/disk"]);
  const layout = layoutLanes(LANES, 1000, 200, { pinned, turned: NONE });
  const rows = layout.rows;
  assertEquals(layout.fixed, rows[2]!.top + rows[2]!.full);
  const scroll = 40;
  assertEquals(rowAt(layout, 10, scroll)?.lane.id, "0/cpu0");
  const under = rowAt(layout, layout.fixed + 2, scroll)!;
  assert(under.top + under.full > layout.fixed + scroll);
});

test("what does not fit is compact, and a narrow screen has the names above", () => {
  const roomy = layoutLanes(LANES, 1000, 500);
  const compact = layoutLanes(LANES, 1000, 250);
  const narrow = layoutLanes(LANES, 390, 500);
  assertEquals([roomy.rows[0]!.height, roomy.rows[0]!.full], [30, 38]);
  assertEquals([compact.rows[0]!.height, compact.rows[0]!.full], [20, 24]);
  assertEquals([narrow.labels, narrow.rows[0]!.full], [0, 48]);
});

test("of a thousand lanes those in view are found without a look at the rest", () => {
  const many = Array.from(
    { length: 1000 },
    (_, i) => lane(`0/tid${i}.${i}`, "thread"),
  );
  const { rows, content } = layoutLanes(many, 1000, 400);
  assertEquals(content, 4 + 1000 * 24);
  const seen = rowsWithin(rows, 12_000, 12_400);
  assert(seen.length >= 16 && seen.length <= 18, String(seen.length));
  assert(seen[0]!.top <= 12_000 && seen.at(-1)!.top < 12_400);
});
