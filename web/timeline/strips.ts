/// <reference lib="dom" />
// Slices too narrow to draw, as one row of pixels for each lane, stretched to
// the height of the lane: a lane costs the same however much is in it.

import type { Palette } from "./palette.ts";
import type { Row } from "./timeline_layout.ts";
import { type Pen, type Picture, xOf } from "./timeline_picture.ts";
import { DENSE, DENSE_PX, OPEN } from "../trace/slice_columns.ts";
import { STATE_NAMES } from "../trace/states.ts";

const SLIVER_PX = 2;

/** What a state is painted with, as a pixel holds it. */
interface Ink {
  fills: Uint32Array;
  edges: Uint32Array;
}

const inks = new WeakMap<Palette, Ink>();
let canvas: OffscreenCanvas | null = null;

/** Paints what is too narrow for a shape of its own, for these rows. */
export function paintStrips(
  pen: Pen,
  picture: Picture,
  rows: readonly Row[],
): void {
  const { width, layout: { labels } } = picture;
  const columns = Math.ceil((width - labels) * devicePixelRatio);
  if (rows.length === 0 || columns <= 0) return;
  canvas ??= new OffscreenCanvas(1, 1);
  if (canvas.width < columns || canvas.height < rows.length) {
    canvas.width = Math.max(canvas.width, columns);
    canvas.height = Math.max(canvas.height, rows.length);
  }
  const strip = canvas.getContext("2d", { willReadFrequently: true })!;
  const image = strip.createImageData(columns, rows.length);
  const pixels = new Uint32Array(image.data.buffer);
  const ink = inkOf(picture.palette);
  const painted = rows.map((row, index) =>
    fill(
      pixels.subarray(index * columns, (index + 1) * columns),
      picture,
      row,
      ink,
    )
  );
  strip.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  rows.forEach((row, index) => {
    if (!painted[index]) return;
    const { y, height } = row;
    pen.drawImage(
      canvas!,
      0,
      index,
      columns,
      1,
      labels,
      y,
      columns / devicePixelRatio,
      height,
    );
  });
}

/** Sets the pixels of a lane's narrow slices; tells whether there are any. */
function fill(
  pixels: Uint32Array,
  picture: Picture,
  { lane }: Row,
  ink: Ink,
): boolean {
  const { starts, ends, states, flags } = lane.slices;
  const { span, now, layout: { labels } } = picture;
  const scale = devicePixelRatio;
  let any = false;
  for (let i = firstIn(ends, span.fromNs); i < starts.length; i++) {
    if (starts[i]! > span.toNs) break;
    const end = (flags[i]! & OPEN) !== 0 ? Math.max(ends[i]!, now) : ends[i]!;
    const left = xOf(picture, starts[i]!) - labels;
    const width = xOf(picture, end) - labels - left;
    if ((flags[i]! & DENSE) === 0 && width >= DENSE_PX) continue;
    const colours = width >= DENSE_PX ? ink.fills : ink.edges;
    const from = Math.max(0, Math.floor(left * scale));
    const size = Math.max(width, SLIVER_PX) * scale;
    const to = Math.min(pixels.length, Math.ceil(left * scale + size));
    if (to > from) pixels.fill(colours[states[i]!]!, from, to);
    any = true;
  }
  return any;
}

/** The number of the first slice that ends after a moment. */
export function firstIn(ends: Float64Array, moment: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}

function inkOf(palette: Palette): Ink {
  let ink = inks.get(palette);
  if (ink === undefined) {
    const of = (part: "fill" | "edge") =>
      pixelsOf(STATE_NAMES.map((state) => palette.states[state][part]));
    ink = { fills: of("fill"), edges: of("edge") };
    inks.set(palette, ink);
  }
  return ink;
}

/** Colours as the canvas itself makes pixels of them. */
function pixelsOf(colours: string[]): Uint32Array {
  const probe = new OffscreenCanvas(colours.length, 1);
  const pen = probe.getContext("2d", { willReadFrequently: true })!;
  colours.forEach((colour, x) => {
    pen.fillStyle = colour;
    pen.fillRect(x, 0, 1, 1);
  });
  const { data } = pen.getImageData(0, 0, colours.length, 1);
  return new Uint32Array(data.buffer.slice(0));
}
