/// <reference lib="dom" />
// The arrows of the selection: a dot where something begins, a head on whom it
// reaches. Only those of the chosen slice: the rest would be noise.

import type { Row } from "./timeline_layout.ts";
import { type Pen, type Picture, xOf } from "./timeline_picture.ts";
import type { Arrow } from "../trace/flow.ts";

const INK_PX = 1.5;
const HALO_PX = 4;
const DOT_PX = 3;
const HEAD_PX = 7;

export function paintArrows(pen: Pen, picture: Picture): void {
  const rows = new Map(picture.layout.rows.map((row) => [row.lane.id, row]));
  for (const arrow of picture.arrows) {
    const from = rows.get(arrow.fromLane);
    const to = rows.get(arrow.toLane);
    if (from === undefined || to === undefined || from === to) continue;
    paintArrow(pen, picture, arrow, from, to);
  }
}

function paintArrow(
  pen: Pen,
  picture: Picture,
  { fromNs, toNs }: Arrow,
  from: Row,
  to: Row,
): void {
  const { palette, layout } = picture;
  const down = to.top > from.top;
  const x0 = xOf(picture, fromNs), x1 = xOf(picture, toNs);
  const offScreen = Math.max(x0, x1) < layout.labels ||
    Math.min(x0, x1) > picture.width;
  if (offScreen) return;
  const y0 = middleOf(picture, from);
  const y1 = edgeOf(picture, to, down);
  const path = new Path2D();
  path.moveTo(x0, y0);
  const bend = (y1 - y0) / 2;
  const end = y1 - (down ? HEAD_PX : -HEAD_PX);
  path.bezierCurveTo(x0, y0 + bend, x1, y1 - bend, x1, end);
  const head = headAt(x1, y1, down);
  const dot = new Path2D();
  dot.arc(x0, y0, DOT_PX, 0, 2 * Math.PI);
  pen.lineJoin = "round";
  pen.strokeStyle = palette.surface;
  pen.lineWidth = HALO_PX + INK_PX;
  for (const each of [path, head, dot]) pen.stroke(each);
  pen.strokeStyle = palette.ink;
  pen.lineWidth = INK_PX;
  pen.stroke(path);
  pen.fillStyle = palette.ink;
  pen.fill(head);
  pen.fillStyle = palette.surface;
  pen.fill(dot);
  pen.stroke(dot);
}

function headAt(x: number, y: number, down: boolean): Path2D {
  const back = y - (down ? HEAD_PX : -HEAD_PX);
  const head = new Path2D();
  head.moveTo(x, y);
  head.lineTo(x - HEAD_PX / 2, back);
  head.lineTo(x + HEAD_PX / 2, back);
  head.closePath();
  return head;
}

function topOf({ layout, scroll }: Picture, row: Row): number {
  const moved = row.top >= layout.fixed ? scroll : 0;
  return layout.axis + row.y - moved;
}

function middleOf(picture: Picture, row: Row): number {
  return topOf(picture, row) + row.height / 2;
}

/** The side of a row that an arrow from above, or from below, comes to. */
function edgeOf(picture: Picture, row: Row, fromAbove: boolean): number {
  return topOf(picture, row) + (fromAbove ? 0 : row.height);
}
