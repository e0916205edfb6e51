/// <reference lib="dom" />
// Paints the timeline on a canvas: grid, selected lane, slices, rings, labels,
// now. It is given everything it shows.

import { paintRings, paintRow } from "./slice_paint.ts";
import type { Row } from "./timeline_layout.ts";
import {
  type Pen,
  type Picture,
  widthOf,
  wordFont,
  xOf,
} from "./timeline_picture.ts";
import { axisUnit, grouped, moment, niceStep } from "../parts/units.ts";

const NOTE_LETTER_PX = 6.7;
const STEAM_FADE_PX = 140;

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
