/// <reference lib="dom" />
// What the painters of the timeline share: the picture they are given, where a
// moment lies on it, and how wide a word is.

import type { Arrow } from "../trace/flow.ts";
import type { Palette } from "./palette.ts";
import type { Layout } from "./timeline_layout.ts";
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
  /** Those of the selection. */
  arrows: readonly Arrow[];
  /** A span of time that is marked. */
  marked: Span | null;
  palette: Palette;
}

export type Pen = CanvasRenderingContext2D;

/** By font, then by text: asking the pen for its font is slow. */
const widths = new Map<string, Map<string, number>>();
const TEXTS_MAX = 5000;
let ruler: Pen | null = null;

/** In the font that the pen has now. */
export function widthOf(pen: Pen, text: string): number {
  return widthIn(pen.font, text);
}

export function widthIn(font: string, text: string): number {
  let known = widths.get(font);
  if (known === undefined) widths.set(font, known = new Map());
  let width = known.get(text);
  if (width === undefined) {
    if (known.size > TEXTS_MAX) known.clear();
    ruler ??= document.createElement("canvas").getContext("2d")!;
    ruler.font = font;
    width = ruler.measureText(text).width;
    known.set(text, width);
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

export function letterFont(palette: Palette): string {
  return `700 11px ${palette.mono}`;
}

export function wordFont(palette: Palette): string {
  return `11px ${palette.sans}`;
}
