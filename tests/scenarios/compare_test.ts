// Servers compared as data: in steps that ask for what has to be compiled, the same
// crowd for each, over time.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { type CompareOptions, compareSteps } from "../../scenarios/compare.ts";
import { last } from "../../scenarios/run.ts";
import type { StyleResult } from "../../scenarios/scenario.ts";

const files = readImage();

function options(name: string, path: string): CompareOptions {
  return {
    programs: new Loader({ compile: compileNative }),
    files,
    server: { path, args: [], name },
    crowd: { requests: 60, rate: 300 },
    seed: 3,
    trace: false,
    series: true,
  };
}

/** Compiles what it asks for, as a page would. */
async function compared(options: CompareOptions) {
  const loader = options.programs as Loader;
  const shares: number[] = [], wanted: string[] = [];
  const steps = compareSteps(options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return { value: value as StyleResult, shares, wanted };
    shares.push(value.share);
    if (value.wanted === null) continue;
    wanted.push(value.wanted.path);
    await loader.compile(value.wanted);
  }
}

test("a step asks for the program, and the next goes on with it", async () => {
  const path = "/servers/http_submit.ts";
  const { value, shares, wanted } = await compared(options("submit", path));
  assertEquals(wanted, [path]);
  assertEquals([value.style, value.ok, value.requests], ["submit", 60, 60]);
  assertEquals(value.series!.ok.reduce((a, b) => a + b), 60);
  assertEquals(shares, [...shares].sort((a, b) => a - b));
  assert(shares.length > 1);
});

test("every server meets the same arrivals", async () => {
  const submit = await compared(options("s", "/servers/http_submit.ts"));
  const pool = await compared(options("p", "/servers/http_pool.ts"));
  assertEquals(submit.value.series!.began.length, 60);
  assertEquals(submit.value.facts.lastDueNs, pool.value.facts.lastDueNs);
  await stopCompiler();
});

test("what nobody compiles is named, and so is a server that ends", async () => {
  const path = "/servers/http_submit.ts";
  const ended = { ...options("echo", "/bin/true") };
  const { value } = await compared(ended);
  assertEquals(value as unknown, "echo ended before anybody came");
  await stopCompiler();
  const steps = compareSteps(options("submit", path));
  assertThrows(() => last(steps), Error, `submit: nobody compiles ${path}`);
});
