// The assignments that come with Kettle: their solutions have all points, and each
// wrong answer fails in the rules that it says it must fail in, and in no others.

import { after, test } from "node:test";
import { assertEquals } from "@std/assert";
import { ASSIGNMENTS } from "../../assignments/catalog.ts";
import { stopCompiler } from "../../host/compile_native.ts";
import { answersTo, gradeText, isAsSaid, sentenceOn } from "./kit.ts";

after(stopCompiler);

/** Crowds before a server, and a dozen power cuts each, take long: these are left to the long run. */
const LONG = new RegExp([
  "patient-server/(event_loop|leaks|looks_again|answers_at_once|does_not_listen)",
  "safe-save/(rename_in_order|leaves_copies|only_the_last|only_says)",
].join("|"));

for (const it of ASSIGNMENTS) {
  const once = { ...it, seeds: it.seeds.slice(0, 1) };
  for (const kind of ["solutions", "wrong"] as const) {
    for (const answer of answersTo(it.id, kind)) {
      if (LONG.test(answer.file)) continue;
      test(sentenceOn(answer), () => isAsSaid(once, answer));
    }
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

for (const it of ASSIGNMENTS) {
  test(`who does nothing has no points for ${it.id}`, async () => {
    const once = { ...it, seeds: [1] };
    const nothing = `export default function* main() {}\n`;
    const { points, failures } = await gradeText(once, nothing);
    assertEquals(points, 0);
    assertEquals(failures.length > 0, true);
  });
}
