// The tokens of the page, computed: what must be read against what it lies on,
// in the light and in the dark, and that no rule names a colour of its own.

import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { STATE_NAMES, STATES } from "../../web/trace/states.ts";

const STYLE = new URL("../../web/style/", import.meta.url);
const css = readdirSync(STYLE).sort((a, b) =>
  Number(b === "tokens.css") - Number(a === "tokens.css")
).map((name) => readFileSync(new URL(name, STYLE), "utf8")).join("\n");
const PAIR = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g;
const tokens = new Map<string, [string, string]>();
for (const [, name, light, dark] of css.matchAll(PAIR)) {
  tokens.set(name!, [light!, dark!]);
}
const THEMES = ["light", "dark"] as const;
const GROUNDS = ["page", "surface", "sunken"];

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(first: string, second: string): number {
  const [low, high] = [luminance(first), luminance(second)]
    .sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function assertContrast(front: string, back: string, least: number): void {
  for (const [index, theme] of THEMES.entries()) {
    const found = contrast(
      tokens.get(front)![index]!,
      tokens.get(back)![index]!,
    );
    assert(
      found >= least,
      `--${front} on --${back}, ${theme}: ${found.toFixed(2)} < ${least}`,
    );
  }
}

test("every state has its four tokens in both themes", () => {
  for (const state of STATE_NAMES) {
    for (const part of ["s", "m", "e", "t"]) {
      assert(tokens.has(`${part}-${state}`), `--${part}-${state}`);
    }
  }
});

test("running text is read at 5:1 on every ground", () => {
  for (const ground of GROUNDS) {
    for (const ink of ["ink", "ink-2", "ink-3"]) assertContrast(ink, ground, 5);
  }
  assertContrast("term-ink", "term-bg", 5);
  assertContrast("term-dim", "term-bg", 5);
  assertContrast("ink", "bad-bg", 5);
  assertContrast("ink", "warn-bg", 5);
});

test("the label of a slice is read at 4.5:1 on its fill", () => {
  for (const state of STATE_NAMES) {
    assertContrast(`t-${state}`, `s-${state}`, 4.5);
  }
  assertContrast("on-whistle", "whistle", 4.5);
});

test("edges, borders, focus and now stand out 3:1 from every ground", () => {
  for (const ground of GROUNDS) {
    for (const token of ["line-strong", "focus", "whistle"]) {
      assertContrast(token, ground, 3);
    }
    for (const state of STATE_NAMES) assertContrast(`e-${state}`, ground, 3);
  }
});

test("a waiting state has a pattern, and its letter is B", () => {
  for (
    const state of ["disk", "net", "keys", "timer", "lock", "event"] as const
  ) {
    assertEquals(STATES[state].letter, "B");
    assert(STATES[state].tile !== null, state);
  }
});

test("no rule after the tokens names a colour", () => {
  const rules = css.slice(css.indexOf("--sans"));
  assertEquals(rules.match(/#[0-9a-f]{3,8}\b|rgba?\(|hsl/gi), null);
});
