/// <reference lib="dom" />
// The timeline on the page: pointer and keys move the view, ask about slices
// and choose them. It holds what is on screen; what happened comes from outside
// as lanes, and where it goes next is told to its listener.

import { type Palette, readPalette } from "./palette.ts";
import {
  type Layout,
  layoutLanes,
  type Row,
  rowAt,
} from "./timeline_layout.ts";
import { paint } from "./timeline_paint.ts";
import { forgetWidths, type Mark } from "./timeline_picture.ts";
import type { Purpose, Status } from "../protocol.ts";
import { TimelinePointer } from "./timeline_pointer.ts";
import type { LaneView } from "../trace/trace_model.ts";
import {
  clamped,
  fitted,
  following,
  panned,
  type Span,
  zoomed,
} from "./viewport.ts";
import type { Explanation } from "../trace/why.ts";

export interface TimelineListener {
  /** The view moved, or has other dots to fill. */
  onView(span: Span, columns: number): void;
  /** Why was this lane as it was at that moment? */
  onAsk(laneId: string, at: number, purpose: Purpose): void;
  /** The choice was taken back. */
  onClear(): void;
  /** Following the present command was turned on or off. */
  onFollow(follows: boolean): void;
}

const GLIDE_MS = 160;
const ZOOM_STEP = 1.25;
const PAN_STEP = 0.15;

export class Timeline {
  readonly #canvas: HTMLCanvasElement;
  readonly #listener: TimelineListener;
  readonly #pointer: TimelinePointer;
  #palette: Palette;
  #lanes: LaneView[] = [];
  #layout: Layout = layoutLanes([], 0, 0);
  #span: Span = { fromNs: 0, toNs: 2_000_000 };
  #now = 0;
  /** The present command, as far as it got. */
  #episode: Span = { fromNs: 0, toNs: 0 };
  #follows = true;
  #scroll = 0;
  #selection: Mark | null = null;
  #hover: Mark | null = null;
  #glide = 0;
  #frame = 0;

  constructor(canvas: HTMLCanvasElement, listener: TimelineListener) {
    this.#canvas = canvas;
    this.#listener = listener;
    this.#palette = readPalette(devicePixelRatio);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#pointer = this.#listenToPointer();
  }

  get span(): Span {
    return this.#span;
  }

  get follows(): boolean {
    return this.#follows;
  }

  get selection(): Mark | null {
    return this.#selection;
  }

  /** The theme changed. */
  repaint(): void {
    forgetWidths();
    this.#palette = readPalette(devicePixelRatio);
    this.#draw();
  }

  /** What happened, as of `now`. */
  show(lanes: LaneView[], now: number): void {
    this.#lanes = lanes;
    this.#now = now;
    this.#place();
    this.#draw();
  }

  /** Where the machine is; the view goes along if it follows. */
  advance({ now, episodeNs, episodeEndNs }: Status): void {
    this.#now = now;
    this.#episode = { fromNs: episodeNs, toNs: Math.min(now, episodeEndNs) };
    if (this.#follows && !this.#pointer.isDragging) {
      const next = following(this.#span, this.#episode);
      if (next !== this.#span) this.#setSpan(next);
    }
    this.#draw();
  }

  follow(follows: boolean): void {
    if (this.#follows === follows) return;
    this.#follows = follows;
    this.#listener.onFollow(follows);
    if (follows) {
      this.#glideTo(following(this.#span, this.#episode));
    }
  }

  zoom(factor: number, pivotNs = this.#pivot()): void {
    this.#stopFollowing();
    this.#glideTo(zoomed(this.#span, pivotNs, factor));
  }

  fit(): void {
    this.#stopFollowing();
    this.#glideTo(fitted(0, Math.max(this.#now, 1000)));
  }

  /** Puts an answer's slice in a ring. */
  answered(explanation: Explanation, purpose: Purpose): void {
    const { laneId, start, end } = explanation;
    const mark = { laneId, start, end };
    if (purpose === "select") this.#selection = mark;
    else this.#hover = mark;
    this.#draw();
  }

  clear(): void {
    this.#selection = null;
    this.#hover = null;
    this.#listener.onClear();
    this.#draw();
  }

  /** Takes a key that the page passes on; false if it is none of its own. */
  key(event: KeyboardEvent): boolean {
    const act = this.#actOf(event.key);
    if (act === null) return false;
    act();
    return true;
  }

  #actOf(key: string): (() => void) | null {
    switch (key.length === 1 ? key.toLowerCase() : key) {
      case "w":
        return () => this.zoom(1 / ZOOM_STEP);
      case "s":
        return () => this.zoom(ZOOM_STEP);
      case "a":
        return () => this.#pan(-PAN_STEP);
      case "d":
        return () => this.#pan(PAN_STEP);
      case "f":
        return () => this.#focus();
      case "ArrowUp":
        return () => this.#chooseLane(-1);
      case "ArrowDown":
        return () => this.#chooseLane(1);
      case ",":
        return () => this.#chooseBeside(-1);
      case ".":
        return () => this.#chooseBeside(1);
      case "Escape":
        return () => this.clear();
      default:
        return null;
    }
  }

  /** Centres the selection; when it is in the middle already, fits all. */
  #focus(): void {
    const mark = this.#selection;
    if (mark === null || mark.end <= mark.start) return this.fit();
    const width = (mark.end - mark.start) / 0.6;
    const middle = (mark.start + mark.end) / 2;
    const span = { fromNs: middle - width / 2, toNs: middle + width / 2 };
    const same = Math.abs(span.fromNs - this.#span.fromNs) < width / 100 &&
      Math.abs(span.toNs - this.#span.toNs) < width / 100;
    if (same) return this.fit();
    this.#stopFollowing();
    this.#glideTo(span);
  }

  #pan(part: number): void {
    this.#stopFollowing();
    this.#setSpan(clamped(panned(this.#span, part), this.#now));
  }

  #chooseLane(step: 1 | -1): void {
    const { rows } = this.#layout;
    if (rows.length === 0) return;
    const present = rows.findIndex(({ lane }) =>
      lane.id === this.#selection?.laneId
    );
    const index = present < 0
      ? (step > 0 ? 0 : rows.length - 1)
      : Math.min(Math.max(present + step, 0), rows.length - 1);
    const row = rows[index]!;
    this.#reveal(row);
    this.#ask("select", row.lane.id, this.#momentIn(row));
  }

  /** Where in another lane to look: the same moment, or the last slice on screen. */
  #momentIn(row: Row): number {
    const middle = this.#selection === null
      ? this.#now - 1
      : (this.#selection.start + this.#selection.end) / 2;
    const slices = row.lane.slices;
    if (slices.some((slice) => slice.start <= middle && slice.end > middle)) {
      return middle;
    }
    const nearest = slices.at(-1);
    return nearest === undefined ? middle : (nearest.start + nearest.end) / 2;
  }

  #chooseBeside(step: 1 | -1): void {
    const mark = this.#selection;
    if (mark === null) return this.#chooseLane(1);
    const at = this.#beside(mark, step);
    if (at < 0 || at >= this.#now) return;
    this.#ask("select", mark.laneId, at);
    if (at < this.#span.fromNs || at > this.#span.toNs) {
      const width = this.#span.toNs - this.#span.fromNs;
      this.#stopFollowing();
      this.#setSpan({ fromNs: at - width / 2, toNs: at + width / 2 });
    }
  }

  /** A moment in the slice after or before a mark; −1 if there is none on screen. */
  #beside(mark: Mark, step: 1 | -1): number {
    if (mark.end > mark.start) return step > 0 ? mark.end : mark.start - 1;
    const row = this.#layout.rows.find(({ lane }) => lane.id === mark.laneId);
    const slices = row?.lane.slices ?? [];
    const found = step > 0
      ? slices.find(({ start }) => start >= mark.end)
      : slices.findLast(({ end }) => end <= mark.start);
    return found === undefined ? -1 : (found.start + found.end) / 2;
  }

  #reveal(row: Row): void {
    const { axis, fixed } = this.#layout;
    const height = this.#canvas.clientHeight - axis;
    if (row.top < fixed) return;
    if (row.top - fixed < this.#scroll) this.#scroll = row.top - fixed;
    if (row.top + row.full > this.#scroll + height) {
      this.#scroll = row.top + row.full - height;
    }
  }

  // ----------------------------------------------------------- the view

  #pivot(): number {
    const { fromNs, toNs } = this.#span;
    const { x } = this.#pointer;
    if (x !== null) return this.#timeAt(x);
    const nowInView = this.#now >= fromNs && this.#now <= toNs;
    return nowInView ? this.#now : (fromNs + toNs) / 2;
  }

  #timeAt(x: number): number {
    const plot = this.#canvas.clientWidth - this.#layout.labels;
    const { fromNs, toNs } = this.#span;
    return fromNs + (x - this.#layout.labels) / plot * (toNs - fromNs);
  }

  #stopFollowing(): void {
    if (!this.#follows) return;
    this.#follows = false;
    this.#listener.onFollow(false);
  }

  #glideTo(target: Span): void {
    cancelAnimationFrame(this.#glide);
    const to = clamped(target, this.#now);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      return this.#setSpan(to);
    }
    const from = this.#span;
    const begin = performance.now();
    const frame = (time: number) => {
      const part = Math.min(1, Math.max(0, (time - begin) / GLIDE_MS));
      const eased = 1 - (1 - part) ** 3;
      this.#setSpan(between(from, to, eased));
      if (part < 1) this.#glide = requestAnimationFrame(frame);
    };
    this.#glide = requestAnimationFrame(frame);
  }

  /** Shows another part of time. */
  setSpan(span: Span): void {
    this.#stopFollowing();
    this.#setSpan(clamped(span, this.#now));
  }

  #setSpan(span: Span): void {
    this.#span = span;
    this.#tellView();
    this.#draw();
  }

  #tellView(): void {
    const columns = this.#canvas.clientWidth - this.#layout.labels;
    this.#listener.onView(this.#span, Math.max(100, columns));
  }

  // ----------------------------------------------------------- pointer

  #listenToPointer(): TimelinePointer {
    return new TimelinePointer(this.#canvas, {
      span: () => this.#span,
      timeAt: (x) => this.#timeAt(x),
      plotPx: () => this.#canvas.clientWidth - this.#layout.labels,
      isOverNames: (x) => x < this.#layout.labels,
      onGrab: () => cancelAnimationFrame(this.#glide),
      onSpan: (span) => this.setSpan(span),
      onScroll: (px) => this.#scrollBy(px),
      onPoint: (x, y) => this.#askAt("hover", x, y),
      onClick: (x, y) => this.#askAt("select", x, y),
      onLeave: () => this.#leave(),
    });
  }

  /** Back to the sentence of the chosen slice, if there is one. */
  #leave(): void {
    this.#hover = null;
    this.#draw();
    if (this.#selection === null) this.#listener.onClear();
    else this.refresh();
  }

  /** Asks about the chosen slice again: it may have grown. */
  refresh(): void {
    const mark = this.#selection;
    if (mark !== null) this.#ask("select", mark.laneId, mark.start);
  }

  #scrollBy(px: number): void {
    const height = this.#canvas.clientHeight - this.#layout.axis;
    const most = Math.max(0, this.#layout.content - height);
    this.#scroll = Math.min(most, Math.max(0, this.#scroll + px));
    this.#draw();
  }

  #askAt(purpose: Purpose, x: number, y: number): void {
    const row = rowAt(this.#layout, y - this.#layout.axis, this.#scroll);
    if (row === null || x < this.#layout.labels) {
      this.#hover = null;
      if (purpose === "select") this.clear();
      return this.#draw();
    }
    this.#ask(purpose, row.lane.id, Math.floor(this.#timeAt(x)));
  }

  #ask(purpose: Purpose, laneId: string, at: number): void {
    if (purpose === "select" && this.#selection?.laneId !== laneId) {
      this.#selection = { laneId, start: at, end: at };
    }
    this.#listener.onAsk(laneId, at, purpose);
  }

  // ----------------------------------------------------------- drawing

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#place();
    this.#tellView();
    this.#paintNow();
  }

  #place(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#layout = layoutLanes(this.#lanes, clientWidth, clientHeight);
    this.#scrollBy(0);
  }

  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => this.#paintNow());
  }

  #paintNow(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const pen = this.#canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (pen === null || width === 0) return;
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paint(pen, {
      width,
      height,
      span: this.#span,
      now: this.#now,
      layout: this.#layout,
      scroll: this.#scroll,
      selection: this.#selection,
      hover: this.#hover,
      palette: this.#palette,
    });
  }
}

function between(from: Span, to: Span, part: number): Span {
  return {
    fromNs: from.fromNs + (to.fromNs - from.fromNs) * part,
    toNs: from.toNs + (to.toNs - from.toNs) * part,
  };
}
