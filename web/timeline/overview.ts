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
  /** The lane as painted last. */
  readonly #strip = document.createElement("canvas");
  #isStale = true;

  constructor(canvas: HTMLCanvasElement, onMove: (span: Span) => void) {
    this.#canvas = canvas;
    this.#palette = readPalette(devicePixelRatio);
    new ResizeObserver(() => this.#resize()).observe(canvas);
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
    this.#isStale = true;
    this.#draw();
  }

  show(lane: LaneView | null, now: number): void {
    if (lane === null && now === this.#now) return;
    if (lane !== null) this.#lane = lane;
    this.#now = now;
    this.#isStale = true;
    this.#draw();
  }

  bracket(span: Span): void {
    this.#span = span;
    this.#draw();
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#isStale = true;
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
    const pen = canvas.getContext("2d");
    const width = canvas.width / devicePixelRatio;
    if (pen === null || width === 0) return;
    if (this.#isStale) this.#paintStrip();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(this.#strip, 0, 0);
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#paintBracket(pen, (at) => this.#x(at, width), width);
  }

  #x(at: number, width: number): number {
    return at / Math.max(1, this.#now) * width;
  }

  /** The lane itself; while only the bracket moves it stays as it is. */
  #paintStrip(): void {
    this.#isStale = false;
    const strip = this.#strip;
    strip.width = this.#canvas.width;
    strip.height = this.#canvas.height;
    const pen = strip.getContext("2d");
    if (pen === null || strip.width === 0) return;
    pen.scale(devicePixelRatio, devicePixelRatio);
    const width = strip.width / devicePixelRatio;
    pen.fillStyle = this.#palette.sunken;
    pen.fillRect(0, STRIP_Y, width, STRIP_PX);
    for (const slice of slicesOf(this.#lane?.slices ?? NO_SLICES)) {
      pen.fillStyle = this.#palette.states[slice.state].fill;
      const left = this.#x(slice.start, width);
      const right = this.#x(slice.end, width);
      pen.fillRect(left, STRIP_Y, Math.max(1, right - left), STRIP_PX);
    }
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
