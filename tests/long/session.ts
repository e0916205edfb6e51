// The machine of the page without a browser: what the worker says to the page,
// heard directly.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, test } from "node:test";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { type CompiledFile, failedFile } from "../../host/compiled.ts";
import { crc32 } from "../../host/checksum.ts";
import { type LateFile, placeholders } from "../../host/late_files.ts";
import { readImage } from "../../host/image.ts";
import { Geometry } from "../../kernel/dev/hdd_geometry.ts";
import { DEFAULT_MODEL } from "../../kernel/dev/hdd_model.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import { check } from "../../kernel/fs/mod.ts";
import { type Machine, World } from "../../kernel/mod.ts";
import type { DiskBlocks, FromRunner, ToRunner } from "../../web/protocol.ts";
import { slicesOf } from "../../web/trace/slice_columns.ts";
import { Session } from "../../web/runner/session.ts";

const PROMPT = "kettle$";
const WAIT_MS = 20_000;
const image = readImage();

after(stopCompiler);

const compiled = new Map<string, Promise<CompiledFile>>();

/** Sessions have no cache in common; the tests need not wait for that. */
function compileOnce(path: string, source: string): Promise<CompiledFile> {
  const key = `${path}\n${source}`;
  let file = compiled.get(key);
  if (file === undefined) compiled.set(key, file = compileNative(path, source));
  return file;
}

/** All that a page has been told of the disk, the later over the earlier. */
function diskOf(page: Page): DiskBlocks {
  const blocks = new Map<number, Uint8Array>();
  let last: DiskBlocks | null = null;
  for (const message of page.heard) {
    if (message.kind !== "disk") continue;
    last = message.blocks;
    const { bytes } = last;
    last.numbers.forEach((number, i) =>
      blocks.set(number, bytes.subarray(i * 4096, (i + 1) * 4096))
    );
  }
  const bytes = new Uint8Array(blocks.size * 4096);
  [...blocks.values()].forEach((block, i) => bytes.set(block, i * 4096));
  return { ...last!, numbers: Uint32Array.from(blocks.keys()), bytes };
}

function toldBlocks(page: Page): number {
  return page.heard.reduce(
    (sum, it) => sum + (it.kind === "disk" ? it.blocks.numbers.length : 0),
    0,
  );
}

/** A machine with that disk and nothing running. */
function onlyMachine({ model, sectors, numbers, bytes }: DiskBlocks): Machine {
  const image = new Platter(sectors);
  numbers.forEach((number, i) =>
    image.write(number * 8, bytes.subarray(i * 4096, (i + 1) * 4096))
  );
  return new World().boot({ disk: { model, image } });
}

/** A session with ears. */
class Page {
  screen = "";
  readonly heard: FromRunner[] = [];
  /** False: there is no compiler to be had for the visitor's programs. */
  online = true;
  readonly session: Session;

  constructor(
    boot: Partial<Extract<ToRunner, { kind: "boot" }>> = {},
    late = new Map<string, LateFile>(),
  ) {
    this.session = new Session(
      {
        image: { ...image, ...placeholders(late) },
        late,
        precompiled: [],
        send: (message) => this.#hear(message),
      },
      {
        kind: "boot",
        disk: null,
        files: {},
        columns: 80,
        rows: 24,
        speed: 1,
        notice: "",
        ...boot,
      },
    );
  }

  type(text: string): void {
    this.session.handle({ kind: "keys", text });
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const ends = performance.now() + WAIT_MS;
    while (!holds()) {
      assert(performance.now() < ends, `${what}: never. Shown: ${this.screen}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** A prompt stands at the end of the screen. */
  async prompt(): Promise<void> {
    const ends = () => this.screen.trimEnd().endsWith(`${PROMPT}\x1b[0m`);
    await this.until("prompt", () => ends() && this.last("status") === "idle");
  }

  async enter(line: string): Promise<void> {
    this.screen = "";
    this.type(`${line}\r`);
    await this.prompt();
  }

  /** The state in the last status. */
  last(_kind: "status"): string {
    const status = this.heard.findLast((message) => message.kind === "status");
    return status?.kind === "status" ? status.status.state : "";
  }

  #hear(message: FromRunner): void {
    this.heard.push(message);
    if (message.kind === "output") {
      this.screen += new TextDecoder().decode(message.bytes);
      const bytes = message.bytes.length;
      queueMicrotask(() => this.session.handle({ kind: "shown", bytes }));
    }
    if (message.kind === "compile") this.#compile(message);
  }

  async #compile(
    { id, path, source }: Extract<FromRunner, { kind: "compile" }>,
  ): Promise<void> {
    const lasting = this.online || !path.startsWith("/home/");
    const file = lasting
      ? await compileOnce(path, source)
      : failedFile(path, ["there is no compiler"]);
    this.session.handle({ kind: "compiled", id, file, lasting });
  }
}

async function withPage(
  boot: ConstructorParameters<typeof Page>[0],
  body: (page: Page) => Promise<void>,
): Promise<void> {
  const page = new Page(boot);
  try {
    await page.prompt();
    await body(page);
  } finally {
    page.session.close();
  }
}

test("the shell prompts, and the clock rests while nothing is due", async () => {
  await withPage({}, async (page) => {
    const before = page.heard.findLast(({ kind }) => kind === "status");
    await new Promise((done) => setTimeout(done, 60));
    page.session.handle({ kind: "speed", speed: 1 });
    const later = page.heard.findLast(({ kind }) => kind === "status");
    assert(before?.kind === "status" && later?.kind === "status");
    assertEquals(later.status.now, before.status.now);
  });
});

test("a machine that boots from what was told of the disk has what was written, without a sync", async () => {
  let disk: DiskBlocks | null = null;
  await withPage({}, async (page) => {
    await page.enter("echo tea > /home/cup; mkdir /tmp/shelf; rm /bin/yes");
    disk = diskOf(page);
    const { platter, files } = onlyMachine(disk);
    assertEquals(check(platter), []);
    assertEquals(files.peek("/home/cup"), new TextEncoder().encode("tea\n"));
  });
  await withPage({ disk }, async (page) => {
    await page.enter("cat cup; ls -d /tmp/shelf; ls /bin/yes");
    assert(page.screen.includes("tea"), page.screen);
    assert(page.screen.includes("/tmp/shelf"), page.screen);
    assert(/\/bin\/yes.: No such file/.test(page.screen), page.screen);
  });
});

test("only what has changed is told, each time as of one moment", async () => {
  await withPage({}, async (page) => {
    const first = toldBlocks(page);
    assert(first > 200, String(first));
    await page.enter("echo tea > cup");
    assert(toldBlocks(page) - first < 20, String(toldBlocks(page) - first));
    for (const line of ["echo more >> cup", "mv cup pot", "rm pot"]) {
      await page.enter(line);
      const { platter } = onlyMachine(diskOf(page));
      assertEquals(check(platter), [], line);
    }
    const before = toldBlocks(page);
    page.session.handle({ kind: "look" });
    assertEquals(toldBlocks(page), before);
    assertEquals(page.heard.at(-1)?.kind, "looked");
  });
});

test("keys wait for files that come late, and nobody ever sees the marks in their place", async () => {
  const source = String(image["/bin/wc"]);
  const bytes = new TextEncoder().encode(source);
  const late = new Map([
    ["/bin/wc", { bytes: bytes.length, checksum: crc32(bytes) }],
  ]);
  const page = new Page({}, late);
  try {
    await page.prompt();
    page.type("wc -c /bin/wc\r");
    await new Promise((done) => setTimeout(done, 50));
    assert(!page.screen.includes("wc"), page.screen);
    assertEquals(toldBlocks(page), 0);
    const sources = { "/bin/wc": source };
    page.session.handle({ kind: "sources", sources });
    await page.until("an answer", () => page.screen.includes("/bin/wc\r\n"));
    await page.prompt();
    assert(page.screen.includes(`${bytes.length} /bin/wc`), page.screen);
    const { files } = onlyMachine(diskOf(page));
    assertEquals(files.peek("/bin/wc"), bytes);
  } finally {
    page.session.close();
  }
});

test("a machine does not boot from blocks that are no file system", () => {
  const { capacity } = new Geometry(DEFAULT_MODEL);
  const disk = {
    model: DEFAULT_MODEL.name,
    sectors: capacity,
    numbers: new Uint32Array([0]),
    bytes: new Uint8Array(4096).fill(7),
  };
  assertThrows(() => new Page({ disk }), Error, "no file system");
});

test("the drive is told while it is watched, seek and all", async () => {
  await withPage({}, async (page) => {
    const views = () =>
      page.heard.flatMap((it) =>
        it.kind === "panel" && it.panel === "disk" ? [it.view] : []
      );
    await page.enter("cat /etc/motd");
    assertEquals(views().length, 0);
    page.session.handle({
      kind: "watchPanel",
      panel: "disk",
      isOpen: true,
    });
    assertEquals(views().at(-1)?.serving, null);
    page.session.handle({ kind: "speed", speed: 0.01 });
    await page.enter("cat /srv/logo > /dev/null");
    const seek = views().find(({ phases }) => phases[0]?.name === "seek");
    assert(seek !== undefined && seek.serving !== null);
    assert(seek.serving.who.startsWith("cat "), seek.serving.who);
    page.session.handle({
      kind: "choose",
      what: { tid: 2, pid: 2, request: 0 },
    });
    const said = page.heard.at(-1);
    assert(said?.kind === "explained" && said.purpose === "select");
    assertEquals(said.what?.tid, 2);
    assert(said.explanation?.question.includes("sh"));
    page.session.handle({
      kind: "watchPanel",
      panel: "disk",
      isOpen: false,
    });
    const { length } = views();
    await page.enter("cat /etc/motd");
    assertEquals(views().length, length, "a closed panel is told nothing");
  });
});

test("a new machine has the files it is given", async () => {
  const cup = new TextEncoder().encode("coffee\n");
  await withPage({ files: { "/home/cup": cup } }, async (page) => {
    await page.enter("cat cup");
    assert(page.screen.includes("coffee"), page.screen);
  });
});

test("slow motion does not slow the shell's answer to keys", async () => {
  await withPage({}, async (page) => {
    page.session.handle({ kind: "speed", speed: 1e-6 });
    const begin = performance.now();
    await page.enter("echo quick");
    assert(page.screen.includes("quick"), page.screen);
    assert(performance.now() - begin < WAIT_MS / 2);
  });
});

test("slow motion slows a program from its first call on", async () => {
  await withPage({}, async (page) => {
    await page.enter("sleep 0.001");
    page.session.handle({ kind: "speed", speed: 1e-6 });
    page.type("sleep 0.001\r");
    await page.until("running", () => page.last("status") === "running");
    await new Promise((done) => setTimeout(done, 100));
    assertEquals(page.last("status"), "running");
    page.session.handle({ kind: "speed", speed: Infinity });
    await page.prompt();
  });
});

test("paused, keys wait; each step is one event; played, they are heard", async () => {
  await withPage({}, async (page) => {
    page.session.handle({ kind: "pause" });
    await page.until("paused", () => page.last("status") === "paused");
    page.screen = "";
    page.type("echo later\r");
    await new Promise((done) => setTimeout(done, 50));
    assert(!page.screen.includes("later"));
    const events = () => {
      const status = page.heard.findLast(({ kind }) => kind === "status");
      return status?.kind === "status" ? status.status.events : 0;
    };
    const before = events();
    page.session.handle({ kind: "step" });
    await page.until("a step", () => events() > before);
    assertEquals(page.last("status"), "paused");
    page.session.handle({ kind: "play" });
    await page.prompt();
    assert(page.screen.includes("later"));
  });
});

test("next of a lane goes to where its next slice begins, of a drive as well", async () => {
  await withPage({}, async (page) => {
    page.session.handle({ kind: "pause" });
    page.type("cat /srv/logo\r");
    const status = () => {
      const found = page.heard.findLast(({ kind }) => kind === "status");
      assert(found?.kind === "status");
      return found.status;
    };
    for (let i = 0; i < 4; i++) {
      const { now } = status();
      page.session.handle({ kind: "next", laneId: "0/disk" });
      await page.until(
        "a slice",
        () => status().now > now && status().state === "paused",
      );
      page.session.handle({
        kind: "explain",
        laneId: "0/disk",
        at: status().now,
        purpose: "select",
      });
      const said = page.heard.findLast(({ kind }) => kind === "explained");
      assert(said?.kind === "explained" && said.explanation !== null);
      assertEquals(said.explanation.start, status().now);
    }
  });
});

test("the timeline gets the lanes of the span it asks for, and a sentence", async () => {
  await withPage({}, async (page) => {
    await page.enter("cat /etc/motd");
    page.session.handle({ kind: "view", fromNs: 0, toNs: 1e9, columns: 2000 });
    const slices = page.heard.findLast(({ kind }) => kind === "slices");
    assert(slices?.kind === "slices");
    const names = slices.lanes.map(({ name }) => name);
    assertEquals(names.slice(0, 2), ["cpu 0", "sh"]);
    assert(names.includes("cat") && names.includes("disk"), names.join());
    const cat = slices.lanes.find(({ name }) => name === "cat")!;
    const [{ start: at } = { start: NaN }] = slicesOf(cat.slices);
    page.session.handle({
      kind: "explain",
      laneId: cat.id,
      at,
      purpose: "select",
    });
    const said = page.heard.findLast(({ kind }) => kind === "explained");
    assert(said?.kind === "explained" && said.explanation !== null);
    assert(said.explanation.question.includes("cat"));
  });
});

test("the timeline follows a command from its first program to its last", async () => {
  await withPage({}, async (page) => {
    await page.enter("sleep 0.02; sleep 0.03");
    const status = page.heard.findLast(({ kind }) => kind === "status");
    assert(status?.kind === "status");
    const { episodeNs, episodeEndNs, now } = status.status;
    const lasted = episodeEndNs - episodeNs;
    assert(lasted > 50e6 && lasted < now - episodeNs, String(lasted));
    const open = page.heard.filter((message) =>
      message.kind === "status" && message.status.episodeNs === episodeNs &&
      message.status.episodeEndNs === Infinity
    );
    assert(open.length > 0);
  });
});

test("the last shell that ends is followed by a new one", async () => {
  await withPage({}, async (page) => {
    page.screen = "";
    page.type("exit\r");
    await page.until(
      "a word",
      () => page.screen.includes("this is the last shell"),
    );
    await page.prompt();
  });
});

test("a program's name is told before it gets the worker", async () => {
  await withPage({}, async (page) => {
    await page.enter("run hello.ts");
    const names = page.heard.filter(({ kind }) => kind === "running")
      .map((message) => message.kind === "running" && message.name);
    assert(names.includes("hello.ts"), names.join());
  });
});

test("without a compiler a program says so, and runs when there is one again", async () => {
  await withPage({}, async (page) => {
    page.online = false;
    await page.enter("run hello.ts");
    assert(page.screen.includes("there is no compiler"), page.screen);
    page.online = true;
    await page.enter("run hello.ts");
    assert(page.screen.includes("hello, kettle"), page.screen);
  });
});

// ------------------------------------------------------------- back in time

function statusOf(page: Page) {
  const status = page.heard.findLast(({ kind }) => kind === "status");
  assert(status?.kind === "status");
  return status.status;
}

/** Time goes back, and stands. */
async function back(page: Page, atNs: number | null): Promise<void> {
  const before = page.heard.filter(({ kind }) => kind === "rewound").length;
  page.screen = "";
  page.session.handle(
    atNs === null ? { kind: "back" } : { kind: "goTo", atNs },
  );
  const times = () =>
    page.heard.filter(({ kind }) => kind === "rewound").length;
  await page.until("back", () => times() > before);
  await page.until("paused", () => statusOf(page).state === "paused");
}

test("time goes back, event by event, and the screen with it; played, the same comes again", async () => {
  await withPage({ speed: Infinity }, async (page) => {
    const start = statusOf(page).now;
    await page.enter("echo one; cat /bin/true | wc -l > lines; echo two");
    const end = statusOf(page);
    const shown = page.screen;
    let { now } = end;
    for (let i = 0; i < 3; i++) {
      await back(page, null);
      assert(statusOf(page).now < now, `${statusOf(page).now} of ${now}`);
      now = statusOf(page).now;
      assertEquals(statusOf(page).seenNs, end.now);
    }
    await back(page, start);
    assertEquals(statusOf(page).now, start);
    await page.until("prompt", () => page.screen.includes(PROMPT));
    assert(!page.screen.includes("echo"), page.screen);

    page.session.handle({ kind: "play" });
    await page.until("the end", () => statusOf(page).now >= end.now);
    await page.prompt();
    assertEquals(statusOf(page).events, end.events);
    assert(page.screen.endsWith(shown), `${page.screen} / ${shown}`);
  });
});

test("a time to come is gone to as well, over what was typed then", async () => {
  await withPage({ speed: Infinity }, async (page) => {
    await page.enter("sleep 1; echo late");
    const end = statusOf(page).now;
    await back(page, 0);
    page.session.handle({ kind: "goTo", atNs: end - 500_000_000 });
    await page.until("there", () => statusOf(page).now === end - 500_000_000);
    assertEquals(statusOf(page).state, "paused");
    assert(page.screen.includes("sleep 1"), page.screen);
    assert(!page.screen.includes("\nlate"), page.screen);
  });
});

test("a key in the past makes it another run: what came later is gone, and from the disk as well", async () => {
  await withPage({ speed: Infinity }, async (page) => {
    await page.enter("echo tea > cup");
    const between = statusOf(page).now;
    await page.enter("echo milk > jug; rm cup");
    assertEquals(onlyMachine(diskOf(page)).files.peek("/home/cup"), null);
    await back(page, between);
    page.session.handle({ kind: "look" }); // the past is not kept
    assertEquals(onlyMachine(diskOf(page)).files.peek("/home/cup"), null);
    page.session.handle({ kind: "play" });
    await page.enter("echo lemon >> cup; cat cup");
    assert(page.screen.includes("tea\r\nlemon"), page.screen);
    const told = page.heard.findLast(({ kind }) => kind === "trouble");
    assert(told?.kind === "trouble" && /another way/.test(told.text));
    const { platter, files } = onlyMachine(diskOf(page));
    assertEquals(check(platter), []);
    assertEquals(files.peek("/home/jug"), null);
    assertEquals(
      files.peek("/home/cup"),
      new TextEncoder().encode("tea\nlemon\n"),
    );
  });
});

test("wishes that come faster than time goes back: the last counts, and keys wait for it", async () => {
  await withPage({ speed: Infinity }, async (page) => {
    await page.enter("echo one");
    const end = statusOf(page).now;
    for (const part of [0.9, 0.2, 0.5]) {
      page.session.handle({ kind: "goTo", atNs: Math.floor(end * part) });
    }
    page.type("echo typed meanwhile\r");
    page.session.handle({ kind: "play" });
    await page.until(
      "echo",
      () =>
        page.screen.includes("\nmeanwhile") ||
        /typed meanwhile\r\n/.test(page.screen),
    );
    const rewound = page.heard.filter(({ kind }) => kind === "rewound").length;
    assertEquals(rewound, 1);
  });
});
