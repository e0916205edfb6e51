// `grade`, typed on the page: the visitor's program is graded in a sandbox of its
// own while the machine goes on, and the terminal shows the report.

import { after, before, test } from "node:test";
import { assertEquals } from "@std/assert";
import { enter, shot, Stage, waitForText, writeFile } from "../web/browser.ts";
import { answersTo } from "./kit.ts";

let stage: Stage;

before(async () => {
  stage = await Stage.open(8980);
});
after(() => stage?.close());

test("a program written on the page is graded there, a loop without a call as well", async () => {
  const page = await stage.visit();
  await enter(page, "grade", "copy-shelves");
  const [ahead] = answersTo("copy-shelves", "solutions");
  await writeFile(page, "mine.ts", ahead!.source);
  await enter(page, "grade copy-shelves mine.ts", "10 of 10 points");
  const loop = `import { print } from "kettle";
export default function* main() {
  yield* print(String(/^(a+)+$/.test("a".repeat(40) + "b")));
}
`;
  await writeFile(page, "loop.ts", loop);
  await enter(page, "grade copy-shelves loop.ts", "it worked for 2 s");
  await enter(page, "echo still here", "still here");
  await waitForText(page, "still here");
  await shot(page, "grade-page");
  assertEquals(stage.faults, []);
});
