/// <reference lib="dom" />
// Paints what lies on the lanes of the timeline: slices with pattern, letter and
// words, the idle CPU, rings.

import type { StatePaint } from "./palette.ts";
import { firstIn } from "./strips.ts";
import {
  DENSE,
  DENSE_PX,
  sliceAt,
  type SliceView,
} from "../trace/slice_columns.ts";
import { STATES, WAITS } from "../trace/states.ts";
import type { Row } from "./timeline_layout.ts";
import {
  letterFont,
  type Mark,
  type Pen,
  type Picture,
  widthIn,
  widthOf,
  wordFont,
  xOf,
} from "./timeline_picture.ts";

const LETTER_PX = 14;
const SLIVER_PX = 2;
const FADE_PX = 14;
const PADDING_PX = 6;

export function paintRow(pen: Pen, picture: Picture, row: Row): void {
  const { span } = picture;
  const { slices } = row.lane;
  const { starts, ends, flags } = slices;
  if (row.lane.kind === "cpu" && !row.isHeader) paintIdle(pen, picture, row);
  for (let i = firstIn(ends, span.fromNs); i < starts.length; i++) {
    if (starts[i]! > span.toNs) break;
    if ((flags[i]! & DENSE) !== 0) continue;
    const slice = sliceAt(slices, i);
    const end = slice.open ? Math.max(slice.end, picture.now) : slice.end;
    const left = xOf(picture, slice.start);
    const right = xOf(picture, end);
    // What is narrower is a pixel of the strip.
    if (right - left >= DENSE_PX) {
      paintSlice(pen, picture, row, slice, left, right);
    }
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
  const x = Math.max(left, picture.layout.labels - 4);
  const end = Math.min(right, picture.width + 4);
  if (end - x < LETTER_PX) return paintPlain(pen, look, row, x, end - x);
  pen.fillStyle = look.fill;
  shape(pen, x, row, end - x);
  pen.fill();
  const label = fittingLabel(picture, row, slice, end - x);
  const textEnd = label === null ? x : x + PADDING_PX + label.width;
  paintPattern(pen, look, x, row, end, textEnd);
  pen.strokeStyle = look.edge;
  pen.lineWidth = 1;
  shape(pen, x + 0.5, row, end - x - 1);
  pen.stroke();
  if (label !== null) paintLabel(pen, picture, look, label, x, row, end);
}

/** Too narrow for words and for round corners. */
function paintPlain(
  pen: Pen,
  look: StatePaint,
  { y, height }: Row,
  x: number,
  width: number,
): void {
  pen.fillStyle = look.edge;
  pen.fillRect(x, y, width, height);
  pen.fillStyle = look.fill;
  pen.fillRect(x + 1, y + 1, width - 2, height - 2);
  if (look.pattern === null) return;
  pen.fillStyle = look.pattern;
  pen.fillRect(x + 1, y + 1, width - 2, height - 2);
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

export function transparent(colour: string): string {
  return colour.replace("rgb(", "rgba(").replace(")", ", 0)");
}

interface Label {
  letter: string;
  words: string;
  width: number;
}

/** "B disk, #12", then "B disk", then "B": the longest that fits. */
function fittingLabel(
  picture: Picture,
  row: Row,
  slice: SliceView,
  width: number,
): Label | null {
  const room = width - 2 * PADDING_PX;
  for (const words of wordings(row, slice)) {
    const label = measured(picture, slice, words);
    if (label.width <= room) return label;
  }
  const letter = measured(picture, slice, "");
  return letter.width <= width - 4 ? letter : null;
}

function wordings({ lane }: Row, slice: SliceView): string[] {
  const { word } = STATES[slice.state];
  // A socket's state has a name of its own.
  if (lane.kind === "socket" && slice.label !== "") return [slice.label];
  if (!WAITS.has(slice.state)) {
    return slice.label === "" ? [word] : [slice.label, word];
  }
  return slice.label === "" ? [word] : [`${word}, ${slice.label}`, word];
}

function measured(
  { palette }: Picture,
  slice: SliceView,
  words: string,
): Label {
  const { letter } = STATES[slice.state];
  const letterWidth = widthIn(letterFont(palette), letter);
  const width = words === "" ? 0 : 5 + widthIn(wordFont(palette), words);
  return { letter, words, width: letterWidth + width };
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
  const letterWidth = widthIn(letterFont(picture.palette), label.letter);
  pen.font = wordFont(picture.palette);
  pen.fillText(label.words, left + letterWidth + 5, y);
}

/** An idle CPU is empty, with a dotted base line and the word. */
function paintIdle(pen: Pen, picture: Picture, row: Row): void {
  const from = Math.max(xOf(picture, 0), picture.layout.labels);
  const to = Math.min(xOf(picture, picture.now), picture.width);
  if (to <= from) return;
  const y = row.y + row.height - 1.5;
  pen.strokeStyle = picture.palette.lineStrong;
  pen.lineWidth = 1;
  pen.setLineDash([1, 3]);
  pen.beginPath();
  pen.moveTo(from, y);
  pen.lineTo(to, y);
  pen.stroke();
  pen.setLineDash([]);
  paintIdleWords(pen, picture, row, from, to);
}

function paintIdleWords(
  pen: Pen,
  picture: Picture,
  row: Row,
  from: number,
  to: number,
): void {
  const { starts, ends } = row.lane.slices;
  pen.font = wordFont(picture.palette);
  pen.fillStyle = picture.palette.ink3;
  const word = widthOf(pen, "idle");
  let left = from;
  for (let i = firstIn(ends, picture.span.fromNs); i <= starts.length; i++) {
    const right = i < starts.length
      ? Math.min(xOf(picture, starts[i]!), to)
      : to;
    if (right - left > word + 24) {
      const x = (left + right - word) / 2;
      pen.fillText("idle", x, row.y + row.height / 2);
    }
    if (i < starts.length) left = Math.max(left, xOf(picture, ends[i]!));
    if (left >= to) break;
  }
}

export function paintRings(pen: Pen, picture: Picture, rows: Row[]): void {
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
