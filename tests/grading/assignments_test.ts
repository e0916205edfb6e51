// The assignments that come with Kettle: their solutions have all points, and each
// wrong answer fails in the rules that it says it must fail in, and in no others.

import { after, test } from "node:test";
import { assertEquals } from "@std/assert";
import { ASSIGNMENTS } from "../../assignments/catalog.ts";
import { stopCompiler } from "../../host/compile_native.ts";
import { answersTo, gradeText } from "./kit.ts";

after(stopCompiler);

for (const it of ASSIGNMENTS) {
  const once = { ...it, seeds: it.seeds.slice(0, 1) };
  for (const { file, source } of answersTo(it.id, "solutions")) {
    test(`${file} has all points`, async () => {
      const { points, of, failures, error } = await gradeText(once, source);
      assertEquals({ error, failures, points }, {
        error: "",
        failures: [],
        points: of,
      });
    });
  }
  for (const { file, source, mustFail } of answersTo(it.id, "wrong")) {
    test(`${file} fails: ${mustFail.join(", ")}`, async () => {
      const report = await gradeText(once, source);
      const failed = report.failures.map(({ rule }) => rule);
      assertEquals({ error: report.error, failed: failed.sort() }, {
        error: "",
        failed: mustFail.sort(),
      });
      assertEquals(report.points < report.of, true);
    });
  }
}

test("each assignment has solutions in two styles and at least three wrong answers", () => {
  for (const { id } of ASSIGNMENTS) {
    assertEquals(answersTo(id, "solutions").length >= 2, true, id);
    const wrong = answersTo(id, "wrong");
    assertEquals(wrong.length >= 3, true, id);
    for (const { file, mustFail } of wrong) {
      assertEquals(mustFail.length > 0, true, file);
    }
  }
});
