/// <reference lib="dom" />
// Paints the timeline on a canvas: grid, selected lane, slices, rings, now,
// labels, in that order. It is given everything it shows and remembers only the
// widths of words.

import type { SliceView } from "./lane.ts";
import type { Palette, StatePaint } from "./palette.ts";
import { STATES, WAITS } from "./states.ts";
import type { Layout, Row } from "./timeline_layout.ts";
import { axisUnit, grouped, moment, niceStep } from "./units.ts";
import type { Span } from "./viewport.ts";

export interface Mark {
  laneId: string;
  start: number;
  end: number;
}

export interface Picture {
  width: number;
  height: number;
  span: Span;
  now: number;
  layout: Layout;
  /** How far the rows are scrolled down, px. */
  scroll: number;
  selection: Mark | null;
  hover: Mark | null;
  palette: Palette;
}

type Pen = CanvasRenderingContext2D;

const LETTER_PX = 14;
const PATTERN_PX = 5;
const SLIVER_PX = 2;
const FADE_PX = 14;
const PADDING_PX = 6;
const NOTE_LETTER_PX = 6.7;
const STEAM_FADE_PX = 140;

const widths = new Map<string, number>();

function widthOf(pen: Pen, text: string): number {
  const key = pen.font + text;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    width = pen.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** Forgets the widths: the fonts may be others now. */
export function forgetWidths(): void {
  widths.clear();
}

export function xOf(picture: Picture, at: number): number {
  const { labels } = picture.layout;
  const { fromNs, toNs } = picture.span;
  const plot = picture.width - labels;
  return labels + (at - fromNs) / (toNs - fromNs) * plot;
}

export function paint(pen: Pen, picture: Picture): void {
  const { width, height, layout, palette } = picture;
  pen.textBaseline = "middle";
  pen.fillStyle = palette.surface;
  pen.fillRect(0, 0, width, height);
  clipped(pen, 0, layout.axis, width, height - layout.axis, () => {
    clipped(pen, layout.labels, 0, width, height, () => {
      paintGrid(pen, picture);
      paintSteam(pen, picture);
    });
    const moves = layout.rows.filter((row) => row.top >= layout.fixed);
    clipped(pen, 0, layout.axis + layout.fixed, width, height, () => {
      pen.translate(0, layout.axis - picture.scroll);
      paintRows(pen, picture, moves);
    });
    const stays = layout.rows.filter((row) => row.top < layout.fixed);
    pen.translate(0, layout.axis);
    paintRows(pen, picture, stays);
  });
  paintMore(pen, picture);
  paintAxis(pen, picture);
  paintNow(pen, picture);
}

function paintRows(pen: Pen, picture: Picture, rows: Row[]): void {
  const { layout, width } = picture;
  for (const row of rows) paintGround(pen, picture, row);
  clipped(pen, layout.labels, 0, width, layout.content, () => {
    for (const row of rows) paintRow(pen, picture, row);
    paintRings(pen, picture, rows);
  });
  for (const row of rows) paintName(pen, picture, row);
}

/** How many lanes lie below the edge. */
function paintMore(pen: Pen, picture: Picture): void {
  const { layout, height, palette, scroll } = picture;
  const edge = height - layout.axis + scroll;
  const count = layout.rows.filter((row) => row.y + row.height > edge).length;
  if (count === 0) return;
  const text = `${count} more below: scroll here`;
  pen.font = wordFont(palette);
  pen.fillStyle = palette.surface;
  pen.fillRect(0, height - 20, widthOf(pen, text) + 24, 20);
  pen.fillStyle = palette.ink3;
  pen.fillText(text, 16, height - 10);
}

function clipped(
  pen: Pen,
  x: number,
  y: number,
  width: number,
  height: number,
  body: () => void,
): void {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  body();
  pen.restore();
}

// ------------------------------------------------------------- ground

function paintGround(pen: Pen, picture: Picture, row: Row): void {
  const { palette, selection, width } = picture;
  if (row.rule) {
    pen.fillStyle = palette.line;
    pen.fillRect(0, row.top - 4, width, 1);
  }
  if (selection?.laneId !== row.lane.id) return;
  pen.fillStyle = palette.select;
  pen.fillRect(0, row.top - 3, width, row.full - 1);
}

function paintGrid(pen: Pen, picture: Picture): void {
  pen.fillStyle = picture.palette.line;
  for (const at of ticks(picture)) {
    pen.fillRect(Math.round(xOf(picture, at)), 0, 1, picture.height);
  }
}

function* ticks(picture: Picture): Iterable<number> {
  const { fromNs, toNs } = picture.span;
  const step = tickStep(picture);
  const first = Math.max(0, Math.ceil(fromNs / step) * step);
  for (let at = first; at <= toNs; at += step) yield at;
}

function tickStep(picture: Picture): number {
  const plot = picture.width - picture.layout.labels;
  const { fromNs, toNs } = picture.span;
  return niceStep((toNs - fromNs) / plot * 72);
}

/** What has not happened is a field of fine dots that fades in. */
function paintSteam(pen: Pen, picture: Picture): void {
  const { width, height, palette } = picture;
  const from = Math.max(xOf(picture, picture.now), picture.layout.labels);
  pen.fillStyle = palette.ink3;
  for (let x = Math.ceil(from / 8) * 8; x < width; x += 8) {
    pen.globalAlpha = Math.min(1, (x - from) / STEAM_FADE_PX) * 0.45;
    for (let y = 4 + (x / 8 % 2) * 4; y < height; y += 8) {
      pen.fillRect(x, y, 1, 1);
    }
  }
  pen.globalAlpha = 1;
}

// ------------------------------------------------------------- slices

function paintRow(pen: Pen, picture: Picture, row: Row): void {
  const { span } = picture;
  if (row.lane.kind === "cpu") paintIdle(pen, picture, row);
  for (const slice of row.lane.slices) {
    const end = slice.open ? Math.max(slice.end, picture.now) : slice.end;
    if (end < span.fromNs || slice.start > span.toNs) continue;
    const left = xOf(picture, slice.start);
    const right = xOf(picture, end);
    paintSlice(pen, picture, row, slice, left, right);
  }
}

function paintSlice(
  pen: Pen,
  picture: Picture,
  row: Row,
  slice: SliceView,
  left: number,
  right: number,
): void {
  const look = picture.palette.states[slice.state];
  const width = right - left;
  if (width < PATTERN_PX || slice.dense) {
    pen.fillStyle = slice.dense && width >= PATTERN_PX ? look.fill : look.edge;
    pen.fillRect(left, row.y, Math.max(width, SLIVER_PX), row.height);
    return;
  }
  const x = Math.max(left, picture.layout.labels - 4);
  const end = Math.min(right, picture.width + 4);
  pen.fillStyle = look.fill;
  shape(pen, x, row, end - x);
  pen.fill();
  const label = end - x >= LETTER_PX
    ? fittingLabel(pen, picture, slice, end - x)
    : null;
  const textEnd = label === null ? x : x + PADDING_PX + label.width;
  paintPattern(pen, look, x, row, end, textEnd);
  pen.strokeStyle = look.edge;
  pen.lineWidth = 1;
  shape(pen, x + 0.5, row, end - x - 1);
  pen.stroke();
  if (label !== null) paintLabel(pen, picture, look, label, x, row, end);
}

function shape(pen: Pen, x: number, row: Row, width: number): void {
  pen.beginPath();
  pen.roundRect(x, row.y + 0.5, Math.max(width, 1), row.height - 1, 2);
}

/** The pattern fades in after the text, so that no letter lies on it. */
function paintPattern(
  pen: Pen,
  look: StatePaint,
  x: number,
  row: Row,
  end: number,
  textEnd: number,
): void {
  const from = Math.min(textEnd, end);
  if (look.pattern === null || end - from < 1) return;
  pen.fillStyle = look.pattern;
  pen.fillRect(from, row.y + 1, end - from - 1, row.height - 2);
  if (from === x) return;
  const fade = pen.createLinearGradient(from, 0, from + FADE_PX, 0);
  fade.addColorStop(0, look.fill);
  fade.addColorStop(1, transparent(look.fill));
  pen.fillStyle = fade;
  const width = Math.min(FADE_PX, end - from - 1);
  pen.fillRect(from, row.y + 1, width, row.height - 2);
}

function transparent(colour: string): string {
  return colour.replace("rgb(", "rgba(").replace(")", ", 0)");
}

interface Label {
  letter: string;
  words: string;
  width: number;
}

/** "B disk, #12", then "B disk", then "B": the longest that fits. */
function fittingLabel(
  pen: Pen,
  picture: Picture,
  slice: SliceView,
  width: number,
): Label | null {
  const room = width - 2 * PADDING_PX;
  for (const words of wordings(slice)) {
    const label = measured(pen, picture, slice, words);
    if (label.width <= room) return label;
  }
  const letter = measured(pen, picture, slice, "");
  return letter.width <= width - 4 ? letter : null;
}

function wordings(slice: SliceView): string[] {
  const { word } = STATES[slice.state];
  if (!WAITS.has(slice.state)) {
    return slice.label === "" ? [word] : [slice.label, word];
  }
  return slice.label === "" ? [word] : [`${word}, ${slice.label}`, word];
}

function measured(
  pen: Pen,
  picture: Picture,
  slice: SliceView,
  words: string,
): Label {
  const { letter } = STATES[slice.state];
  pen.font = letterFont(picture.palette);
  const letterWidth = widthOf(pen, letter);
  pen.font = wordFont(picture.palette);
  const width = words === "" ? 0 : 5 + widthOf(pen, words);
  return { letter, words, width: letterWidth + width };
}

function letterFont(palette: Palette): string {
  return `700 11px ${palette.mono}`;
}

function wordFont(palette: Palette): string {
  return `11px ${palette.sans}`;
}

function paintLabel(
  pen: Pen,
  picture: Picture,
  look: StatePaint,
  label: Label,
  x: number,
  row: Row,
  end: number,
): void {
  const left = label.words === ""
    ? Math.min(x + (end - x - label.width) / 2, x + PADDING_PX)
    : x + PADDING_PX;
  const y = row.y + row.height / 2 + 0.5;
  if (label.words === "" && look.pattern !== null) {
    pen.fillStyle = look.fill;
    pen.fillRect(left - 2, row.y + 2, label.width + 4, row.height - 4);
  }
  pen.fillStyle = look.text;
  pen.font = letterFont(picture.palette);
  pen.fillText(label.letter, left, y);
  if (label.words === "") return;
  const letterWidth = widthOf(pen, label.letter);
  pen.font = wordFont(picture.palette);
  pen.fillText(label.words, left + letterWidth + 5, y);
}

/** An idle CPU is empty, with a dotted base line and the word. */
function paintIdle(pen: Pen, picture: Picture, row: Row): void {
  const from = Math.max(xOf(picture, 0), picture.layout.labels);
  const to = Math.min(xOf(picture, picture.now), picture.width);
  pen.fillStyle = picture.palette.lineStrong;
  for (let x = Math.ceil(from / 4) * 4; x < to; x += 4) {
    pen.fillRect(x, row.y + row.height - 2, 1, 1);
  }
  pen.font = wordFont(picture.palette);
  pen.fillStyle = picture.palette.ink3;
  const word = widthOf(pen, "idle");
  let left = from;
  for (const slice of [...row.lane.slices, null]) {
    const right = slice === null ? to : Math.min(xOf(picture, slice.start), to);
    if (right - left > word + 24) {
      const x = (left + right - word) / 2;
      pen.fillText("idle", x, row.y + row.height / 2);
    }
    if (slice !== null) left = Math.max(left, xOf(picture, slice.end));
  }
}

function paintRings(pen: Pen, picture: Picture, rows: Row[]): void {
  const { selection, hover, palette } = picture;
  if (hover !== null) ring(pen, picture, rows, hover, palette.lineStrong, 1);
  if (selection !== null) ring(pen, picture, rows, selection, palette.ink, 2);
}

function ring(
  pen: Pen,
  picture: Picture,
  rows: Row[],
  mark: Mark,
  colour: string,
  width: number,
): void {
  const row = rows.find(({ lane }) => lane.id === mark.laneId);
  if (row === undefined || mark.end <= mark.start) return;
  const left = Math.max(xOf(picture, mark.start), picture.layout.labels - 8);
  const right = Math.min(xOf(picture, mark.end), picture.width + 8);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  const span = Math.max(right - left, SLIVER_PX);
  pen.roundRect(left - 2, row.y - 2, span + 4, row.height + 4, 4);
  pen.stroke();
}

// ------------------------------------------------------------- names, axis, now

function paintName(pen: Pen, picture: Picture, row: Row): void {
  const { palette, layout, selection } = picture;
  const { lane } = row;
  const above = layout.labels === 0;
  const indent = lane.kind === "request" ? 14 : 0;
  const y = above ? row.top + 9 : row.y + row.height / 2 + 0.5;
  const chosen = selection?.laneId === lane.id ? "600 " : "";
  pen.font = `${chosen}12px ${palette.sans}`;
  pen.fillStyle = palette.ink;
  const right = above ? picture.width - 16 : layout.labels - 12;
  const room = right - 20 - indent - lane.note.length * NOTE_LETTER_PX;
  pen.fillText(shortened(pen, lane.name, room), 16 + indent, y);
  if (indent > 0) paintBracket(pen, picture, row, above);
  pen.font = `11px ${palette.mono}`;
  pen.fillStyle = palette.ink3;
  pen.textAlign = "right";
  pen.fillText(lane.note, right, y);
  pen.textAlign = "left";
}

/** Requests hang under the thread that asked. */
function paintBracket(
  pen: Pen,
  picture: Picture,
  row: Row,
  above: boolean,
): void {
  const y = above ? row.top + 9 : row.y + row.height / 2;
  pen.fillStyle = picture.palette.lineStrong;
  pen.fillRect(20, row.top - 4, 1, y - row.top + 5);
  pen.fillRect(20, Math.round(y), 8, 1);
}

function shortened(pen: Pen, text: string, room: number): string {
  if (widthOf(pen, text) <= room) return text;
  let end = text.length;
  while (end > 1 && widthOf(pen, `${text.slice(0, end)}…`) > room) end--;
  return `${text.slice(0, end)}…`;
}

function paintAxis(pen: Pen, picture: Picture): void {
  const { palette, layout, width } = picture;
  pen.fillStyle = palette.surface;
  pen.fillRect(0, 0, width, layout.axis);
  clipped(pen, layout.labels, 0, width, layout.axis, () => {
    const step = tickStep(picture);
    const unit = axisUnit(step);
    const digits = Math.max(0, Math.ceil(-Math.log10(step / unit.ns) - 1e-9));
    const tag = nowTag(pen, picture);
    pen.font = `10px ${palette.mono}`;
    let first = true;
    for (const at of ticks(picture)) {
      const x = Math.round(xOf(picture, at));
      pen.fillStyle = palette.line;
      pen.fillRect(x, 4, 1, layout.axis);
      const number = tickText(at / unit.ns, digits);
      const text = first ? `${number} ${unit.name}` : number;
      const end = x + 4 + widthOf(pen, text);
      if (tag !== null && end > tag.left && x < tag.right) continue;
      pen.fillStyle = palette.ink3;
      pen.fillText(text, x + 4, 11);
      if (x >= layout.labels) first = false;
    }
  });
}

function tickText(value: number, digits: number): string {
  const [whole, part] = value.toFixed(digits).split(".");
  return grouped(Number(whole)) + (part === undefined ? "" : `.${part}`);
}

/** Where the time of now is written: it turns left before it would leave. */
function nowTag(
  pen: Pen,
  picture: Picture,
): { x: number; left: number; right: number; text: string } | null {
  const { palette, layout, width, now } = picture;
  const x = Math.round(xOf(picture, now));
  if (x < layout.labels || x > width) return null;
  const text = moment(now);
  pen.font = `700 11px ${palette.mono}`;
  const size = widthOf(pen, text) + 12;
  const left = x + size > width ? x + 2 - size : x;
  return { x, left, right: left + size, text };
}

/** 2 px of whistle with 1 px of surface on both sides, and the time on a tag. */
function paintNow(pen: Pen, picture: Picture): void {
  const { palette, height } = picture;
  const tag = nowTag(pen, picture);
  if (tag === null) return;
  pen.fillStyle = palette.surface;
  pen.fillRect(tag.x - 1, 0, 4, height);
  pen.fillStyle = palette.whistle;
  pen.fillRect(tag.x, 0, 2, height);
  pen.beginPath();
  pen.roundRect(tag.left, 2, tag.right - tag.left, 17, 2);
  pen.fill();
  pen.fillStyle = palette.onWhistle;
  pen.fillText(tag.text, tag.left + 6, 11);
}
