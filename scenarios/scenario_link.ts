// A scenario with all its numbers in a fragment of a URL, readable and short:
// #full-queue?backlog=20&seed=7&style=drop&at=320ms. What is not in it is as the
// scenario has it. A link is a stranger's: every part is checked, and a wrong one is
// a sentence. (A link to a whole machine begins with a digit: host/share.ts.)

import { ms, us } from "../mod.ts";
import { nearest } from "../kernel/mod.ts";
import { type Scenario, type Values, valuesOf } from "./scenario.ts";

export interface ScenarioLink {
  id: string;
  params: Values;
  seed: number;
  /** null: all. */
  style: string | null;
  /** Virtual time to look at; null: none in particular. */
  atNs: number | null;
}

/** The fragment, with `#`. The same twice for the same. */
export function scenarioLink(
  it: Scenario,
  { params = {}, seed = 1, style, atNs }: Partial<Omit<ScenarioLink, "id">>,
): string {
  const query = new URLSearchParams();
  for (const [name, { value }] of Object.entries(it.params)) {
    const given = params[name] ?? value;
    if (given !== value) query.set(name, String(given));
  }
  if (seed !== 1) query.set("seed", String(seed));
  if (style) query.set("style", style);
  if (typeof atNs === "number") query.set("at", timeText(atNs));
  const text = query.toString();
  return `#${it.id}${text === "" ? "" : `?${text}`}`;
}

/** Does it look like one of these? */
export function isScenarioLink(fragment: string): boolean {
  return /^#?[a-z][a-z-]*(\?|$)/.test(fragment);
}

/** What it says; throws a sentence about a part that is wrong. */
export function openScenarioLink(
  fragment: string,
  all: readonly Scenario[],
): ScenarioLink {
  const [id = "", text = ""] = fragment.replace(/^#/, "").split("?");
  const it = all.find((each) => each.id === id);
  if (it === undefined) {
    const near = nearest(id, all.map(({ id }) => id));
    throw new TypeError(
      `there is no scenario ${id}${near ? `. Did you mean ${near}?` : ""}`,
    );
  }
  const query = new URLSearchParams(text);
  const { seed, style, at } = Object.fromEntries(query);
  const params: Record<string, number> = {};
  for (const [name, value] of query) {
    if (["seed", "style", "at"].includes(name)) continue;
    params[name] = numberOf(name, value);
  }
  valuesOf(it, params);
  return {
    id,
    params,
    seed: seed === undefined ? 1 : seedOf(seed),
    style: style === undefined ? null : styleOf(it, style),
    atNs: at === undefined ? null : timeOf(at),
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isFinite(value)) return value;
  throw new TypeError(`${name} is a number: received ${text}`);
}

function seedOf(text: string): number {
  const seed = numberOf("seed", text);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new TypeError(`seed is a whole number: received ${text}`);
}

function styleOf(it: Scenario, style: string): string {
  if (Object.hasOwn(it.styles, style)) return style;
  const known = Object.keys(it.styles).join(", ");
  throw new TypeError(`${it.id} has no style ${style}, but ${known}`);
}

const UNITS = { ms, us, ns: 1 };

function timeText(atNs: number): string {
  const unit = atNs % ms === 0 ? "ms" : atNs % us === 0 ? "us" : "ns";
  return `${atNs / UNITS[unit]}${unit}`;
}

function timeOf(text: string): number {
  const [, number, unit] = /^(\d+)(ns|us|ms)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new TypeError(`at is a time, such as 320ms: received ${text}`);
  }
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}
