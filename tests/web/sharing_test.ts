// What somebody did, sent and opened again, without a browser: the same world to
// the bit. More of it is in the long run.

import { assert, assertEquals } from "@std/assert";
import { after, test } from "node:test";
import { stopCompiler } from "../../host/compile_native.ts";
import { linkOf, type Shared } from "../../host/share.ts";
import { HELLO, Page, throughLink, withPage } from "./shared_session.ts";

after(stopCompiler);

test("what one did is sent; another opens it and has the same run, to the hash, and what comes after", async () => {
  const sent = await withPage({}, async (page) => {
    await page.enter("cat > tea.ts <<END\n" + HELLO + "END");
    await page.enter("run tea.ts; cat /bin/true | wc -l");
    assert(page.screen.includes("tea is ready"), page.screen);
    return await page.share();
  });
  assertEquals([sent.isAsSeen, sent.leftOut], [true, []]);
  const shared = await throughLink(sent);
  await withPage({ shared }, async (page) => {
    const { hash, isCut, nowNs } = await page.opened();
    assertEquals([hash, isCut, nowNs], [shared.hash, false, shared.atNs]);
    assertEquals(page.state, "paused");
    await page.until("screen", () => page.screen.includes("tea is ready"));
    page.session.handle({ kind: "play" });
    await page.enter("cat tea.ts");
    assert(page.screen.includes("tea is ready"), page.screen);
  });
});

test("shared twice is the same link; a thing done between makes it another", async () => {
  await withPage({}, async (page) => {
    await page.enter("echo one");
    page.session.handle({ kind: "pause" });
    const first = await linkOf((await page.share()).shared);
    assertEquals(await linkOf((await page.share()).shared), first);
    page.session.handle({ kind: "play" });
    await page.enter("echo two");
    const second = await linkOf((await page.share()).shared);
    assert(second !== first);
    assert(first.length < 1_000, `${first.length} letters`);
  });
});

test("a world that cannot be is refused with what is wrong in it", () => {
  const shared: Shared = {
    files: {},
    world: { machines: [{ name: "a" }], cables: [{ between: ["a", "b"] }] },
    params: {},
    seed: 1,
    log: [],
    speed: 1,
    view: null,
    atNs: 1,
    hash: "",
  };
  let said = "";
  try {
    new Page({ shared });
  } catch (error) {
    said = (error as Error).message;
  }
  assertEquals(/nothing is called "b"/.test(said), true, said);
});
