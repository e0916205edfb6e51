/// <reference lib="dom" />
// The timeline on the page: pointer and keys move the view, ask about slices
// and choose them. It holds what is on screen; what happened comes from outside
// as lanes, and where it goes next is told to its listener.

import { Glide } from "./glide.ts";
import { type Palette, readPalette } from "./palette.ts";
import { actOf, type KeyOwner } from "./timeline_keys.ts";
import {
  type Layout,
  layoutLanes,
  type Row,
  rowAt,
  rowsWithin,
} from "./timeline_layout.ts";
import { paint } from "./timeline_paint.ts";
import { forgetWidths, type Mark } from "./timeline_picture.ts";
import type { Purpose, Status, Step } from "../protocol.ts";
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

/** A part of time for so many columns, and the lanes whose slices are needed. */
export interface Wanted extends Span {
  /** So much at both ends is not in view yet. */
  marginNs: number;
  columns: number;
  wanted: string[];
}

export interface TimelineListener {
  /** The view moved. */
  onView(span: Span): void;
  /** It needs the slices of a part of time: what is in view, and beside it. */
  onWant(wanted: Wanted): void;
  /**
   * Why was this lane as it was at that moment? With a step: in the slice
   * before, after or nearest.
   */
  onAsk(laneId: string, at: number, purpose: Purpose, step: Step): void;
  /** The choice was taken back. */
  onClear(): void;
  /** Following the present command was turned on or off. */
  onFollow(follows: boolean): void;
  /** The visitor wants to be at that moment. */
  onGoTo(atNs: number): void;
  /** The keyboard goes on to the sentence and its buttons. */
  onDetails(): void;
  /** A span was marked (on the chosen lane, if there is one), or no more. */
  onMark(span: Span | null, laneId: string | null): void;
}

/** Rows this far outside the view have their slices as well. */
const BESIDE_PX = 240;
/** So few lanes are all fetched, whether in view or not. */
const FEW_LANES = 24;
/** An answer that does not come is not waited for longer. */
const ANSWER_MS = 150;
/** So near to the edge of what it has, it asks for more: a part of the view. */
const EDGE = 0.1;
const REST_MS = 120;
const NOTHING: Span = { fromNs: 0, toNs: 0 };

export class Timeline implements KeyOwner {
  readonly #canvas: HTMLCanvasElement;
  readonly #listener: TimelineListener;
  readonly #pointer: TimelinePointer;
  readonly #lost: HTMLElement;
  readonly #glide = new Glide((span) => this.#setSpan(span));
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
  /** What was told of it. */
  #told: Explanation | null = null;
  #hover: Mark | null = null;
  #marked: Span | null = null;
  readonly #pinned = new Set<string>();
  readonly #turned = new Set<string>();
  #frame = 0;
  /** Of the canvas, px: asked for when it changes, not in each frame. */
  #width = 0;
  #height = 0;
  #wantsMore = false;
  #askedAt = -Infinity;
  /** The lanes that were asked for last. */
  #asked = "";
  /** The part of time that was asked for last. */
  #held: Span = NOTHING;
  #later: ReturnType<typeof setTimeout> | undefined;
  #wantsAll = false;

  constructor(canvas: HTMLCanvasElement, listener: TimelineListener) {
    this.#canvas = canvas;
    this.#listener = listener;
    this.#palette = readPalette(devicePixelRatio);
    this.#lost = document.createElement("p");
    this.#lost.className = "lost";
    this.#lost.hidden = true;
    canvas.after(this.#lost);
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#pointer = this.#listenToPointer();
  }

  /** All lanes are needed: the table shows them. */
  set wantsAll(all: boolean) {
    this.#wantsAll = all;
    this.#want();
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

  /** The lanes in the order in which they lie, folded ones left out. */
  get order(): string[] {
    return this.#layout.rows.map(({ lane }) => lane.id);
  }

  /** The theme changed. */
  repaint(): void {
    forgetWidths();
    this.#palette = readPalette(devicePixelRatio);
    this.#draw();
  }

  /** What happened, as of `now`; `lost` says what is no longer kept. */
  show(lanes: LaneView[], now: number, lost = ""): void {
    const isSame = sameLanes(this.#lanes, lanes);
    this.#lanes = lanes;
    this.#now = now;
    this.#lost.hidden = lost === "";
    if (this.#lost.textContent !== lost) this.#lost.textContent = lost;
    this.#askedAt = -Infinity;
    if (isSame) refill(this.#layout.rows, lanes);
    else this.#place();
    if (this.#wanted().join() !== this.#asked) this.#want();
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
    if (follows) this.#glideTo(following(this.#span, this.#episode));
  }

  fit(): void {
    this.#stopFollowing();
    this.#glideTo(fitted(0, Math.max(this.#now, 1000)));
  }

  /** Puts an answer's slice in a ring. */
  answered(explanation: Explanation, purpose: Purpose): void {
    const { laneId, start, end } = explanation;
    const mark = { laneId, start, end };
    if (purpose === "select") {
      const isNew = this.#selection?.laneId !== laneId ||
        this.#told?.start !== start;
      this.#selection = mark;
      this.#told = explanation;
      if (isNew) this.#bringIntoView(mark);
    } else this.#hover = mark;
    this.#draw();
  }

  /** Chooses what a lane was at a moment, wherever that is. */
  choose(laneId: string, at: number): void {
    this.#unfold(laneId);
    this.#ask("select", laneId, at);
  }

  clear(): void {
    this.#selection = null;
    this.#told = null;
    this.#hover = null;
    this.#mark(null);
    this.#listener.onClear();
    this.#draw();
  }

  // ----------------------------------------------------------- keys

  /** Takes a key that the page passes on; false if it is none of its own. */
  key(event: KeyboardEvent): boolean {
    if (event.key === "Enter" && this.#selection === null) return false;
    const act = actOf(event.key);
    act?.(this);
    return act !== null;
  }

  zoomBy(factor: number): void {
    this.#stopFollowing();
    this.#glideTo(
      zoomed(this.#glide.target ?? this.#span, this.#pivot(), factor),
    );
  }

  panBy(part: number): void {
    this.#stopFollowing();
    this.#setSpan(clamped(panned(this.#span, part), this.#now));
  }

  /** Centres the selection; when it is in the middle already, fits all. */
  focus(): void {
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

  chooseLane(step: 1 | -1): void {
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
    this.#chooseNear(row);
  }

  chooseBeside(step: 1 | -1): void {
    const mark = this.#selection;
    if (mark === null) return this.chooseLane(1);
    const at = mark.end > mark.start && step < 0 ? mark.start : mark.end;
    this.#listener.onAsk(mark.laneId, at, "select", step);
  }

  alongFlow(step: 1 | -1): void {
    const place = step < 0 ? this.#told?.origin : this.#told?.goal;
    if (place !== null && place !== undefined) {
      this.choose(place.laneId, place.at);
    }
  }

  openDetails(): void {
    const row = this.#chosenRow();
    if (row?.isHeader) this.turnFold();
    else this.#listener.onDetails();
  }

  turnPin(): void {
    const row = this.#chosenRow();
    if (row === null || row.isHeader) return;
    turn(this.#pinned, row.lane.id);
    this.#arrange();
  }

  turnFold(): void {
    const row = this.#chosenRow();
    if (row?.fold !== null && row !== null) this.#turnFoldOf(row);
  }

  turnMark(): void {
    const mark = this.#selection;
    if (this.#marked !== null) return this.#mark(null);
    if (mark === null || mark.end <= mark.start) return;
    this.#mark({ fromNs: mark.start, toNs: mark.end });
  }

  // ----------------------------------------------------------- lanes

  #chosenRow(): Row | null {
    return this.#rowOf(this.#selection?.laneId ?? "");
  }

  #rowOf(laneId: string): Row | null {
    return this.#layout.rows.find(({ lane }) => lane.id === laneId) ?? null;
  }

  #turnFoldOf({ fold }: Row): void {
    if (fold === null) return;
    turn(this.#turned, fold.key);
    this.#arrange();
  }

  #arrange(): void {
    this.#place();
    const row = this.#chosenRow();
    if (row !== null) this.#reveal(row);
    this.#want();
    this.#draw();
  }

  /** Opens what hides a lane. */
  #unfold(laneId: string): void {
    if (this.#rowOf(laneId) !== null) return;
    const lane = this.#lanes.find(({ id }) => id === laneId);
    if (lane === undefined) return;
    if (!lane.isHome) this.#turned.add(`machine/${lane.machine}`);
    const thread = /^(.*)\/\d+$/.exec(laneId)?.[1] ?? "";
    if (lane.kind === "request") {
      if (lane.isHome) this.#turned.delete(thread);
      else this.#turned.delete(thread);
    }
    this.#place();
  }

  /** In another lane the same moment, or what is nearest to it. */
  #chooseNear({ lane }: Row): void {
    const { start, end } = this.#selection ??
      { start: this.#now - 1, end: this.#now - 1 };
    const { fromNs, toNs } = this.#span;
    const middle = Math.min(Math.max((start + end) / 2, fromNs), toNs);
    this.#ask("select", lane.id, Math.floor(middle), "near");
  }

  #reveal(row: Row): void {
    const { axis, fixed } = this.#layout;
    const height = this.#height - axis;
    if (row.top < fixed) return;
    if (row.top - fixed < this.#scroll) this.#scroll = row.top - fixed;
    if (row.top + row.full > this.#scroll + height) {
      this.#scroll = row.top + row.full - height;
    }
    this.#scrollBy(0);
  }

  // ----------------------------------------------------------- the view

  /** A chosen slice that lies outside is brought in: its lane, and its time. */
  #bringIntoView({ laneId, start, end }: Mark): void {
    const row = this.#rowOf(laneId);
    if (row !== null) this.#reveal(row);
    const { fromNs, toNs } = this.#span;
    if (end >= fromNs && start <= toNs) return;
    const width = toNs - fromNs;
    const middle = end - start > width ? start : (start + end) / 2;
    this.#stopFollowing();
    this.#glideTo({ fromNs: middle - width / 2, toNs: middle + width / 2 });
  }

  #pivot(): number {
    const { fromNs, toNs } = this.#span;
    const { x } = this.#pointer;
    if (x !== null) return this.#timeAt(x);
    const nowInView = this.#now >= fromNs && this.#now <= toNs;
    return nowInView ? this.#now : (fromNs + toNs) / 2;
  }

  get #plotPx(): number {
    return this.#width - this.#layout.labels;
  }

  #timeAt(x: number): number {
    const { fromNs, toNs } = this.#span;
    const part = (x - this.#layout.labels) / this.#plotPx;
    return fromNs + part * (toNs - fromNs);
  }

  #stopFollowing(): void {
    if (!this.#follows) return;
    this.#follows = false;
    this.#listener.onFollow(false);
  }

  #glideTo(target: Span): void {
    this.#glide.to(this.#span, clamped(target, this.#now));
  }

  /** Shows another part of time. */
  setSpan(span: Span): void {
    this.#stopFollowing();
    this.#glide.stop();
    this.#setSpan(clamped(span, this.#now));
  }

  #setSpan(span: Span): void {
    this.#span = span;
    this.#listener.onView(span);
    this.#want();
    this.#draw();
  }

  /** Before the next frame, what it will need is asked for. */
  #want(): void {
    this.#wantsMore = true;
    this.#draw();
  }

  /** One question at a time: the next is asked when the answer is there. */
  #askForMore(): void {
    if (!this.#wantsMore || this.#width === 0) return;
    if (this.#hasEnough()) return this.#askLater();
    const waits = performance.now() - this.#askedAt < ANSWER_MS;
    if (waits) return this.#draw();
    this.#wantsMore = false;
    this.#askedAt = performance.now();
    clearTimeout(this.#later);
    const { fromNs, toNs } = this.#span;
    const half = (toNs - fromNs) / 2;
    const wanted = this.#wanted();
    this.#asked = wanted.join();
    this.#held = { fromNs: fromNs - half, toNs: toNs + half };
    this.#listener.onWant({
      fromNs: fromNs - half,
      toNs: toNs + half,
      marginNs: half,
      columns: 2 * Math.max(100, this.#plotPx),
      wanted,
    });
  }

  /** What was asked for last reaches: the view has only been moved. */
  #hasEnough(): boolean {
    const { fromNs, toNs } = this.#span;
    const width = toNs - fromNs;
    const held = this.#held.toNs - this.#held.fromNs;
    if (Math.abs(held - 2 * width) > width / 1000) return false;
    const edge = width * EDGE;
    return fromNs >= this.#held.fromNs + edge &&
      toNs <= this.#held.toNs - edge && this.#wanted().join() === this.#asked;
  }

  /** When it has come to rest, it has as much on both sides again. */
  #askLater(): void {
    this.#wantsMore = false;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => {
      this.#held = NOTHING;
      this.#want();
    }, REST_MS);
  }

  /** The lanes in view and near it. */
  #wanted(): string[] {
    const { rows, fixed, axis } = this.#layout;
    if (this.#wantsAll || this.#lanes.length <= FEW_LANES) {
      return this.#lanes.map(({ id }) => id);
    }
    const top = fixed + this.#scroll - BESIDE_PX;
    const bottom = this.#scroll + this.#height - axis + BESIDE_PX;
    const near = [
      ...rowsWithin(rows, 0, fixed),
      ...rowsWithin(rows, Math.max(top, fixed), bottom),
    ];
    return near.map(({ lane }) => lane.id);
  }

  // ----------------------------------------------------------- pointer

  #listenToPointer(): TimelinePointer {
    return new TimelinePointer(this.#canvas, {
      span: () => this.#span,
      timeAt: (x) => this.#timeAt(x),
      plotPx: () => this.#plotPx,
      isOverNames: (x) => x < this.#layout.labels,
      canScroll: () => this.#scrollMost > 0,
      onGrab: () => this.#glide.stop(),
      onSpan: (span) => this.setSpan(span),
      onScroll: (px) => this.#scrollBy(px),
      onPoint: (x, y) => this.#askAt("hover", x, y),
      onClick: (x, y) => this.#click(x, y),
      onDoubleClick: (x) => {
        if (x >= this.#layout.labels) this.#goTo(this.#timeAt(x));
      },
      onMark: (span, isDone) => {
        if (isDone) this.#mark(span);
        else this.#showMarked(span);
      },
      onLeave: () => this.#leave(),
    });
  }

  #goTo(at: number): void {
    this.#listener.onGoTo(Math.max(0, Math.floor(at)));
  }

  #mark(span: Span | null): void {
    if (span === null && this.#marked === null) return;
    this.#showMarked(span);
    this.#listener.onMark(span, this.#selection?.laneId ?? null);
  }

  #showMarked(span: Span | null): void {
    this.#marked = span;
    this.#draw();
  }

  #click(x: number, y: number): void {
    const row = this.#rowAt(y);
    const isName = x < this.#layout.labels || this.#layout.labels === 0;
    const onTurn = isName && x < 20 || row?.isHeader === true;
    if (row !== null && row.fold !== null && onTurn) {
      return this.#turnFoldOf(row);
    }
    if (row !== null && x < this.#layout.labels) {
      return this.#chooseNear(row);
    }
    this.#askAt("select", x, y);
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

  get #scrollMost(): number {
    const height = this.#height - this.#layout.axis;
    return Math.max(0, this.#layout.content - height);
  }

  #scrollBy(px: number): void {
    const next = Math.min(this.#scrollMost, Math.max(0, this.#scroll + px));
    if (next !== this.#scroll) this.#want();
    this.#scroll = next;
    this.#draw();
  }

  #rowAt(y: number): Row | null {
    return rowAt(this.#layout, y - this.#layout.axis, this.#scroll);
  }

  #askAt(purpose: Purpose, x: number, y: number): void {
    const row = this.#rowAt(y);
    if (row === null || x < this.#layout.labels) {
      this.#hover = null;
      if (purpose === "select") this.clear();
      return this.#draw();
    }
    this.#ask(purpose, row.lane.id, Math.floor(this.#timeAt(x)));
  }

  #ask(
    purpose: Purpose,
    laneId: string,
    at: number,
    step: Step = 0,
  ): void {
    if (purpose === "select" && this.#selection?.laneId !== laneId) {
      this.#selection = { laneId, start: at, end: at };
      this.#told = null;
      this.#draw();
    }
    this.#listener.onAsk(laneId, at, purpose, step);
  }

  // ----------------------------------------------------------- drawing

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#place();
    this.#held = NOTHING;
    this.#listener.onView(this.#span);
    this.#want();
    this.#paintNow();
  }

  #place(): void {
    this.#layout = layoutLanes(this.#lanes, this.#width, this.#height, {
      pinned: this.#pinned,
      turned: this.#turned,
    });
    this.#scroll = Math.min(this.#scroll, this.#scrollMost);
  }

  #draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => this.#paintNow());
  }

  #paintNow(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#askForMore();
    const pen = this.#canvas.getContext("2d");
    const width = this.#width, height = this.#height;
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
      arrows: this.#told?.arrows ?? [],
      marked: this.#marked,
      palette: this.#palette,
    });
  }
}

/** The same rows in the same order, whatever is in them. */
function sameLanes(old: LaneView[], fresh: LaneView[]): boolean {
  return old.length === fresh.length &&
    fresh.every(({ id }, index) => id === old[index]!.id);
}

/** What has happened since, into the rows that there are. */
function refill(rows: Row[], lanes: LaneView[]): void {
  const fresh = new Map(lanes.map((lane) => [lane.id, lane]));
  for (const row of rows) {
    const lane = fresh.get(row.lane.id);
    if (lane === undefined) continue; // a machine's name
    const { name } = lane.isHome ? lane : row.lane;
    row.lane = lane.isHome ? lane : { ...lane, name };
  }
}

function turn(set: Set<string>, key: string): void {
  if (!set.delete(key)) set.add(key);
}
