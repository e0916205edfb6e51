// An embed in somebody else's page, of another origin: nothing is fetched before
// the click but a still picture and a small script; then it plays, is told by
// messages what to do, and leads into Kettle with what was changed.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import type { FrameLocator, Page } from "playwright-core";
import { linkOf, openLink } from "../../host/share.ts";
import { runOfFiles } from "../../web/embed/run_of.ts";
import { shot, Stage, violations } from "../web/browser.ts";

let stage: Stage;
let page: Page;
let host: Server;
const HOST_PORT = 8799;
/** Another site than localhost. */
const HOST = `http://127.0.0.1:${HOST_PORT}/`;
const fetched: string[] = [];

const TEA = `import { ms, print, sleep } from "kettle";
export default function* main() {
  yield* sleep(3 * ms);
  yield* print("tea is ready");
}
`;

/** A page with the embed in a sandboxed frame or a plain one. */
function hostPage(address: string, sandbox: string): string {
  return `<!DOCTYPE html><html lang="en"><title>A page</title><main><h1>A page</h1>
<iframe id="kettle" src="${address}" width="640" height="360" style="border:0"
  title="Kettle" ${sandbox}></iframe></main>
<script>
window.heard = [];
addEventListener("message", ({ data, origin }) => heard.push({ ...data, origin }));
let ids = 0;
window.ask = (message) => {
  const id = ++ids;
  kettle.contentWindow.postMessage({ kettle: 1, id, ...message }, "*");
  return new Promise((done) => {
    const look = () => {
      const answer = heard.find((it) => it.id === id);
      answer ? done(answer) : setTimeout(look, 5);
    };
    look();
  });
};
</script></html>`;
}

/** What the host serves, by path. */
const pages = new Map<string, string>();

before(async () => {
  stage = await Stage.open(8730);
  host = createServer(({ url }, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(pages.get(url ?? "") ?? "nothing here");
  });
  await new Promise<void>((done) => host.listen(HOST_PORT, "127.0.0.1", done));
});

after(async () => {
  host?.close();
  await stage?.close();
});

async function visit(
  name: string,
  query: string,
  sandbox = "",
): Promise<FrameLocator> {
  pages.set(
    `/${name}`,
    hostPage(`${stage.served.url}?embed=1${query}`, sandbox),
  );
  page = await stage.newPage();
  fetched.length = 0;
  page.on(
    "request",
    (request) => fetched.push(new URL(request.url()).pathname),
  );
  await page.goto(`${HOST}${name}`);
  const frame = page.frameLocator("#kettle");
  await frame.locator("#tab-timeline[aria-selected]").waitFor();
  return frame;
}

function ask(message: Record<string, unknown>) {
  return page.evaluate(
    (message) =>
      (globalThis as unknown as {
        ask(message: unknown): Promise<Record<string, unknown>>;
      }).ask(message),
    message,
  );
}

test("before the click there is a still picture and a small script; the click plays it, across origins", async () => {
  const frame = await visit("still", "");
  await frame.locator(".drawing").waitFor();
  assertEquals(
    fetched.filter((path) => /runner|main|machine|wasm|programs/.test(path)),
    [],
  );
  assertEquals((await ask({ do: "state" })).state, "still");
  await shot(page, "embed-still-light");
  await frame.locator("#play").click();
  await frame.locator("html[data-machine=idle]").waitFor({ timeout: 30_000 });
  assert(Number((await ask({ do: "state" })).nowNs) > 5e6);
  await shot(page, "embed-played-light");
  assertEquals(await violations(page), []);
  await frame.locator("#tab-disk").click();
  await frame.locator("#view-disk svg.platter, #view-disk svg").first()
    .waitFor();
  await frame.locator("#tab-timeline").click();
  await page.keyboard.press("ArrowRight");
  await frame.locator("#view-code:not([hidden])").waitFor();
  await page.close();
});

test("a page commands it by messages; before the click it may not run, and what is malformed is answered", async () => {
  const frame = await visit("asked", "&view=terminal");
  const refused = await ask({ do: "run" });
  assertEquals(refused.ok, false);
  assertMatch(String(refused.error), /has not pressed Play/);
  for (
    const [message, sentence] of [
      [{ do: "dance" }, /do must be one of/],
      [{ do: "seek", atNs: -1 }, /atNs must be a time/],
      [{ do: "load", link: "1zzz" }, /damaged|cut off/],
      [{ do: "load", files: { "/etc/motd": "x" } }, /begin with \/home\//],
      [{ do: "run", kettle: 2 }, /this embed knows no other/],
    ] as const
  ) {
    const answer = await ask(message);
    assertEquals(answer.ok, false);
    assertMatch(String(answer.error), sentence);
  }
  const loaded = await ask({
    do: "load",
    files: { "/home/tea.ts": TEA },
    command: "run tea.ts",
  });
  assertEquals([loaded.ok, loaded.origin], [
    true,
    new URL(stage.served.url).origin,
  ]);
  await ask({ do: "events", on: true });
  await frame.locator("#play").click();
  await frame.locator(".xterm-rows", { hasText: "tea is ready" }).waitFor();
  await ask({ do: "pause" });
  await ask({ do: "seek", atNs: 1_000_000 });
  await page.waitForFunction(() =>
    (globalThis as unknown as { heard: { nowNs?: number; state?: string }[] })
      .heard.some(({ nowNs, state }) =>
        nowNs === 1_000_000 && state === "paused"
      )
  );
  const events = await page.evaluate(() =>
    (globalThis as unknown as { heard: { event?: string }[] }).heard
      .map(({ event }) => event)
  );
  for (const name of ["ready", "opened", "state", "output"]) {
    assert(events.includes(name), `${name} in ${[...new Set(events)]}`);
  }
  await page.close();
});

test("a link in a frame without storage says what it holds, replays, and tells whether it is the run", async () => {
  const link = await linkOf({ ...runOfFiles({ "/home/tea.ts": TEA }) });
  const frame = await visit(
    "link",
    `&ro=1&theme=dark#${link}`,
    'sandbox="allow-scripts allow-same-origin allow-popups"',
  );
  await frame.getByText("A run to be played.").waitFor();
  assertEquals(await frame.locator("html").getAttribute("data-theme"), "dark");
  await shot(page, "embed-link-dark");
  await frame.locator("#tab-code").click();
  assertEquals(await frame.locator("#source").inputValue(), TEA);
  assertEquals(await frame.locator("#source").isEditable(), false);
  await frame.locator("#play").click();
  await frame.locator("html[data-machine]").waitFor({ timeout: 30_000 });
  await frame.locator("#back:not([disabled])").waitFor();
  await shot(page, "embed-link-code-dark");
  await page.close();
});

test("in a frame without an origin the still is there, and Play says what the page has to allow", async () => {
  const frame = await visit("null", "", 'sandbox="allow-scripts"');
  await frame.locator(".drawing").waitFor();
  await frame.locator("#play").click();
  await frame.getByText(/needs sandbox="allow-scripts allow-same-origin"/)
    .waitFor();
  await page.close();
});

test("Open in Kettle keeps what was changed, before the click and after it", async () => {
  const link = await linkOf({ ...runOfFiles({ "/home/tea.ts": TEA }) });
  const frame = await visit("edit", `&view=code#${link}`);
  const source = frame.locator("#source");
  await source.fill(TEA.replace("ready", "cold"));
  const href = async () => await frame.locator("#open").getAttribute("href");
  await page.waitForTimeout(100);
  const before = await openLink((await href())!.split("#")[1]!);
  assertMatch(before.files["/home/tea.ts"]!, /tea is cold/);
  await frame.locator("#run").click();
  await frame.locator(".xterm-rows", { hasText: "tea is cold" }).waitFor({
    timeout: 30_000,
  });
  await frame.locator("#tab-code").click();
  await source.fill(TEA.replace("ready", "gone"));
  await frame.locator("#run").click();
  await frame.locator(".xterm-rows", { hasText: "tea is gone" }).waitFor({
    timeout: 30_000,
  });
  const opens = page.context().waitForEvent("page");
  await frame.locator("#open").click();
  const opened = await opens;
  await opened.getByRole("button", { name: "Look at the files" }).click();
  await opened.getByText("tea is gone").waitFor();
  assertEquals(new URL(opened.url()).search, "");
  await opened.close();
  await page.close();
});

test("at 360 wide the way out is a sign, and nothing is wider than the frame", async () => {
  page = await stage.newPage();
  await page.setViewportSize({ width: 360, height: 360 });
  await page.goto(`${stage.served.url}?embed=1`);
  await page.locator(".drawing").waitFor();
  assertEquals(await page.locator("#open span").isVisible(), false);
  assertEquals(await page.evaluate(() => document.body.scrollWidth), 360);
  assertEquals(await violations(page), []);
  await shot(page, "embed-360-light");
  await page.goto(`${stage.served.url}?embed=1#1damaged`);
  await page.getByText(/This link is/).waitFor();
  await page.close();
  assertEquals(stage.faults, []);
});
