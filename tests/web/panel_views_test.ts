// What the panels show, from made recordings whose every row is known, and all
// seven of a run that is run again: what was shown then is shown again.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import {
  compute,
  type Main,
  mask,
  MiB,
  ms,
  open,
  pause,
  push,
  queue,
  read,
  sleep,
  submit,
  thread,
  wait,
} from "../../mod.ts";
import { type MachineOptions, World } from "../../kernel/mod.ts";
import { handleWords } from "../../web/panels/handles_panel.ts";
import { bytesWords, memoryWords } from "../../web/panels/memory_panel.ts";
import { PANEL_NAMES, type PanelViews } from "../../web/panels/panel_list.ts";
import { PanelModels } from "../../web/panels/panel_models.ts";
import { sumWords } from "../../web/panels/requests_panel.ts";
import { sumWords as queueWords } from "../../web/panels/run_queue_panel.ts";
import { numbers, randomWorld } from "./random_world.ts";

/** All panels of a machine on which a program has run up to then. */
function panelsOf(
  main: Main,
  untilNs: number,
  options: MachineOptions = {},
): PanelViews {
  const world = new World();
  const files = { "/srv/logo": "x".repeat(8192) };
  const machine = world.boot({ name: "kettle", files, ...options });
  machine.spawn(main, [], { name: "main" });
  world.run({ untilNs });
  return viewsOf(world);
}

/** At the first instant at which it holds. */
function panelsWhen(
  main: Main,
  holds: (views: PanelViews) => boolean,
): PanelViews {
  const world = new World();
  const files = { "/srv/logo": "x".repeat(8192) };
  world.boot({ name: "kettle", files }).spawn(main, [], { name: "main" });
  const models = new PanelModels(world, world.machines[0]!);
  let read = 0;
  while (world.step()) {
    for (const event of world.trace.events(read)) models.add(event);
    if (world.trace.length === read) continue;
    read = world.trace.length;
    const views = viewsOf(world, models);
    if (holds(views)) return views;
  }
  throw new Error("it never holds");
}

function modelsOf(world: World): PanelModels {
  const models = new PanelModels(world, world.machines[0]!);
  for (const event of world.trace.events()) models.add(event);
  return models;
}

function viewsOf(world: World, models = modelsOf(world)): PanelViews {
  const window = { fromNs: 0, toNs: world.now };
  return Object.fromEntries(
    PANEL_NAMES.map((name) => [name, models.view(name, world.now, window)]),
  ) as unknown as PanelViews;
}

test("the kernel babysits a blocked call, a submitted and a pushed request", () => {
  const { requests } = panelsWhen(
    function* () {
      const fd = yield* open("/srv/logo");
      yield* submit(read(fd, 4096));
      yield* push(sleep(50 * ms), () => {});
      yield* wait();
    },
    ({ requests, disk }) => requests.rows.length === 3 && disk.serving !== null,
  );
  assertEquals(
    requests.rows.map(({ id, who, text, door, state }) => [
      id,
      who,
      text,
      door,
      state,
    ]),
    [
      [1, "main", "read(3, 4096)", "submit", "disk"],
      [2, "main", "sleep(50000000)", "push", "timer"],
      [0, "main", "wait()", "block", "event"],
    ],
  );
  assertMatch(requests.rows[0]!.waits, /^disk, (overhead|seek|turn)$/);
  assertMatch(
    sumWords(requests),
    /^3 pending, 0 events waiting to be taken\. Next: #1, in [\d.]+ ms\.$/,
  );
});

test("a completed row stays until its event is taken, and says so", () => {
  const { requests } = panelsOf(function* () {
    yield* submit(sleep(1 * ms));
    yield* mask(["io"]);
    yield* push(sleep(1 * ms), () => {});
    yield* sleep(20 * ms);
  }, 5 * ms);
  assertEquals(
    requests.rows.map(({ id, state, waits, isDone }) => [
      id,
      state,
      waits,
      isDone,
    ]),
    [
      [1, "posted", "to be taken", true],
      [2, "posted", "masked", true],
      [0, "timer", "timer", false],
    ],
  );
  assertMatch(sumWords(requests), /^1 pending, 2 events waiting to be taken\./);
});

test("signals held back hold no callback back", () => {
  const { requests } = panelsOf(function* () {
    yield* mask(["TERM", "io"]);
    yield* push(sleep(1 * ms), () => {});
    yield* mask(["TERM"]);
    yield* pause();
    yield* mask(["TERM", "QUIT"]);
    yield* push(sleep(1 * ms), () => {});
    yield* compute(9 * ms);
  }, 3 * ms);
  assertEquals(
    requests.rows.filter(({ waits }) => waits === "masked").length,
    0,
  );
});

test("nothing pending, nobody ready, no handle: each says what to do", () => {
  const { requests, queue: view, handles } = panelsOf(function* () {}, 1 * ms);
  assertMatch(sumWords(requests), /^Nothing is pending\. A request appears/);
  assertEquals(queueWords(view), "Nobody runs. Nobody waits for the CPU.");
  assertMatch(handleWords(handles), /One appears here with submit or push/);
});

test("handles: a queue with its capacity, what reports again, callbacks, masks, files", () => {
  const { handles } = panelsOf(function* () {
    yield* open("/srv/logo");
    const few = yield* queue({ capacity: 2 });
    yield* submit(sleep(1 * ms), { queue: few, multishot: true });
    yield* submit(sleep(90 * ms));
    yield* push(sleep(1 * ms), () => {});
    yield* push(sleep(90 * ms), () => {});
    yield* mask(["io"]);
    yield* sleep(50 * ms);
  }, 20 * ms);
  const [process] = handles.processes;
  assertEquals(
    process!.queues.map(({ id, capacity, pending, untaken }) => [
      id > 0,
      capacity,
      pending,
      untaken,
    ]),
    [[false, Infinity, 1, 0], [true, 2, 1, 2]],
  );
  assertEquals([process!.multishot, process!.armed, process!.due], [1, 2, 1]);
  assertEquals(process!.masks.map(({ mask }) => mask), ['["io"]']);
  assert(process!.files.some(({ text }) => text === "/srv/logo"));
  assertMatch(
    handleWords(handles),
    /^4 handles, 3 events that nobody has taken/,
  );
});

test("memory: stacks and bases of what lives, the cache, and the rest, are all there is", () => {
  const { memory } = panelsOf(function* () {
    for (let i = 0; i < 3; i++) {
      yield* thread(function* () {
        yield* pause();
      });
    }
    const fd = yield* open("/srv/logo");
    yield* read(fd, 8192);
    yield* pause();
  }, 100 * ms);
  assertEquals(memory.stackBytes, 4 * 256 * 1024);
  assertEquals(memory.baseBytes, 256 * 1024);
  assert(memory.cleanBytes >= 8192);
  const { stackBytes, baseBytes, cleanBytes, dirtyBytes, freeBytes } = memory;
  assertEquals(
    stackBytes + baseBytes + cleanBytes + dirtyBytes + freeBytes,
    64 * MiB,
  );
  assertMatch(
    memoryWords(memory),
    /^Programs have 1\.25 MiB of 64 MiB; 251 more/,
  );
  assertEquals([300, 12 * 1024, 1.5 * MiB].map(bytesWords), [
    "300 B",
    "12 KiB",
    "1.5 MiB",
  ]);
});

test("going back gives the same: a second run shows in all panels what the first one did", () => {
  for (let seed = 1; seed <= 2; seed++) {
    const next = numbers(seed);
    const { world } = randomWorld(seed);
    const seen: [number, string][] = [];
    for (let i = 0; i < 8; i++) {
      world.run({ untilNs: world.now + Math.ceil(next() * 4 * ms) });
      seen.push([world.now, JSON.stringify(viewsOf(world))]);
    }
    // Back to each of them, the last first, as one goes back in time.
    for (const [at, views] of seen.reverse()) {
      const again = randomWorld(seed).world;
      again.run({ untilNs: at });
      assertEquals(JSON.stringify(viewsOf(again)), views, `${seed}: ${at} ns`);
    }
  }
});

test("a panel that is opened late shows what one shows that was open all the time", () => {
  const { world, machine } = randomWorld(5);
  const early = new PanelModels(world, machine);
  const window = { fromNs: 0, toNs: 30 * ms };
  early.view("charts", 0, window);
  let read = 0;
  for (let i = 0; i < 20; i++) {
    world.run({ untilNs: world.now + 1 * ms });
    for (const event of world.trace.events(read)) early.add(event);
    read = world.trace.length;
  }
  const late = new PanelModels(world, machine);
  for (const event of world.trace.events()) late.add(event);
  assertEquals(
    late.view("charts", world.now, window),
    early.view("charts", world.now, window),
  );
});
