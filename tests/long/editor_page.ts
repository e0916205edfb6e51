// The editor in a real browser, the longer way: completion, the manual,
// definitions, files that programs change, files renamed, removed, refused, saves
// while time stands in the past, drafts, and what happens without TypeScript.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { atPrompt, enter, shot, Stage, waitForText } from "../web/browser.ts";
import { EditorKit } from "../web/editor_kit.ts";

let stage: Stage;
let page: Page;
let kit: EditorKit;

before(async () => {
  stage = await Stage.open(8640);
  page = await stage.visit();
  kit = new EditorKit(page);
  await kit.ready();
  await kit.newFile("a.ts", "");
});

after(() => stage?.close());

test("what a program throws marks the line it says", async () => {
  await kit.write(
    'import { open } from "kettle";\n\nexport default function* main() {\n  yield* open("/etc/none");\n}\n',
  );
  await page.locator("#run").click();
  await waitForText(page, "at a.ts:4");
  const mark = page.locator("#editor .run-error-text");
  await mark.waitFor();
  assertMatch(await mark.innerText(), /ENOENT/);
  await atPrompt(page);
});

test("completion imports what it completes, and a name shows its page of the manual", async () => {
  await kit.write(
    'import { print } from "kettle";\n\nexport default function* main() {\n  yield* print(1);\n}\n',
  );
  await page.keyboard.press("Control+Home");
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.type("  yield* getpi");
  const list = page.locator(".cm-tooltip-autocomplete");
  await list.locator("[aria-selected]", { hasText: "getpid" }).waitFor();
  await page.waitForTimeout(200); // it takes no key that was meant for the text
  await page.keyboard.press("Enter");
  await kit.becomes(kit.text, /import \{ getpid, print \} from "kettle";/);
  assertMatch(await kit.code.innerText(), /yield\* getpid/);
  await page.locator("#editor .syn-fn", { hasText: "print" }).first().hover();
  const about = page.locator(".cm-tooltip .about", { hasText: "print(3)" });
  await about.waitFor();
  await shot(page, "editor-hover-light");
});

test("F12 leads to where a call comes from, in a tab to be read", async () => {
  await page.mouse.move(5, 5);
  await page.locator("#editor .syn-fn", { hasText: "print" }).first().click();
  await page.keyboard.press("F12");
  await kit.tab("text.ts").waitFor();
  assertMatch(await kit.saved(), /kettle: text\.ts, read only/);
  assertMatch(await kit.code.innerText(), /export function print/);
  await page.keyboard.type("zzz");
  assert(!/zzz/.test(await kit.code.innerText()));
  await kit.tab("text.ts").press("Delete");
  await kit.tab("a.ts").waitFor();
});

test("what a program writes shows in the tab; what was written meanwhile is asked about", async () => {
  await enter(
    page,
    "echo one > note.txt; edit note.txt; echo opened",
    "opened",
  );
  await kit.tab("note.txt").waitFor();
  await kit.becomes(kit.text, /^one/);
  await enter(page, "sed -i s/one/two/ note.txt; echo ok", "ok");
  await kit.becomes(kit.text, /^two/);
  await enter(page, "sleep 2 && echo three > note.txt &", "kettle$");
  await kit.code.focus();
  await page.keyboard.press("Control+Home");
  const { told } = kit;
  for (let i = 0; i < 80 && await told.isHidden(); i++) {
    await page.keyboard.type("x");
    await page.waitForTimeout(100);
  }
  assertMatch(await told.innerText(), /note\.txt was changed on the disk/);
  await told.getByRole("button", { name: "Take the disk's" }).click();
  await kit.becomes(kit.text, /^three/);
  await kit.code.focus();
  await page.keyboard.press("Control+z");
  await kit.becomes(kit.text, /xx.*two/);
  await kit.becomes(kit.saved, /saved$/);
  await enter(page, "cat note.txt", "xtwo");
});

test("files are renamed, and deleted when it is said twice; a removed one keeps its text here", async () => {
  await page.getByRole("button", { name: "Files" }).click();
  await page.getByRole("button", { name: "Rename note.txt" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("memo.txt");
  await page.keyboard.press("Enter");
  await kit.tab("memo.txt").waitFor();
  await enter(page, "ls", "memo.txt");
  await page.getByRole("button", { name: "Files" }).click();
  await page.getByRole("button", { name: "Delete memo.txt" }).click();
  await page.locator("#editor .told").getByRole("button", { name: "Delete" })
    .click();
  await kit.tab("memo.txt").waitFor({ state: "detached" });
  await enter(page, "ls; echo end", "end");
  await kit.tab("a.ts").click();
  await enter(page, "rm a.ts; echo end", "end");
  const { told } = kit;
  await told.filter({ hasText: "a.ts was removed" }).waitFor();
  await told.getByRole("button", { name: "Save it again" }).click();
  await kit.becomes(kit.saved, /saved$/);
  await enter(page, "cat a.ts", "getpid");
});

test("a file that is no text, or too large, is refused with a sentence", async () => {
  await enter(page, "edit /srv/logo; echo opened", "opened");
  const { told } = kit;
  await told.filter({ hasText: "logo is not shown" }).waitFor();
  await kit.tab("logo").press("Delete");
  await enter(page, "seq 200000 > many; edit many; echo opened", "opened");
  await told.filter({ hasText: "many is not shown: it has" }).waitFor();
  await kit.tab("many").press("Delete");
});

test("a save is an input: time goes back over it, and what is written then waits", async () => {
  await kit.tab("hello.ts").click();
  await page.locator("#lanes").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() =>
    document.documentElement.dataset.machine === "paused"
  );
  await kit.code.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("// later");
  await kit.becomes(kit.saved, /draft kept: time stands in the past/);
  await page.keyboard.press("Control+s");
  await kit.becomes(kit.saved, /hello\.ts, saved/);
  await page.locator("#notice", { hasText: "it goes another way" }).waitFor();
  await page.keyboard.press("F8");
  await enter(page, "tail -n 1 hello.ts", "// later");
});

test("a draft that no machine took is there at the next visit", async () => {
  await page.evaluate(() => {
    const key = "kettle.draft./home/hello.ts";
    const before = JSON.parse(localStorage.getItem("kettle.kept") ?? "null");
    localStorage.setItem(key, JSON.stringify({ text: "// mine\n", before }));
  });
  await page.reload();
  await waitForText(page, "kettle$");
  const { told } = kit;
  await told.filter({ hasText: "hello.ts was changed on the disk" }).waitFor();
  await told.getByRole("button", { name: "Keep mine" }).click();
  await kit.becomes(kit.saved, /saved$/);
  await enter(page, "cat hello.ts", "// mine");
});

test("without TypeScript there is an editor that says so, and runs", async () => {
  const context = await stage.newContext();
  const bare = await stage.newPage(context);
  await bare.route("**/language.js", (route) => route.abort());
  await bare.goto(stage.served.url + "#playground");
  await waitForText(bare, "kettle$");
  const plain = new EditorKit(bare);
  await plain.becomes(
    plain.foot,
    /Types could not be loaded .* You can write and run/,
  );
  await plain.write(
    'import { print } from "kettle";\nexport default function* main() {\n  yield* print("it ran");\n}\n',
  );
  await bare.keyboard.press("Control+Enter");
  await waitForText(bare, "it ran");
  await context.close();
});

test("without the editor's code the page works, and it can be tried again", async () => {
  const context = await stage.newContext();
  const bare = await stage.newPage(context);
  await bare.route("**/editor.js*", (route) => route.abort());
  await bare.goto(stage.served.url + "#playground");
  await waitForText(bare, "kettle$");
  const plain = new EditorKit(bare);
  await plain.told.filter({ hasText: "The editor could not be loaded" })
    .waitFor();
  await bare.unroute("**/editor.js*");
  await bare.getByRole("button", { name: "Try again" }).click();
  await plain.ready();
  await plain.becomes(plain.text, /Your first program/);
  await context.close();
  assertEquals(stage.faults, []);
});
