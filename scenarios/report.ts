// A result as a person reads it: the claim, the styles side by side, and whether
// it came out as expected. Lines of plain text; nothing is printed here.

import { MiB, ms, s, us } from "../mod.ts";
import type { Result, Scenario, StyleResult } from "./scenario.ts";
import { verdict } from "./sweep.ts";

const WIDTH = 78;

export function listText(all: readonly Scenario[]): string {
  const lines = all.map(({ id, number, title, params }) =>
    `  C${String(number).padEnd(3)}${id.padEnd(14)} ${title.padEnd(26)} ${
      Object.keys(params).join(" ")
    }`
  );
  return [
    "Scenarios: each claim as an experiment. Name, title, parameters:",
    "",
    ...lines,
    "",
    "  deno task scenario NAME --param clients=64 --sweep threads=1..128",
  ].join("\n");
}

export function resultText(it: Scenario, result: Result): string {
  const wrong = verdict(it, result);
  const { param, holds, at, about } = it.crossover;
  return [
    `C${it.number} ${it.title}`,
    "",
    ...wrapped(it.claim),
    "",
    paramsText(it, result),
    "",
    ...table(Object.values(result.styles)),
    "",
    ...Object.entries(it.styles).map(([style, about]) =>
      `  ${style}: ${about}`
    ),
    "",
    `The claim ${result.holds ? "holds" : "does not hold"} here. ` +
    `It does with ${param} ${holds} ${round(at(result.params))}:`,
    ...wrapped(`${about}.`),
    "",
    ...wrapped(it.text),
    "",
    ...wrapped(`What misleads: ${it.misleads}`),
    "",
    wrong === "" ? "As expected." : `Not as expected! ${wrong}`,
  ].join("\n");
}

function paramsText(it: Scenario, { params, seed }: Result): string {
  const shown = Object.entries(params).map(([name, value]) => {
    const unit = it.params[name]!.unit;
    return `${name} ${value}${unit === "" ? "" : ` ${unit}`}`;
  });
  return [...shown, `seed ${seed}`].join(", ");
}

type Cell = (style: StyleResult) => string;

const ROWS: [string, Cell, (style: StyleResult) => boolean][] = [
  ["answered", (it) => String(it.ok), (it) => it.requests > 0],
  ["refused", (it) => String(it.refused), (it) => it.refused > 0],
  ["timed out", (it) => String(it.timedOut), (it) => it.timedOut > 0],
  ["failed", (it) => String(it.failed), (it) => it.failed > 0],
  ["for nobody", (it) => String(it.late), (it) => it.late > 0],
  ["a second", (it) => round(it.perSecond), (it) => it.requests > 0],
  ["mean", (it) => time(it.latency.meanNs), (it) => it.requests > 0],
  ["p50", (it) => time(it.latency.p50Ns), (it) => it.requests > 0],
  ["p90", (it) => time(it.latency.p90Ns), (it) => it.requests > 0],
  ["p99", (it) => time(it.latency.p99Ns), (it) => it.requests > 0],
  ["p99.9", (it) => time(it.latency.p999Ns), (it) => it.requests > 0],
  ["max", (it) => time(it.latency.maxNs), (it) => it.requests > 0],
  ["CPU busy", (it) => percent(it), () => true],
  ["traps", (it) => String(it.traps), () => true],
  ["switches", (it) => String(it.switches), () => true],
  ["interrupts", (it) => String(it.interrupts), (it) => it.interrupts > 0],
  ["callbacks", (it) => String(it.callbacks), (it) => it.callbacks > 0],
  ["queue's peak", (it) => String(it.queueMost), (it) => it.queueMost > 0],
  [
    "memory",
    (it) => `${round(it.memoryBytes / MiB)} MiB`,
    (it) => it.memoryBytes > 0,
  ],
  ["virtual time", (it) => time(it.elapsedNs), () => true],
  ["trace", (it) => it.traceHash.slice(0, 8), (it) => it.traceHash !== ""],
];

/** Styles side by side; a row that says nothing is left out. */
export function table(styles: readonly StyleResult[]): string[] {
  const rows: string[][] = [["", ...styles.map(({ style }) => style)]];
  for (const [name, cell, matters] of ROWS) {
    if (styles.some(matters)) rows.push([name, ...styles.map(cell)]);
  }
  for (const name of Object.keys(styles[0]?.facts ?? {})) {
    rows.push([name.replace(/Ns$/, ""), ...styles.map(factCell(name))]);
  }
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length))
  );
  return rows.map((row) =>
    row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    ).join("  ").trimEnd()
  );
}

function factCell(name: string): Cell {
  return ({ facts }) => {
    const value = facts[name] ?? NaN;
    if (!Number.isFinite(value)) return "never";
    return name.endsWith("Ns") ? time(value) : round(value);
  };
}

function percent({ busyNs, idleNs }: StyleResult): string {
  return `${(100 * busyNs / Math.max(1, busyNs + idleNs)).toFixed(1)} %`;
}

/** A sweep, a line for each point: what was turned, who answered what, and whether the claim held. */
export function sweepLines(
  it: Scenario,
  param: string,
): { head: string; line: (result: Result) => string } {
  const names = Object.keys(it.styles);
  const width = Math.max(18, ...names.map((name) => name.length)) + 2;
  const head = [
    param.padStart(10),
    ...names.map((name) => name.padStart(width)),
    "  claim",
  ].join("");
  const line = (result: Result) =>
    [
      round(result.params[param]!).padStart(10),
      ...names.map((name) => brief(result.styles[name]!).padStart(width)),
      result.holds ? "  holds" : "  fails",
      wrongAt(it, result),
    ].join("");
  return { head, line };
}

/** At the end of a sweep's line, where to look if something is wrong. */
function wrongAt(it: Scenario, result: Result): string {
  const wrong = verdict(it, result);
  if (wrong === "") return "";
  return `  (not as expected:${wrong.slice(wrong.lastIndexOf(" "))})`;
}

function brief(style: StyleResult): string {
  if (style.requests > 0) {
    return `${round(style.perSecond)}/s ${time(style.latency.meanNs)}`;
  }
  const [name, value] = Object.entries(style.facts)[0] ?? ["", 0];
  return name.endsWith("Ns") ? time(value) : `${name} ${round(value)}`;
}

/** `12.3 ms`, in a unit that suits. */
function time(ns: number): string {
  if (ns >= 10 * s) return `${(ns / s).toFixed(1)} s`;
  if (ns >= 1 * ms) return `${(ns / ms).toFixed(2)} ms`;
  return `${(ns / us).toFixed(1)} µs`;
}

function round(value: number): string {
  if (value === Infinity) return "anything";
  return String(Number(value.toPrecision(value >= 1000 ? 6 : 4)));
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
