// What somebody did, sent and opened again, without a browser: the same world to
// the bit, on the page's session and in the host's own replay.

import { assert, assertEquals } from "@std/assert";
import { after, test } from "node:test";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import { linkOf, openLink, type Shared } from "../../host/share.ts";
import { noteShipped } from "../../host/shipped.ts";
import type { World } from "../../kernel/mod.ts";
import type {
  DiskBlocks,
  FromRunner,
  Sent,
  ToRunner,
} from "../../web/protocol.ts";
import { openShared } from "../../web/runner/sharing.ts";
import { Session } from "../../web/runner/session.ts";

const WAIT_MS = 20_000;
const image = readImage();

after(stopCompiler);

type Boot = Extract<ToRunner, { kind: "boot" }>;
type Heard<K> = Extract<FromRunner, { kind: K }>;

/** A page that hears, and compiles. */
class Page {
  screen = "";
  readonly heard: FromRunner[] = [];
  readonly session: Session;

  constructor(boot: Partial<Boot> = {}) {
    const send = (message: FromRunner) => this.#hear(message);
    this.session = new Session({ image, precompiled: [], send }, {
      kind: "boot",
      disk: null,
      files: {},
      columns: 80,
      rows: 24,
      speed: Infinity,
      notice: "",
      ...boot,
    });
  }

  all<K extends FromRunner["kind"]>(kind: K): Heard<K>[] {
    return this.heard.filter((it): it is Heard<K> => it.kind === kind);
  }

  get state(): string {
    return this.all("status").at(-1)?.status.state ?? "";
  }

  get now(): number {
    return this.all("status").at(-1)!.status.now;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const ends = performance.now() + WAIT_MS;
    while (!holds()) {
      assert(performance.now() < ends, `${what}: never. Shown: ${this.screen}`);
      await new Promise((done) => setTimeout(done, 2));
    }
  }

  async enter(line: string): Promise<void> {
    await this.until("prompt", () => this.#isAtPrompt);
    this.screen = "";
    this.session.handle({ kind: "keys", text: `${line}\r` });
    await this.until(line, () => this.#isAtPrompt);
  }

  async share(): Promise<Sent> {
    const { length } = this.all("sent");
    this.session.handle({ kind: "share" });
    await this.until("sent", () => this.all("sent").length > length);
    return this.all("sent").at(-1)!.sent;
  }

  async opened(): Promise<Heard<"opened">> {
    await this.until("opened", () => this.all("opened").length > 0);
    return this.all("opened")[0]!;
  }

  /** All that was told of the disk. */
  get disk(): DiskBlocks {
    const blocks = new Map<number, Uint8Array>();
    for (const { blocks: { numbers, bytes } } of this.all("disk")) {
      numbers.forEach((number, i) =>
        blocks.set(number, bytes.subarray(i * 4096, (i + 1) * 4096))
      );
    }
    const bytes = new Uint8Array(blocks.size * 4096);
    [...blocks.values()].forEach((block, i) => bytes.set(block, i * 4096));
    const numbers = Uint32Array.from(blocks.keys());
    return { ...this.all("disk")[0]!.blocks, numbers, bytes };
  }

  get #isAtPrompt(): boolean {
    return this.state === "idle" &&
      this.screen.trimEnd().endsWith("kettle$\x1b[0m");
  }

  #hear(message: FromRunner): void {
    this.heard.push(message);
    if (message.kind === "output") {
      this.screen += new TextDecoder().decode(message.bytes);
      const { length: bytes } = message.bytes;
      queueMicrotask(() => this.session.handle({ kind: "shown", bytes }));
    } else if (message.kind === "compile") {
      const { id, path, source } = message;
      compileNative(path, source).then((file) =>
        this.session.handle({ kind: "compiled", id, file, lasting: true })
      );
    }
  }
}

/** With a page of its own, closed in the end. */
async function withPage<T>(
  boot: Partial<Boot>,
  body: (page: Page) => Promise<T>,
): Promise<T> {
  const page = new Page(boot);
  try {
    return await body(page);
  } finally {
    page.session.close();
  }
}

/** Through a link, as it would come to somebody else. */
async function throughLink({ shared }: Sent): Promise<Shared> {
  return await openLink(await linkOf(shared));
}

const HELLO =
  `import { print } from "kettle";\nexport default function* main() {\n  yield* print("tea is ready");\n}\n`;

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
