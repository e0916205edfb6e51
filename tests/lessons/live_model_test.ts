// What a live figure makes of a recording: rows that do not jump, moments to step
// to, a drawing that covers the whole, and sentences that do not know the future.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { FIGURES } from "../../lessons/figures.ts";
import {
  drawnGhosts,
  drawnPlot,
  extentsOf,
  placesOf,
} from "../../web/lessons/figure_drawing.ts";
import { LiveModel } from "../../web/lessons/live_model.ts";
import { prose } from "../../web/lessons/prose.ts";
import { slowedWords } from "../../web/lessons/time_strip.ts";
import { asText } from "../../web/trace/why.ts";

const modelOf = (id: string, values: Record<string, number>, style = "block") =>
  new LiveModel(FIGURES[id]!(values, style));

test("rows are clients, threads, CPU and queue, each with what lies on it", () => {
  const { rows } = modelOf("crowd", { threads: 2 });
  assertEquals(rows.map(({ name }) => name), [
    "client A",
    "client B",
    "client C",
    "thread 1",
    "thread 2",
    "cpu 0",
    "queue",
  ]);
  const c = rows[2]!.slices;
  assertEquals(c.map(({ label }) => label), [
    "in the queue",
    "served by thread 1",
  ]);
  assertEquals(Math.round(c[0]!.end / 1e6), 10);
});

test("a step goes to the next change, back and forth", () => {
  const model = modelOf("crowd", { threads: 2 });
  const there = model.momentBeside(5_000_000, 1);
  assert(there > 9_900_000);
  assert(model.momentBeside(there, -1) < 5_000_000);
  assertEquals(model.momentBeside(model.endNs, 1), model.endNs);
});

test("what is said at a moment does not know what comes after it", () => {
  const model = modelOf("waiting", { work: 1000 });
  const early = model.explain(model.subject, 2_000_000, 3_000_000)!;
  assertMatch(asText(early.answer), /3\.00 ms so far/);
  const late = model.explain(model.subject, 2_000_000, model.endNs)!;
  assertMatch(asText(late.answer), /It took 8\.\d\d ms/);
  const queue = modelOf("crowd", { threads: 2 });
  const c = queue.explain("client C", 4_000_000, 5_000_000)!;
  assertMatch(
    asText(c.answer),
    /client C waits for its turn.* 5\.00 ms so far/,
  );
});

test("every figure is drawn in few enough pieces, wide and narrow", () => {
  for (const [id, run] of Object.entries(FIGURES)) {
    for (
      const style of ["block", "poll", "push", "threads", "submit", "wait"]
    ) {
      let model: LiveModel;
      try {
        model = new LiveModel(run({}, style));
      } catch {
        continue; // the figure has no such style
      }
      for (const isNarrow of [false, true]) {
        const places = placesOf(model.rows, isNarrow);
        const drawing = drawnPlot(places, model.endNs, isNarrow ? 340 : 450);
        assert((drawing.match(/<rect/g) ?? []).length < 1200, id);
        assert(!/NaN|undefined|Infinity/.test(drawing), id);
      }
    }
  }
});

test("a result of before that lasted longer is dashed where this one ends", () => {
  const one = modelOf("crowd", { threads: 1 });
  const two = modelOf("crowd", { threads: 2 });
  const places = placesOf(two.rows, false);
  const ghosts = drawnGhosts(places, extentsOf(one.rows), one.endNs);
  assertMatch(ghosts, /<rect class="ghost" x="66\.7/);
});

test("the factor is printed in two digits, and prose keeps its marks and no tags", () => {
  assertEquals(slowedWords(624.8), "slowed 620×");
  assertEquals(slowedWords(14_592), "slowed 15,000×");
  assertEquals(slowedWords(1), "slowed 1×");
  assertEquals(
    prose("a `b<c` and **d**"),
    "a <code>b&lt;c</code> and <strong>d</strong>",
  );
});
