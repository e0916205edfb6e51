// Sharing in a real browser: a link is made and copied, another visitor is asked,
// plays it, sees the same run with its hash, and has their own disk afterwards as
// it was; what cannot be opened is a sentence.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { openLink } from "../../host/share.ts";
import {
  enter,
  PROMPT,
  reload,
  screenText,
  shot,
  Stage,
  violations,
  waitForText,
  writeFile,
} from "../web/browser.ts";

let stage: Stage;
let page: Page;
let visitors: BrowserContext;
let link = "";

const PROGRAM = `import { ms, print, sleep } from "kettle";
export default function* main() {
  yield* print("the kettle is on");
  yield* sleep(3 * ms);
  yield* print("tea is ready");
}
`;

before(async () => {
  stage = await Stage.open(8700);
  visitors = await stage.newContext();
  await visitors.grantPermissions(["clipboard-read", "clipboard-write"]);
  page = await stage.visit(visitors);
});

after(() => stage?.close());

const wrong = () => violations(page);

/** The own machine runs, whatever is on show. */
const ready = () => page.locator("html[data-ready]").waitFor();

const dialog = () => page.locator("dialog.share");

test("the button makes a link, copies it, and says what it carries and what not", async () => {
  await writeFile(page, "tea.ts", PROGRAM);
  await enter(page, "run tea.ts", "tea is ready");
  await page.keyboard.press("F8"); // else the kernel writes back, and time goes on
  await page.locator("#share").click();
  const field = dialog().locator(".link");
  await field.waitFor();
  link = await field.inputValue();
  assertMatch(link, /#1[\w-]+$/);
  assert(link.length < 2_000, `${link.length} characters`);
  await dialog().getByText(/^Copied: [\d,]+ characters\.$/).waitFor();
  assertEquals(
    await page.evaluate(() => navigator.clipboard.readText()),
    link,
  );
  const words = await dialog().innerText();
  for (
    const part of ["the playground", "run tea.ts", "Seed", "Trace hash"]
  ) assert(words.includes(part), `${part} in ${words}`);
  assertMatch(words, /Your disk stays here/);
  const { log, done } = await openLink(link.split("#")[1]!);
  assertEquals(done, log.length);
  assertEquals(await wrong(), []);
  await shot(page, "share-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "share-dark");
  await page.emulateMedia({ colorScheme: "light" });
});

test("the snippet says what is chosen, and files come out", async () => {
  await dialog().getByLabel("Opens with the").selectOption("code");
  await dialog().getByLabel("the code cannot be changed").check();
  const snippet = await dialog().locator(".snippet").inputValue();
  assertMatch(snippet, /^<iframe src="[^"]+\?embed=1&amp;view=code&amp;ro=1#1/);
  const download = async (name: string) => {
    const waits = page.waitForEvent("download");
    await dialog().getByRole("button", { name }).click();
    const file = await waits;
    return readFileSync(await file.path());
  };
  const trace = JSON.parse(String(await download("Trace for Perfetto")));
  assert(trace.traceEvents.length > 100);
  const zip = await download("Files of /home as zip");
  assertEquals(zip.subarray(0, 2).toString(), "PK");
  assert(zip.includes("home/tea.ts"));
  const svg = String(await download("Timeline as SVG"));
  assert(svg.startsWith("<svg xmlns") && !svg.includes("var(--"), svg);
  const png = await download("Timeline as PNG");
  assertEquals(png.subarray(1, 4).toString(), "PNG");
  assert(png.length > 5_000, `${png.length}`);
  const run = String(await download("The run as a .kettle file"));
  assertEquals((await openLink(run.trim())).hash.length, 16);
  const pcap = dialog().getByRole("button", { name: "Packets" });
  await pcap.click();
  await dialog().getByText(/no packet has come in|kettle.pcap is made/)
    .waitFor();
  await page.keyboard.press("Escape");
});

test("a key opens it too, and shared twice it is the same link", async () => {
  await page.locator(".xterm").click();
  await page.keyboard.press("Control+Shift+S");
  await dialog().locator(".link").waitFor();
  assertEquals(await dialog().locator(".link").inputValue(), link);
  await page.keyboard.press("Escape");
});

test("share in the shell prints a link, and copies nothing", async () => {
  await page.keyboard.press("F8");
  await enter(page, "share", "/#1");
  assertEquals(await dialog().isVisible(), false);
});

test("opened by somebody else, nothing runs before a click; then it is the same run, and the own disk is as it was", async () => {
  const context = await stage.newContext();
  page = await stage.visit(context);
  await enter(page, "echo mine > cup; cat cup", "mine");
  await reload(page);
  await page.goto(link);
  const card = page.locator("dialog.arrival");
  await card.getByRole("button", { name: "Play it" }).waitFor();
  assertEquals(await page.locator("iframe").count(), 0);
  assertMatch(await card.innerText(), /Typed[\s\S]*run tea\.ts/);
  assertEquals(await wrong(), []);
  await shot(page, "link-arrives-light");
  await card.getByRole("button", { name: "Play it" }).click();
  await page.locator(".visit.good").waitFor();
  assertMatch(
    await page.locator(".visit").innerText(),
    /The same run, to the last event: trace hash [0-9a-f]{16}/,
  );
  await waitForText(page, "tea is ready");
  assertEquals(await wrong(), []);
  await shot(page, "link-opened-light");
  await page.locator("#play").click();
  await enter(page, "echo theirs > cup; cat cup; ls", "theirs");
  assert((await screenText(page)).includes("tea.ts"));
  await page.locator(".visit button", { hasText: "Back" }).click();
  await page.waitForURL((url) => url.hash === "");
  await waitForText(page, PROMPT);
  await enter(page, "cat cup; ls", "mine");
  assert(!(await screenText(page)).includes("tea.ts"));
  await context.close();
});

test("not now: the own machine starts; a link put into the address of the page asks again", async () => {
  const context = await stage.newContext();
  page = await stage.newPage(context);
  await page.goto(link);
  await page.getByRole("button", { name: "Not now" }).click();
  await ready();
  assertEquals(new URL(page.url()).hash, "");
  await page.evaluate((hash) => location.hash = hash, new URL(link).hash);
  await page.getByRole("button", { name: "Play it" }).waitFor();
  const read = page.getByRole("button", { name: "Look at the files" });
  assert(await read.isDisabled());
  await page.keyboard.press("Escape");
  await ready();
  await context.close();
});

test("a .kettle file that is dropped on the page is a link as well", async () => {
  const context = await stage.newContext();
  page = await stage.visit(context);
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "run.kettle"));
    dispatchEvent(new DragEvent("drop", { dataTransfer }));
  }, `${link.split("#")[1]}\n`);
  await page.getByRole("button", { name: "Play it" }).click();
  await page.locator(".visit.good").waitFor();
  await waitForText(page, "tea is ready");
  assertEquals(new URL(page.url()).hash, "#0file");
  await context.close();
});

test("a link that is cut off says so, nothing is run, and the page goes on", async () => {
  const context = await stage.newContext();
  page = await stage.newPage(context);
  await page.goto(link.slice(0, -60));
  const card = page.locator("dialog.arrival");
  await card.getByText(/^This link is cut off after [\d,]+ characters\.$/)
    .waitFor();
  assertMatch(await card.innerText(), /Nothing was run and your files are as/);
  await card.getByRole("button", { name: "Go on" }).click();
  await ready();
  await context.close();
  assertEquals(stage.faults, []);
});
