// Grading in a real browser. The link of a report is the run that was graded, to
// the last event, at the instant that failed. `grade`, typed on the page, grades in
// a sandbox of its own while the machine goes on.

import { after, before, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { stopCompiler } from "../../host/compile_native.ts";
import safeSave from "../../assignments/safe_save.ts";
import type { Failure } from "../../grading/grade.ts";
import type { Assignment } from "../../grading/mod.ts";
import { enter, shot, Stage, waitForText, writeFile } from "../web/browser.ts";
import { answersTo, gradeText } from "../grading/kit.ts";

let stage: Stage;

before(async () => {
  stage = await Stage.open(8950);
});
after(async () => {
  await stage?.close();
  await stopCompiler();
});

async function failureOf(it: Assignment, name: string): Promise<Failure> {
  const once = { ...it, seeds: it.seeds.slice(0, 1) };
  const found = answersTo(it.id, "wrong").find(({ file }) =>
    file.endsWith(`/${name}`)
  );
  const report = await gradeText(once, found!.source, { links: true });
  return report.failures[0]!;
}

test("the link to a power cut opens the same run at the instant", async () => {
  const { link, atNs } = await failureOf(safeSave, "no_fsync.ts");
  const page = await stage.newPage();
  await page.goto(`${stage.served.url}#${link}`);
  const card = page.locator("dialog.arrival");
  await card.getByRole("button", { name: "Play it" }).click();
  await page.locator(".visit.good").waitFor();
  const strip = await page.locator(".visit").innerText();
  assertMatch(strip, /The same run, to the last event: trace hash/);
  await shot(page, "grade-link");
  const at = `Time stands at ${(Math.floor(atNs! / 1e3) / 1e3).toFixed(3)} ms.`;
  await page.getByText(at).first().waitFor();
  assertEquals(stage.faults, []);
});

test("a program written on the page is graded there, a loop without a call as well", async () => {
  const page = await stage.visit();
  await enter(page, "grade", "copy-shelves");
  const [ahead] = answersTo("copy-shelves", "solutions");
  await writeFile(page, "mine.ts", ahead!.source);
  await enter(page, "grade copy-shelves mine.ts", "10 of 10 points");
  const [fullPipe] = answersTo("copy-shelves", "wrong");
  await writeFile(page, "full.ts", fullPipe!.source);
  await enter(page, "grade copy-shelves full.ts", "Deadlock");
  await shot(page, "grade-page");
  const opens = page.context().waitForEvent("page");
  await page.locator("#notice").getByRole("button", { name: "Look there" })
    .click();
  const other = await opens;
  await other.locator("dialog.arrival").getByRole("button", { name: "Play it" })
    .waitFor();
  await other.close();
  const loop = `import { print } from "kettle";
export default function* main() {
  yield* print(String(/^(a+)+$/.test("a".repeat(40) + "b")));
}
`;
  await writeFile(page, "loop.ts", loop);
  await enter(page, "grade copy-shelves loop.ts", "it worked for 2 s");
  await enter(page, "echo still here", "still here");
  await waitForText(page, "still here");
  assertEquals(stage.faults, []);
});
