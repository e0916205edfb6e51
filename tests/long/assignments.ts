// Every answer to every assignment, right and wrong, on the seeds that students
// know and on others: the bounds are not so tight that chance decides.

import { after, test } from "node:test";
import { ASSIGNMENTS } from "../../assignments/catalog.ts";
import { stopCompiler } from "../../host/compile_native.ts";
import { answersTo, isAsSaid, sentenceOn } from "../grading/kit.ts";

after(stopCompiler);

const HIDDEN = [11, 12, 13, 14];

for (const it of ASSIGNMENTS) {
  for (const kind of ["solutions", "wrong"] as const) {
    for (const answer of answersTo(it.id, kind)) {
      test(`${sentenceOn(answer)}, on ${2 + HIDDEN.length} seeds`, () =>
        isAsSaid(it, answer, HIDDEN));
    }
  }
}
