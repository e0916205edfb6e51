// The lanes of a live figure as SVG text: everything is placed in percent, so it
// fits any width without a script, and coloured by the tokens of style/. It is
// drawn once for each recording; what moves (now, steam) lies over it. It knows
// no DOM.

import { axisUnit, niceStep } from "../parts/units.ts";
import { STATES, WAITS } from "../trace/states.ts";
import type { FigureRow, FigureSlice } from "./live_model.ts";

/** Where the rows lie, px. */
export interface Places {
  rows: { row: FigureRow; y: number; height: number; nameY: number }[];
  rules: number[];
  height: number;
}

/** What the lane had in the result before this one. */
export interface Extent {
  name: string;
  group: string;
  fromNs: number;
  toNs: number;
}

export const AXIS_PX = 22;
/** How long the axis of the first visit's figure is. */
export const FIRST_AXIS_NS = 10_000_000;
const LANE_PX = 32, GAP_PX = 8, RULE_PX = 8;
/** On a phone the name lies above its lane. */
const NARROW_LANE_PX = 24, NAME_PX = 20;
const TICKS_MAX = 6;
const LETTER_PX = 6.3;
/** A look overhangs its lane. */
const TICK_PX = 3, OVERHANG_PX = 4;
const CALLBACK_PX = 5;

export function placesOf(
  rows: readonly FigureRow[],
  isNarrow: boolean,
): Places {
  const places: Places = { rows: [], rules: [], height: 0 };
  const name = isNarrow ? NAME_PX : 0;
  const height = isNarrow ? NARROW_LANE_PX : LANE_PX;
  let top = AXIS_PX + 6;
  let group = rows[0]?.group;
  for (const row of rows) {
    if (row.group !== group) {
      places.rules.push(top - GAP_PX / 2 + RULE_PX / 2);
      top += RULE_PX;
      group = row.group;
    }
    const y = top + name;
    const nameY = isNarrow ? top + 14 : y + height / 2 + 4;
    places.rows.push({ row, y, height, nameY });
    top = y + height + GAP_PX;
  }
  places.height = top + 2;
  return places;
}

/** The plot: grid, axis, slices; `plotPx` is about how wide it will be. */
export function drawnPlot(
  places: Places,
  toNs: number,
  plotPx: number,
): string {
  const percent = (at: number) => round(at / toNs * 100);
  const slices = places.rows.map(({ row, y, height }) =>
    (row.group === "cpu" ? baseLine(y, height) : "") +
    row.slices.map((slice) =>
      block(slice, row.isStory, percent, y, height, plotPx)
    ).join("")
  );
  const rules = places.rules.map((y) =>
    `<line class="rule" x1="0" x2="100%" y1="${y}" y2="${y}"/>`
  );
  return axis(places, toNs, percent) + rules.join("") + slices.join("");
}

/** The names at the left of their lanes, or above them. */
export function drawnNames(places: Places): string {
  return places.rows.map(({ row, nameY }) => {
    const x = row.isRequest ? 12 : 0;
    const hook = row.isRequest
      ? `<path class="hook" d="M3.5 ${nameY - 18}v14h6"/>`
      : "";
    return `${hook}<text class="lane-name" x="${x}" y="${nameY}">${
      escaped(row.name)
    }</text>`;
  }).join("");
}

/** Dashed: where a lane of before went on, or when it ended. */
export function drawnGhosts(
  places: Places,
  ghosts: readonly Extent[],
  toNs: number,
): string {
  const percent = (at: number) => round(at / toNs * 100);
  return places.rows.map(({ row, y, height }) => {
    const ghost = ghosts.find(({ name, group }) =>
      name === row.name && group === row.group
    );
    if (ghost === undefined) return "";
    const end = row.slices.at(-1)?.end ?? 0;
    if (ghost.toNs <= end) {
      const x = percent(ghost.toNs);
      return `<line class="ghost" x1="${x}%" x2="${x}%" y1="${y - 2}" y2="${
        y + height + 2
      }"/>`;
    }
    const x = percent(Math.max(end, ghost.fromNs));
    const width = round(percent(ghost.toNs) - x);
    return `<rect class="ghost" x="${x}%" y="${
      y + 0.5
    }" width="${width}%" height="${height - 1}" rx="2"/>`;
  }).join("");
}

/** First and last moment of each row. */
export function extentsOf(rows: readonly FigureRow[]): Extent[] {
  return rows.flatMap(({ name, group, slices }) => {
    const first = slices[0], last = slices.at(-1);
    if (first === undefined || last === undefined) return [];
    return [{ name, group, fromNs: first.start, toNs: last.end }];
  });
}

function block(
  slice: FigureSlice,
  isStory: boolean,
  percent: (at: number) => number,
  y: number,
  height: number,
  plotPx: number,
): string {
  const { state } = slice;
  const x = percent(slice.start);
  const width = Math.max(round(percent(slice.end) - x), 0.05);
  const px = width / 100 * plotPx;
  const isEvent = !isStory && state === "callback";
  if (slice.isTick && px < TICK_PX) {
    return rectangle(
      x,
      y - OVERHANG_PX,
      TICK_PX,
      height + 2 * OVERHANG_PX,
      state,
    );
  }
  if (isEvent && px < CALLBACK_PX) {
    return rectangle(
      x,
      y - OVERHANG_PX,
      CALLBACK_PX,
      height + 2 * OVERHANG_PX,
      state,
    );
  }
  if (px < 5) return rectangle(x, y, Math.max(2, px), height, state);
  const label = isStory ? toldLabel(slice, px) : labelOf(slice, px);
  const textEnd = label === null ? 0 : 22 + label.length * LETTER_PX;
  return `<svg x="${x}%" y="${y}" width="${width}%" height="${height}">` +
    `<rect width="100%" height="100%" style="fill:var(--s-${state})"/>` +
    (STATES[state].tile === null
      ? ""
      : `<rect x="${textEnd}" width="100%" height="100%" style="fill:url(#p-${state})"/>`) +
    `<rect width="100%" height="100%" rx="2" style="fill:none;stroke:var(--e-${state});stroke-width:2"/>` +
    words(slice, label, height, isStory && state !== "ready") + `</svg>`;
}

function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  state: FigureSlice["state"],
): string {
  return `<rect x="${x}%" y="${y}" width="${
    round(width)
  }" height="${height}" ` +
    `style="fill:var(--e-${state})"/>`;
}

/** In a story the words are all there is. */
function toldLabel({ state, label }: FigureSlice, px: number): string | null {
  const letterPx = state === "ready" ? 13 : 0;
  if (10 + letterPx + label.length * LETTER_PX <= px) return label;
  return state === "ready" && px >= 16 ? "" : null;
}

/** The longest that fits; "" is the letter alone, null nothing. */
function labelOf({ state, label }: FigureSlice, px: number): string | null {
  const { word } = STATES[state];
  const long = label === ""
    ? word
    : WAITS.has(state) && label !== word
    ? `${word}: ${label}`
    : label;
  for (const text of [long, label, word]) {
    if (text !== "" && 24 + text.length * LETTER_PX <= px) return text;
  }
  return px >= 16 ? "" : null;
}

function words(
  slice: FigureSlice,
  label: string | null,
  height: number,
  isBare: boolean,
): string {
  if (label === null) return "";
  const { state } = slice;
  const y = height / 2 + 4;
  const style = `style="fill:var(--t-${state})"`;
  if (isBare) {
    return `<text class="label" x="5" y="${y}" ${style}>${
      escaped(label)
    }</text>`;
  }
  const letter = `<text class="letter" x="5" y="${y}" ${style}>${
    STATES[state].letter
  }</text>`;
  if (label === "") return letter;
  return `${letter}<text class="label" x="18" y="${y}" ${style}>${
    escaped(label)
  }</text>`;
}

/** An idle CPU is empty, with a dotted base line. */
function baseLine(y: number, height: number): string {
  return `<line class="idle" x1="0" x2="100%" y1="${y + height - 1}" y2="${
    y + height - 1
  }"/>`;
}

function axis(
  { height }: Places,
  toNs: number,
  percent: (at: number) => number,
): string {
  const step = niceStep(toNs / TICKS_MAX);
  const unit = axisUnit(step);
  let out = "";
  for (let at = 0; at < toNs * 0.97; at += step) {
    const x = percent(at);
    const number = round(at / unit.ns);
    const text = x > 93 ? "" : at === 0 ? `0 ${unit.name}` : String(number);
    out += `<line class="grid" x1="${x}%" x2="${x}%" y1="4" y2="${height}"/>` +
      `<svg x="${x}%" overflow="visible"><text class="axis" x="4" y="14">${text}</text></svg>`;
  }
  return out;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
    .replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
