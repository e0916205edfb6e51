/// <reference lib="dom" />
// Paints the timeline on a canvas: grid, selected lane, slices, rings, labels,
// now. It is given everything it shows.

import { paintArrows } from "./arrows.ts";
import { paintRings, paintRow, transparent } from "./slice_paint.ts";
import { paintStrips } from "./strips.ts";
import { type Row, rowsWithin } from "./timeline_layout.ts";
import {
  type Pen,
  type Picture,
  widthOf,
  wordFont,
  xOf,
} from "./timeline_picture.ts";
import {
  axisUnit,
  duration,
  grouped,
  moment,
  niceStep,
} from "../parts/units.ts";

const NOTE_LETTER_PX = 6.7;
const STEAM_FADE_PX = 140;

export function paint(pen: Pen, picture: Picture): void {
  const { width, height, layout, palette, scroll } = picture;
  pen.textBaseline = "middle";
  pen.fillStyle = palette.surface;
  pen.fillRect(0, 0, width, height);
  clipped(pen, 0, layout.axis, width, height - layout.axis, () => {
    clipped(pen, layout.labels, 0, width, height, () => {
      paintGrid(pen, picture);
      paintSteam(pen, picture);
    });
    const { fixed } = layout;
    const bottom = height - layout.axis;
    const moves = rowsWithin(layout.rows, fixed + scroll, bottom + scroll)
      .filter((row) => row.top >= fixed);
    clipped(pen, 0, layout.axis + fixed, width, height, () => {
      pen.translate(0, layout.axis - scroll);
      paintRows(pen, picture, moves);
    });
    pen.translate(0, layout.axis);
    paintRows(pen, picture, rowsWithin(layout.rows, 0, fixed));
  });
  paintMore(pen, picture);
  paintMarked(pen, picture);
  clipped(pen, layout.labels, layout.axis, width, height, () => {
    paintArrows(pen, picture);
  });
  paintAxis(pen, picture);
  paintNow(pen, picture);
}

function paintRows(pen: Pen, picture: Picture, rows: Row[]): void {
  const { layout, width } = picture;
  for (const row of rows) paintGround(pen, picture, row);
  clipped(pen, layout.labels, 0, width, layout.content, () => {
    paintStrips(pen, picture, rows);
    for (const row of rows) paintRow(pen, picture, row);
    paintRings(pen, picture, rows);
  });
  for (const row of rows) paintName(pen, picture, row);
}

/** How many lanes lie below the edge. */
function paintMore(pen: Pen, picture: Picture): void {
  const { layout, height, palette, scroll } = picture;
  const edge = height - layout.axis + scroll;
  const below = rowsWithin(layout.rows, edge, Infinity).length;
  if (below === 0) return;
  const text = `${below} more below: scroll here`;
  pen.font = wordFont(palette);
  pen.fillStyle = palette.surface;
  pen.fillRect(0, height - 20, widthOf(pen, text) + 24, 20);
  pen.fillStyle = palette.ink3;
  pen.fillText(text, 16, height - 10);
}

/** The marked span, with its length above. */
function paintMarked(pen: Pen, picture: Picture): void {
  const { marked, palette, layout, height } = picture;
  if (marked === null) return;
  const left = Math.max(xOf(picture, marked.fromNs), layout.labels);
  const right = Math.min(xOf(picture, marked.toNs), picture.width);
  if (right <= left) return;
  pen.globalAlpha = 0.1;
  pen.fillStyle = palette.ink;
  pen.fillRect(left, layout.axis, right - left, height);
  pen.globalAlpha = 1;
  pen.fillRect(Math.round(left), layout.axis, 1, height);
  pen.fillRect(Math.round(right) - 1, layout.axis, 1, height);
  const text = duration(marked.toNs - marked.fromNs);
  pen.font = `700 11px ${palette.mono}`;
  const width = widthOf(pen, text) + 12;
  const x = Math.max(
    layout.labels,
    Math.min((left + right - width) / 2, picture.width - width),
  );
  pen.beginPath();
  pen.roundRect(x, layout.axis + 2, width, 17, 2);
  pen.fill();
  pen.fillStyle = palette.surface;
  pen.fillText(text, x + 6, layout.axis + 11);
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
  if (from >= width || palette.steam === null) return;
  pen.fillStyle = palette.steam;
  pen.fillRect(from, 0, width - from, height);
  const begin = xOf(picture, picture.now);
  const fade = pen.createLinearGradient(begin, 0, begin + STEAM_FADE_PX, 0);
  fade.addColorStop(0, palette.surface);
  fade.addColorStop(1, transparent(palette.surface));
  pen.fillStyle = fade;
  pen.fillRect(from, 0, Math.min(STEAM_FADE_PX, width - from), height);
}

// ------------------------------------------------------------- names, axis, now

function paintName(pen: Pen, picture: Picture, row: Row): void {
  const { palette, layout, selection } = picture;
  const { lane } = row;
  const above = layout.labels === 0;
  const indent = lane.kind === "request" ? 14 : 0;
  if (row.isHeader) return paintHeader(pen, picture, row);
  const y = above ? row.top + 9 : row.y + row.height / 2 + 0.5;
  const chosen = selection?.laneId === lane.id ? "600 " : "";
  pen.font = `${chosen}12px ${palette.sans}`;
  pen.fillStyle = palette.ink;
  const right = above ? picture.width - 16 : layout.labels - 12;
  const room = right - 20 - indent - noteOf(row).length * NOTE_LETTER_PX;
  pen.fillText(shortened(pen, lane.name, room), 16 + indent, y);
  if (indent > 0) paintBracket(pen, picture, row, above);
  paintTurn(pen, picture, row, y);
  const note = noteOf(row);
  pen.font = `11px ${palette.mono}`;
  pen.fillStyle = palette.ink3;
  pen.textAlign = "right";
  pen.fillText(note, right, y);
  pen.textAlign = "left";
}

/** What is folded away is counted; a lane that stays has a mark. */
function noteOf({ lane, fold, isPinned }: Row): string {
  const hides = fold !== null && !fold.isOpen ? `+${fold.count} ` : "";
  const pin = isPinned && lane.kind !== "cpu" ? " \u25cf" : "";
  return `${hides}${lane.note}${pin}`;
}

/** The name of another machine, and whether its lanes are shown. */
function paintHeader(pen: Pen, picture: Picture, row: Row): void {
  const { palette } = picture;
  const y = row.y + row.height / 2;
  paintTurn(pen, picture, row, y);
  pen.font = `600 12px ${palette.sans}`;
  pen.fillStyle = palette.ink;
  pen.fillText(row.lane.name, 28, y);
  const after = 28 + widthOf(pen, row.lane.name) + 12;
  pen.font = `11px ${palette.mono}`;
  pen.fillStyle = palette.ink3;
  pen.fillText(row.lane.note, after, y);
}

/** A triangle: down when open, to the right when there is more. */
function paintTurn(pen: Pen, picture: Picture, row: Row, y: number): void {
  if (row.fold === null) return;
  const { palette } = picture;
  pen.fillStyle = palette.ink3;
  pen.beginPath();
  if (row.fold.isOpen) {
    pen.moveTo(4, y - 2);
    pen.lineTo(12, y - 2);
    pen.lineTo(8, y + 3);
  } else {
    pen.moveTo(6, y - 4);
    pen.lineTo(11, y);
    pen.lineTo(6, y + 4);
  }
  pen.fill();
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
