/// <reference lib="dom" />
// The colours and patterns of the canvas, read from the tokens of style/
// each time the theme changes. It knows what a pattern looks like (states.ts),
// not where it is painted.

import { type State, STATE_NAMES, STATES, type Tile } from "../trace/states.ts";

export interface StatePaint {
  fill: string;
  edge: string;
  text: string;
  /** The pattern on the fill; null for a solid state. */
  pattern: CanvasPattern | null;
}

export interface Palette {
  surface: string;
  page: string;
  sunken: string;
  line: string;
  lineStrong: string;
  ink: string;
  ink2: string;
  ink3: string;
  whistle: string;
  onWhistle: string;
  select: string;
  rim: string;
  sans: string;
  mono: string;
  /** The field of fine dots that has not happened. */
  steam: CanvasPattern | null;
  states: Record<State, StatePaint>;
}

/** What the visitor's own colours make of the tokens: fills are empty, edges carry the shape. */
const FORCED = new Map([
  ["--surface", "Canvas"],
  ["--page", "Canvas"],
  ["--sunken", "Canvas"],
  ["--select", "Canvas"],
  ["--line", "GrayText"],
  ["--whistle", "Highlight"],
  ["--on-whistle", "HighlightText"],
]);

function forcedColour(token: string): string {
  return token.startsWith("--s-") ? "Canvas" : "CanvasText";
}

/** Resolves a token to a colour the canvas understands. */
class TokenReader {
  readonly #probe = document.createElement("span");
  readonly #forced = matchMedia("(forced-colors: active)").matches;

  constructor() {
    this.#probe.hidden = true;
    document.body.append(this.#probe);
  }

  colour(token: string): string {
    if (this.#forced) return FORCED.get(token) ?? forcedColour(token);
    this.#probe.style.color = `var(${token})`;
    return getComputedStyle(this.#probe).color;
  }

  text(token: string): string {
    const style = getComputedStyle(document.documentElement);
    return style.getPropertyValue(token).trim().replaceAll("\n", " ");
  }

  close(): void {
    this.#probe.remove();
  }
}

/** The palette of the present theme, for a canvas with so many dots per px. */
export function readPalette(dotsPerPx: number): Palette {
  const read = new TokenReader();
  const palette = {
    surface: read.colour("--surface"),
    page: read.colour("--page"),
    sunken: read.colour("--sunken"),
    line: read.colour("--line"),
    lineStrong: read.colour("--line-strong"),
    ink: read.colour("--ink"),
    ink2: read.colour("--ink-2"),
    ink3: read.colour("--ink-3"),
    whistle: read.colour("--whistle"),
    onWhistle: read.colour("--on-whistle"),
    select: read.colour("--select"),
    rim: read.colour("--rim"),
    sans: read.text("--sans"),
    mono: read.text("--mono"),
    steam: steamPattern(read.colour("--ink-3"), dotsPerPx),
    states: Object.fromEntries(
      STATE_NAMES.map((state) => [state, statePaint(read, state, dotsPerPx)]),
    ) as Record<State, StatePaint>,
  };
  read.close();
  return palette;
}

function statePaint(
  read: TokenReader,
  state: State,
  dotsPerPx: number,
): StatePaint {
  const tile = STATES[state].tile;
  const mark = read.colour(`--m-${state}`);
  return {
    fill: read.colour(`--s-${state}`),
    edge: read.colour(`--e-${state}`),
    text: read.colour(`--t-${state}`),
    pattern: tile === null ? null : tilePattern(tile, mark, dotsPerPx),
  };
}

function steamPattern(
  colour: string,
  dotsPerPx: number,
): CanvasPattern | null {
  const canvas = document.createElement("canvas");
  canvas.width = 16 * dotsPerPx;
  canvas.height = 8 * dotsPerPx;
  const pen = canvas.getContext("2d")!;
  pen.scale(dotsPerPx, dotsPerPx);
  pen.globalAlpha = 0.45;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  pen.fillRect(8, 4, 1, 1);
  const pattern = pen.createPattern(canvas, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / dotsPerPx));
  return pattern;
}

function tilePattern(
  tile: Tile,
  mark: string,
  dotsPerPx: number,
): CanvasPattern | null {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(tile.width * dotsPerPx);
  canvas.height = Math.round(tile.height * dotsPerPx);
  const pen = canvas.getContext("2d")!;
  pen.scale(canvas.width / tile.width, canvas.height / tile.height);
  const path = new Path2D(tile.path);
  pen.fillStyle = pen.strokeStyle = mark;
  pen.lineWidth = tile.stroke;
  if (tile.stroke > 0) pen.stroke(path);
  else pen.fill(path);
  const pattern = pen.createPattern(canvas, "repeat");
  pattern?.setTransform(
    new DOMMatrix().scale(
      tile.width / canvas.width,
      tile.height / canvas.height,
    ),
  );
  return pattern;
}
