// The editor in a real browser, as a visitor has it first: typed soon after the
// prompt, a mistake in the loader's words, a run and where it went wrong, the line
// of what is selected. Times are printed. What takes longer: tests/long/.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import {
  atPrompt,
  enter,
  shot,
  Stage,
  violations,
  waitForText,
} from "../web/browser.ts";
import { EditorKit } from "../web/editor_kit.ts";

const PROGRAM = `import { print, read } from "kettle";

export default function* main() {
  read(0, 10);
  yield* print("done");
}
`;

let stage: Stage;
let page: Page;
let kit: EditorKit;

before(async () => {
  stage = await Stage.open(8620);
  page = await stage.newPage();
  kit = new EditorKit(page);
});

after(() => stage?.close());

/** Presses a key on the timeline; false if no other sentence comes. */
async function pressAndSee(key: string): Promise<boolean> {
  const said = () =>
    ["question", "answer", "next"].map((id) =>
      document.getElementById(id)!.innerText
    ).join();
  const before = await page.evaluate(said);
  await page.keyboard.press(key);
  const isOther = page.waitForFunction(
    (old) =>
      ["question", "answer", "next"].map((id) =>
        document.getElementById(id)!.innerText
      ).join() !== old,
    before,
    { timeout: 2_000 },
  );
  return await isOther.then(() => true, () => false);
}

test("a typed editor comes after the prompt, and what it fetches is printed", async () => {
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  const begin = performance.now();
  await page.goto(stage.served.url + "#playground");
  await waitForText(page, "kettle$");
  const prompt = performance.now() - begin;
  await page.locator("#editor[data-language=ready]").waitFor();
  await kit.becomes(kit.foot, /no problems/);
  const typed = performance.now() - begin;
  console.log(
    `prompt: ${prompt.toFixed(0)} ms, typed editor: ${typed.toFixed(0)} ms`,
  );
  for (const name of ["editor.js", "language.js", "library.json"]) {
    const packed = gzipSync(readFileSync(join(stage.directory, name))).length;
    console.log(`${name}: ${(packed / 1024).toFixed(0)} KiB packed`);
    assert(fetched.some((url) => url.endsWith(name)), name);
  }
  assert(!fetched.some((url) => /esbuild/.test(url)));
});

test("a new file is on the disk; a dropped request is squiggled in the loader's words, and the fix mends it", async () => {
  await kit.newFile("a.ts", PROGRAM);
  const squiggle = page.locator("#editor .cm-lintRange-error");
  await squiggle.waitFor();
  assertEquals(await squiggle.innerText(), "read(0, 10)");
  await kit.becomes(kit.saved, /\/home\/a\.ts, saved$/);
  await enter(page, "cat a.ts", "read(0, 10);");
  await squiggle.hover();
  const said = page.locator(".cm-tooltip-lint");
  await said.waitFor();
  assertMatch(
    await said.innerText(),
    /read\(0, 10\) was built but never used, so nothing was read\. {1,2}Put yield\* in front\./,
  );
  await shot(page, "editor-squiggle-light");
  await said.getByRole("button", { name: "Put yield* in front" }).click();
  assertMatch(await kit.code.innerText(), /yield\* read\(0, 10\);/);
  await page.locator("#editor .cm-lintRange-error").waitFor({
    state: "detached",
  });
});

test("Ctrl Enter saves and types the run into the shell; the compile error says the same words and marks the line", async () => {
  await kit.write(PROGRAM);
  await page.keyboard.press("Control+Enter");
  await waitForText(page, "run a.ts");
  await waitForText(page, "a.ts:4  read(0, 10) was built but never used");
  const mark = page.locator("#editor .run-error-text");
  await mark.waitFor();
  assertMatch(
    await mark.innerText(),
    /^read\(0, 10\) was built but never used/,
  );
  assertMatch(
    await page.locator("#editor .run-error").innerText(),
    /read\(0, 10\)/,
  );
  await kit.write(PROGRAM.replace("  read(0, 10);\n", ""));
  await mark.waitFor({ state: "detached" });
  await page.keyboard.press("Control+Enter");
  await waitForText(page, "done");
  await atPrompt(page);
});

test("the line of what is selected in the timeline is lit, and says who waits there", async () => {
  await kit.tab("hello.ts").click();
  await page.locator("#run").click();
  await waitForText(page, "10 ms later");
  await atPrompt(page);
  await page.locator("#lanes").focus();
  const lit = page.locator("#editor .lit");
  const next = page.locator("#next");
  const words = async () => (await lit.allInnerTexts()).join();
  for (let i = 0; i < 12 && !/hello/.test(await next.innerText()); i++) {
    await pressAndSee("ArrowDown");
  }
  for (const key of [".", ","]) { // later ones, earlier ones
    while (!/sleep/.test(await words()) && await pressAndSee(key));
  }
  assertMatch(
    await words(),
    /yield\* sleep\(10 \* ms\);\s*hello\.ts (waits|is) here/,
  );
  await shot(page, "editor-lit-light");
  await page.keyboard.press("Escape");
  await lit.waitFor({ state: "detached" });
});

test("Escape, then Tab leaves the editor", async () => {
  await kit.code.focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert(
    await page.evaluate(() =>
      document.activeElement?.closest(".cm-editor") === null
    ),
  );
});

test("axe finds nothing wrong, light and dark, and on a phone the code has the screen", async () => {
  await kit.write(PROGRAM);
  await page.locator("#editor .cm-lintRange-error").waitFor();
  assertEquals(await violations(page), []);
  await shot(page, "editor-light");
  await page.emulateMedia({ colorScheme: "dark" });
  assertEquals(await violations(page), []);
  await shot(page, "editor-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator("[data-pane=code]").last().click();
  await page.waitForTimeout(200);
  await shot(page, "editor-phone-dark");
  assertEquals(await page.evaluate(() => document.body.scrollWidth), 390);
  assert(await kit.code.isVisible());
  await page.setViewportSize({ width: 1440, height: 900 });
  assertEquals(stage.faults, []);
});
