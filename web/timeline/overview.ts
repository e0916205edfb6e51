/// <reference lib="dom" />
// The whole recording in one line: cpu 0 in state colours, 8 px high, with the
// part that the timeline shows in brackets. Dragging on it moves that part.

import type { Palette } from "./palette.ts";
import { readPalette } from "./palette.ts";
import { NO_SLICES, slicesOf } from "../trace/slice_columns.ts";
import type { LaneView } from "../trace/trace_model.ts";
import type { Span } from "./viewport.ts";

const STRIP_Y = 4;
const STRIP_PX = 8;
const BRACKET_PX = 16;

export class Overview {
  readonly #canvas: HTMLCanvasElement;
  #palette: Palette;
  #lane: LaneView | null = null;
  #now = 0;
  #span: Span = { fromNs: 0, toNs: 1 };
  #frame = 0;

  constructor(canvas: HTMLCanvasElement, onMove: (span: Span) => void) {
    this.#canvas = canvas;
    this.#palette = readPalette(devicePixelRatio);
    new ResizeObserver(() => this.#draw()).observe(canvas);
    const move = (event: PointerEvent) => {
      if (event.buttons === 0 || this.#now === 0) return;
      const { fromNs, toNs } = this.#span;
      const at = event.offsetX / canvas.clientWidth * this.#now;
      const half = (toNs - fromNs) / 2;
      onMove({ fromNs: at - half, toNs: at + half });
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      move(event);
    });
    canvas.addEventListener("pointermove", move);
  }

  repaint(): void {
    this.#palette = readPalette(devicePixelRatio);
    this.#draw();
  }

  show(lane: LaneView | null, now: number): void {
    if (lane !== null) this.#lane = lane;
    this.#now = now;
    this.#draw();
  }

  bracket(span: Span): void {
    this.#span = span;
    this.#draw();
  }

  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const pen = canvas.getContext("2d");
    if (pen === null || width === 0) return;
    pen.scale(devicePixelRatio, devicePixelRatio);
    const palette = this.#palette;
    pen.fillStyle = palette.sunken;
    pen.fillRect(0, STRIP_Y, width, STRIP_PX);
    const x = (at: number) => at / Math.max(1, this.#now) * width;
    for (const slice of slicesOf(this.#lane?.slices ?? NO_SLICES)) {
      pen.fillStyle = palette.states[slice.state].fill;
      const left = x(slice.start);
      pen.fillRect(left, STRIP_Y, Math.max(1, x(slice.end) - left), STRIP_PX);
    }
    this.#paintBracket(pen, x, width);
  }

  #paintBracket(
    pen: CanvasRenderingContext2D,
    x: (at: number) => number,
    width: number,
  ): void {
    const left = Math.max(0, x(this.#span.fromNs));
    const right = Math.min(width, x(this.#span.toNs));
    pen.strokeStyle = this.#palette.ink;
    pen.lineWidth = 1;
    const boxWidth = Math.max(3, right - left) - 1;
    pen.strokeRect(Math.min(left, width - 3) + 0.5, 0.5, boxWidth, BRACKET_PX);
  }
}
