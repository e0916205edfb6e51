// The finished figure that is there before any script: lanes as static SVG text.
// Everything is placed in percent, so it fits a phone without scaling its
// letters, and coloured by the tokens of style/. It knows no DOM.

import { slicesOf, type SliceView } from "../trace/slice_columns.ts";
import { type State, STATE_NAMES, STATES } from "../trace/states.ts";
import type { LaneView } from "../trace/trace_model.ts";
import { axisUnit, moment, niceStep } from "../parts/units.ts";
import type { Span } from "./viewport.ts";

const LABELS_PX = 96;
const AXIS_PX = 22;
const LANE_PX = 30;
const GAP_PX = 8;
const TICKS_MAX = 8;
/** Estimated width of a letter of a label. */
const LETTER_PX = 6.2;

/**
 * The lanes of a span as static drawing; its clock starts with the span, and
 * `title` says it to those who listen.
 */
export function figure(
  lanes: LaneView[],
  span: Span,
  now: number,
  title: string,
): string {
  const height = AXIS_PX + lanes.length * (LANE_PX + GAP_PX);
  const percent = (at: number) =>
    round(Math.max(0, at - span.fromNs) / (span.toNs - span.fromNs) * 100);
  const rows = lanes.map((lane, index) => {
    const y = AXIS_PX + 4 + index * (LANE_PX + GAP_PX);
    return [...slicesOf(lane.slices)]
      .map((slice) => block(slice, percent, y)).join("");
  });
  const names = lanes.map(({ name }, index) => {
    const y = AXIS_PX + 4 + index * (LANE_PX + GAP_PX) + LANE_PX / 2 + 4;
    return `<text class="lane-name" x="0" y="${y}">${escaped(name)}</text>`;
  });
  return `<div class="drawing" role="img" aria-label="${escaped(title)}">` +
    `<svg class="names" width="${LABELS_PX}" height="${height}">` +
    `${names.join("")}</svg><svg class="plot" height="${height}">` +
    `${axis(span, percent, height)}${rows.join("")}` +
    `${nowLine(now - span.fromNs, percent(now), height)}</svg></div>`;
}

/** The patterns that figure and legend refer to; they stay when both hide. */
export function patterns(): string {
  return `<svg class="patterns" width="0" height="0" aria-hidden="true">` +
    `<defs>${STATE_NAMES.map(patternOf).join("")}</defs></svg>`;
}

function block(
  slice: SliceView,
  percent: (at: number) => number,
  y: number,
): string {
  const { state } = slice;
  const x = percent(slice.start);
  const width = Math.max(round(percent(slice.end) - x), 0.2);
  if (width < 1) {
    return `<rect x="${x}%" y="${y}" width="${width}%" height="${LANE_PX}" ` +
      `style="fill:var(--e-${state})"/>`;
  }
  const label = width > 4 ? labelOf(slice) : "";
  const textEnd = label === "" ? 0 : 26 + label.length * LETTER_PX;
  return `<svg x="${x}%" y="${y}" width="${width}%" height="${LANE_PX}">` +
    `<rect width="100%" height="100%" style="fill:var(--s-${state})"/>` +
    patterned(state, textEnd) +
    `<rect width="100%" height="100%" rx="2" ` +
    `style="fill:none;stroke:var(--e-${state});stroke-width:2"/>` +
    text(state, label) + `</svg>`;
}

function patterned(state: State, from: number): string {
  if (STATES[state].tile === null) return "";
  return `<rect x="${from}" width="100%" height="100%" ` +
    `style="fill:url(#p-${state})"/>`;
}

function labelOf(slice: SliceView): string {
  const { word } = STATES[slice.state];
  return slice.label === "" ? word : slice.label;
}

function text(state: State, label: string): string {
  const style = `style="fill:var(--t-${state})"`;
  const { letter } = STATES[state];
  return `<text class="letter" x="6" y="19" ${style}>${letter}</text>` +
    `<text class="label" x="19" y="19" ${style}>${escaped(label)}</text>`;
}

function patternOf(state: State): string {
  const { tile } = STATES[state];
  if (tile === null) return "";
  const paint = tile.stroke > 0
    ? `fill:none;stroke:var(--m-${state});stroke-width:${tile.stroke}`
    : `fill:var(--m-${state})`;
  return `<pattern id="p-${state}" width="${tile.width}" ` +
    `height="${tile.height}" patternUnits="userSpaceOnUse">` +
    `<path d="${tile.path}" style="${paint}"/></pattern>`;
}

function axis(
  span: Span,
  percent: (at: number) => number,
  height: number,
): string {
  const step = niceStep((span.toNs - span.fromNs) / TICKS_MAX);
  const unit = axisUnit(step);
  let out = "";
  for (let at = 0; at <= span.toNs - span.fromNs; at += step) {
    const x = percent(span.fromNs + at);
    if (x > 97) break;
    const words = at === 0 ? `0 ${unit.name}` : String(at / unit.ns);
    out += `<line class="grid" x1="${x}%" x2="${x}%" y1="4" y2="${height}"/>` +
      `<svg x="${x}%" overflow="visible">` +
      `<text class="axis" x="4" y="14">${words}</text></svg>`;
  }
  return out;
}

function nowLine(now: number, x: number, height: number): string {
  const words = moment(now);
  const width = words.length * 6.7 + 12;
  return `<line class="now" x1="${x}%" x2="${x}%" y1="0" y2="${height}"/>` +
    `<svg x="${x}%" overflow="visible">` +
    `<rect class="now-tag" x="${
      1 - width
    }" y="1" width="${width}" height="17" rx="2"/>` +
    `<text class="now-text" x="${7 - width}" y="14">${words}</text></svg>`;
}

/** One swatch per state that the legend names. */
export function legend(states: State[]): string {
  const entries = states.map((state) => {
    const { letter, name } = STATES[state];
    return `<li><svg aria-hidden="true"><rect width="24" height="14" rx="2" ` +
      `style="fill:var(--s-${state})"/>${patterned(state, 0)}` +
      `<rect width="24" height="14" rx="2" ` +
      `style="fill:none;stroke:var(--e-${state});stroke-width:2"/></svg>` +
      `<span><b>${letter}</b> ${escaped(name)}</span></li>`;
  });
  return `<ul class="legend">${entries.join("")}</ul>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;")
    .replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
