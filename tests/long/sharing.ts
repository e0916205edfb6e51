// Links of more kinds of runs: replayed by the host, made in the past, sent on,
// from a used disk, of a world file, without an end.

import { assert, assertEquals } from "@std/assert";
import { after, test } from "node:test";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import type { Shared } from "../../host/share.ts";
import { noteShipped } from "../../host/shipped.ts";
import type { World } from "../../kernel/mod.ts";
import { openShared } from "../../web/runner/sharing.ts";
import { HELLO, image, throughLink, withPage } from "../web/shared_session.ts";

after(stopCompiler);

test("the host's own replay of a link from the page has its hash", async () => {
  const sent = await withPage({}, async (page) => {
    await page.enter("hello; curl -s http://www/ | head -n 1");
    return await page.share();
  });
  const shared = await throughLink(sent);
  const loader = new Loader({ compile: compileNative });
  const boot = (programs: Loader): World => {
    const { world, machine } = makePlayground({ programs, image });
    noteShipped(machine.files, image);
    return world;
  };
  const opened = await openShared(
    shared,
    loader,
    boot as never,
    () => Promise.resolve(),
  );
  assertEquals(opened.hash, shared.hash);
});

test("shared in the past, the link opens there, and what came later comes again", async () => {
  const sent = await withPage({}, async (page) => {
    await page.enter("echo one");
    const between = page.now;
    await page.enter("echo two");
    page.session.handle({ kind: "goTo", atNs: between });
    await page.until("back", () => page.all("rewound").length > 0);
    await page.until("there", () => page.now === between);
    return await page.share();
  });
  assert(sent.shared.done! < sent.shared.log.length);
  const shared = await throughLink(sent);
  await withPage({ shared }, async (page) => {
    assertEquals((await page.opened()).hash, shared.hash);
    await page.until("screen", () => page.screen.includes("one"));
    assert(!page.screen.includes("echo two"), page.screen);
    page.session.handle({ kind: "speed", speed: Infinity });
    page.session.handle({ kind: "play" });
    await page.until("two", () => page.screen.includes("ltwo\r"));
  });
});

test("what is typed after opening is another branch, and can be sent on", async () => {
  const shared = await throughLink(
    await withPage({}, async (page) => {
      await page.enter("echo one > cup");
      return await page.share();
    }),
  );
  const again = await throughLink(
    await withPage({ shared }, async (page) => {
      await page.opened();
      page.session.handle({ kind: "play" });
      await page.enter("echo two >> cup; cat cup");
      assert(page.screen.includes("one\r\ntwo"), page.screen);
      return await page.share();
    }),
  );
  await withPage({ shared: again }, async (page) => {
    assertEquals((await page.opened()).hash, again.hash);
    await page.until("screen", () => page.screen.includes("one\r\ntwo"));
  });
});

test("from a used disk the files of /home are sent, the run is done again from a fresh one, and what does not fit is named", async () => {
  const disk = await withPage({}, async (page) => {
    await page.enter(
      "echo mine > cup; mkdir d; echo deep > d/e; echo x > /srv/y",
    );
    await page.enter(
      "head -c 300000 /dev/zero | tr '\\0' a > big; printf '\\377' > noise",
    );
    await page.enter("sync");
    page.session.handle({ kind: "look" });
    return page.disk;
  });
  const sent = await withPage({ disk }, async (page) => {
    await page.enter("cat cup d/e");
    assert(page.screen.includes("mine\r\ndeep"), page.screen);
    return await page.share();
  });
  assertEquals(sent.isAsSeen, false);
  assertEquals(
    sent.leftOut.map(({ path, why }) => `${path} ${why}`),
    ["/home/big too large", "/home/noise no text"],
  );
  const shared = await throughLink(sent);
  assertEquals(shared.files["/home/cup"], "mine\n");
  assertEquals(shared.files["/home/d/e"], "deep\n");
  assertEquals(
    Object.keys(shared.files).filter((it) => it.startsWith("/srv")),
    [],
  );
  await withPage({ shared }, async (page) => {
    assertEquals((await page.opened()).hash, shared.hash);
    await page.until("screen", () => page.screen.includes("mine\r\ndeep"));
  });
});

test("a run of a world file, without a shell, opens; a key starts a shell in it", async () => {
  const shared: Shared = {
    files: { "/home/a.ts": HELLO },
    world: {
      machines: [{ name: "one", programs: [{ run: "/home/a.ts" }] }],
    },
    params: {},
    seed: 3,
    log: [],
    speed: 0.01,
    view: [0, 1e6],
    atNs: 2_000_000,
    hash: "",
  };
  await withPage({ shared }, async (page) => {
    await page.opened();
    assertEquals(page.now, 2_000_000);
    page.session.handle({ kind: "speed", speed: Infinity });
    page.session.handle({ kind: "keys", text: "\r" });
    page.session.handle({ kind: "play" });
    await page.enter("cat a.ts | head -n 1");
    assert(page.screen.includes("import"), page.screen);
  });
});

test("what was sent and never ends to run can be looked at as far as it came", async () => {
  const shared: Shared = {
    files: {},
    world: null,
    params: {},
    seed: 1,
    log: [{
      atNs: 0,
      step: 0,
      machine: 0,
      login: { path: "/bin/yes", args: [] },
    }],
    speed: 1,
    view: null,
    atNs: 3600e9,
    hash: "0123456789abcdef",
  };
  await withPage({ shared }, async (page) => {
    await page.until("under way", () => page.all("replaying").length > 3);
    page.session.handle({ kind: "enough" });
    const { isCut, nowNs } = await page.opened();
    assert(isCut && nowNs > 0 && nowNs < 3600e9);
  });
});
