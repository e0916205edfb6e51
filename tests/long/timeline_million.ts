// A million events on the timeline. What a pixel column shows is what a plain
// count over all slices finds; and in a real Chromium, which paints in software
// here, frames while panning and zooming are printed beside those of an empty
// page. Times are printed, and never make it fail.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  compute,
  join,
  nop,
  pipe,
  type Program,
  read,
  type Routine,
  submit,
  thread,
  us,
  wait,
  write,
} from "kettle";
import { run } from "kettle/world";
import type { Page } from "playwright-core";
import type { Lane } from "../../web/trace/lane.ts";
import {
  columnsOf,
  DENSE_PX,
  slicesOf,
} from "../../web/trace/slice_columns.ts";
import { type State, STATE_NAMES } from "../../web/trace/states.ts";
import { TraceModel } from "../../web/trace/trace_model.ts";
import { paste, shot, Stage, waitForText } from "../web/browser.ts";

const EVENTS = 1_000_000;
const COLUMNS = 1000;
const MEASURED_MS = 4000;

// ------------------------------------------------------------- the columns

/** Threads that hand each other bytes, and submit and take requests. */
function* relay(): Program {
  const [from, to] = yield* pipe();
  function* hand(n: number): Routine {
    for (let i = 0; i < EVENTS / 26; i++) {
      yield* write(to, "x");
      if (i % 3 === n) yield* compute((i % 7) * us);
      yield* read(from, 1);
      if (i % 50 === 0) {
        yield* submit(nop());
        yield* wait();
      }
    }
  }
  const tids: number[] = [];
  for (let n = 0; n < 6; n++) tids.push(yield* thread(hand, n));
  for (const tid of tids) yield* join(tid);
}

/** The state with most time in a column, by a look at each slice. */
function most(lane: Lane, left: number, right: number): State | null {
  const times = new Map<State, number>();
  for (const { start, end, state } of lane.list(left, right, Infinity)) {
    const spent = Math.min(end, right) - Math.max(start, left);
    if (spent > 0) times.set(state, (times.get(state) ?? 0) + spent);
  }
  const states = STATE_NAMES.filter((state) => times.has(state));
  if (states.length === 0) return null;
  return states.reduce((a, b) => times.get(b)! > times.get(a)! ? b : a);
}

function checkLane(lane: Lane, from: number, to: number, now: number): number {
  const px = (to - from) / COLUMNS;
  let checked = 0;
  for (const slice of slicesOf(columnsOf(lane, from, to, COLUMNS, now))) {
    if (!slice.dense) {
      assertEquals(lane.at(slice.start)?.state, slice.state);
      continue;
    }
    const first = Math.ceil((slice.start - from) / px - 1e-6);
    const last = Math.floor((slice.end - from) / px + 1e-6);
    for (let column = first; column < last; column++) {
      const left = from + column * px;
      const begins = lane.at(left);
      const isWide = begins !== null &&
        begins.end - begins.start >= DENSE_PX * px;
      if (isWide) continue;
      const right = Math.min(left + px, now, to);
      const wanted = most(lane, left, right);
      if (wanted !== null) {
        assertEquals(slice.state, wanted, `${lane.name}, column ${column}`);
      }
      checked++;
    }
  }
  return checked;
}

test("of a million events each pixel column shows what a plain count finds", () => {
  const { world, reason } = run(relay, { machine: { cpus: 2 } });
  assertEquals(reason, "done");
  assert(world.trace.length >= EVENTS, String(world.trace.length));
  const model = new TraceModel();
  const began = performance.now();
  model.addAll(world.trace.events());
  model.now = world.now;
  const foldNs = (performance.now() - began) * 1e6 / world.trace.length;
  console.log(
    `${world.trace.length} events; folding one takes ${foldNs.toFixed(0)} ns`,
  );
  const { now } = model;
  for (const part of [1, 0.1, 0.01, 0.001]) {
    const from = now * 0.3, to = from + now * 0.7 * part;
    const [first, again] = [0, 1].map(() => {
      const since = performance.now();
      model.view(from, to, COLUMNS);
      return (performance.now() - since).toFixed(1);
    });
    const lanes = model.view(from, to, COLUMNS);
    let checked = 0;
    for (const lane of model.lanes()) {
      if (lane.length > 0) checked += checkLane(lane, from, to, now);
    }
    console.log(
      `${
        Number((part * 70).toPrecision(1))
      } % in view: ${lanes.length} lanes in ` +
        `${again} ms (at first ${first}), ${checked} columns as counted`,
    );
  }
});

// ------------------------------------------------------------- the frames

interface Frames {
  fps: number;
  medianMs: number;
  worst5Ms: number;
  /** What the page's own thread worked for each of them: others' load is not in it. */
  workMs: number;
}

type Doing = "nothing" | "pan" | "zoom" | "scroll";

/** Frames of the page while the timeline is moved in each of them. */
async function frames(page: Page, doing: Doing): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value * 1000;
  };
  const before = await worked();
  const seen = await moved(page, doing);
  const workMs = (await worked() - before) / (seen.fps * MEASURED_MS / 1000);
  await session.detach();
  return { ...seen, workMs };
}

function moved(page: Page, doing: Doing): Promise<Omit<Frames, "workMs">> {
  return page.evaluate(async ([doing, ms]) => {
    const canvas = document.getElementById("lanes");
    const box = canvas?.getBoundingClientRect();
    const middle = box === undefined ? 0 : box.x + box.width / 2;
    const place = { clientX: middle, clientY: (box?.y ?? 0) + 100 };
    const tell = (event: Event) => canvas?.dispatchEvent(event);
    const pointer = (type: string, clientX: number) =>
      tell(
        new PointerEvent(type, { ...place, clientX, buttons: 1, pointerId: 1 }),
      );
    const wheel = (deltaY: number, ctrlKey: boolean) =>
      tell(
        new WheelEvent("wheel", {
          ...place,
          deltaY,
          ctrlKey,
          cancelable: true,
        }),
      );
    if (canvas !== null) canvas.setPointerCapture = () => {};
    if (doing === "pan") pointer("pointerdown", middle);
    const times: number[] = [];
    const began = performance.now();
    let last = began;
    for (let i = 1; last - began < ms; i++) {
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      times.push(now - last);
      last = now;
      if (doing === "pan") {
        pointer("pointermove", middle + 300 * Math.sin(i / 20));
      } else if (doing === "zoom") wheel(i % 120 < 60 ? -20 : 20, true);
      else if (doing === "scroll") wheel(i % 60 < 30 ? 30 : -30, false);
    }
    if (doing === "pan") pointer("pointerup", middle);
    times.sort((a, b) => a - b);
    return {
      fps: times.length / ms * 1000,
      medianMs: times[times.length >> 1]!,
      worst5Ms: times[Math.floor(times.length * 0.95)]!,
    };
  }, [doing, MEASURED_MS] as const);
}

function print(what: string, frames: Frames): void {
  const { fps, medianMs, worst5Ms, workMs } = frames;
  console.log(
    `${what}: ${fps.toFixed(1)} fps, median ${medianMs.toFixed(1)} ms, ` +
      `one in twenty over ${worst5Ms.toFixed(1)} ms; ` +
      `${workMs.toFixed(1)} ms of work a frame`,
  );
}

async function ran(page: Page, line: string, wanted: string): Promise<void> {
  await page.locator("#speed").selectOption("max");
  await page.locator(".xterm").click();
  await paste(page, `clear; ${line}`);
  await page.keyboard.press("Enter");
  await waitForText(page, wanted, 240_000);
  await page.waitForTimeout(1000);
}

test("a trace of a million events pans and zooms; thousands of lanes scroll", async () => {
  const stage = await Stage.open(8680);
  try {
    const empty = await stage.newPage();
    await empty.goto("about:blank");
    print("an empty page", await frames(empty, "nothing"));
    await empty.close();
    const page = await stage.visit();
    await ran(
      page,
      "dd if=/dev/zero bs=1 count=260000 | cat | cat | cat | cat > /dev/null",
      "260000+0 records out",
    );
    print("standing still", await frames(page, "nothing"));
    print("panning", await frames(page, "pan"));
    print("zooming", await frames(page, "zoom"));
    await shot(page, "timeline-million");
    await page.locator("#follow").click();
    await ran(
      page,
      "dd if=/dev/zero of=/dev/null bs=1 count=150000",
      "150000+0 records out",
    );
    const lost = await page.locator(".lost").innerText();
    console.log(lost);
    assert(lost.includes("is no longer kept"), lost);
    await page.close();
    const loaded = await stage.visit();
    await ran(
      loaded,
      "run /servers/http_submit.ts 8080 & sleep 0.1; " +
        "load -c 500 -n 1500 -q http://localhost:8080/",
      "answered",
    );
    print("500 clients, panning", await frames(loaded, "pan"));
    print("500 clients, scrolling", await frames(loaded, "scroll"));
    await shot(loaded, "timeline-500-clients");
    assertEquals(stage.faults, []);
  } finally {
    await stage.close();
  }
});
