/// <reference lib="dom" />
// The pointer on the timeline: dragging pans, with Shift it marks a span; the
// wheel scrolls, with Ctrl (or when there is nothing to scroll) it zooms at the
// pointer; two fingers pinch, a click chooses, two go there. It knows time only
// through its owner.

import { panned, type Span, zoomed } from "./viewport.ts";

export interface PointerOwner {
  span(): Span;
  timeAt(x: number): number;
  /** Width of the part where time lies. */
  plotPx(): number;
  isOverNames(x: number): boolean;
  /** There are more lanes than fit. */
  canScroll(): boolean;
  onGrab(): void;
  onSpan(span: Span): void;
  onScroll(px: number): void;
  onPoint(x: number, y: number): void;
  onClick(x: number, y: number): void;
  onDoubleClick(x: number, y: number): void;
  /** A span is being marked, or has been. */
  onMark(span: Span, isDone: boolean): void;
  onLeave(): void;
}

interface Place {
  x: number;
  y: number;
}

/** Where it began, and what was in view then. */
interface Drag extends Place {
  span: Span;
  moved: boolean;
  /** It marks a span from there, ns; null: it pans. */
  marksFrom: number | null;
}

const DRAG_PX = 4;
/** Zoom per px of the wheel, and the most that one turn counts. */
const WHEEL_ZOOM = 0.004;
const WHEEL_PX_MAX = 60;
/** Fingers closer than this are one. */
const SPREAD_MIN_PX = 10;

export class TimelinePointer {
  readonly #owner: PointerOwner;
  readonly #touches = new Map<number, Place>();
  #drag: Drag | null = null;
  #pinch: { distance: number; span: Span } | null = null;
  /** Where it is, px from the left edge; null when it is elsewhere. */
  x: number | null = null;

  constructor(canvas: HTMLCanvasElement, owner: PointerOwner) {
    this.#owner = owner;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#press(event);
    });
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", (event) => this.#release(event));
    canvas.addEventListener("pointerleave", () => {
      this.x = null;
      owner.onLeave();
    });
    canvas.addEventListener("dblclick", (event) => {
      const { x, y } = placeOf(event);
      owner.onDoubleClick(x, y);
    });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), {
      passive: false,
    });
  }

  get isDragging(): boolean {
    return this.#drag !== null;
  }

  #press(event: PointerEvent): void {
    const place = placeOf(event);
    this.#touches.set(event.pointerId, place);
    this.#owner.onGrab();
    const span = this.#owner.span();
    const marks = event.shiftKey && !this.#owner.isOverNames(place.x);
    const marksFrom = marks ? this.#owner.timeAt(place.x) : null;
    this.#drag = { ...place, span, moved: false, marksFrom };
    if (this.#touches.size === 2) {
      this.#pinch = { distance: this.#spread(), span };
    }
  }

  #move(event: PointerEvent): void {
    const place = placeOf(event);
    this.x = place.x;
    if (this.#touches.has(event.pointerId)) {
      this.#touches.set(event.pointerId, place);
    }
    if (this.#pinch !== null) return this.#pinchTo(this.#pinch);
    if (this.#drag !== null) return this.#dragTo(place, this.#drag);
    this.#owner.onPoint(place.x, place.y);
  }

  #dragTo({ x, y }: Place, drag: Drag): void {
    if (Math.hypot(x - drag.x, y - drag.y) > DRAG_PX) drag.moved = true;
    if (!drag.moved) return;
    if (drag.marksFrom !== null) return this.#markTo(x, drag.marksFrom, false);
    this.#owner.onScroll(drag.y - y);
    drag.y = y;
    this.#owner.onSpan(panned(drag.span, (drag.x - x) / this.#owner.plotPx()));
  }

  #markTo(x: number, from: number, isDone: boolean): void {
    const at = this.#owner.timeAt(x);
    const span = { fromNs: Math.min(from, at), toNs: Math.max(from, at) };
    this.#owner.onMark(span, isDone);
  }

  #pinchTo({ distance, span }: { distance: number; span: Span }): void {
    const [first, second] = [...this.#touches.values()];
    if (first === undefined || second === undefined) return;
    const factor = distance / Math.max(SPREAD_MIN_PX, this.#spread());
    const pivot = this.#owner.timeAt((first.x + second.x) / 2);
    this.#owner.onSpan(zoomed(span, pivot, factor));
  }

  #spread(): number {
    const [first, second] = [...this.#touches.values()];
    if (first === undefined || second === undefined) return SPREAD_MIN_PX;
    return Math.abs(first.x - second.x);
  }

  #release(event: PointerEvent): void {
    const wasClick = this.#drag !== null && !this.#drag.moved &&
      this.#pinch === null && event.type === "pointerup";
    const drag = this.#drag;
    this.#drag = null;
    if (drag !== null && drag.moved && drag.marksFrom !== null) {
      this.#markTo(event.offsetX, drag.marksFrom, true);
    }
    this.#touches.delete(event.pointerId);
    if (this.#touches.size < 2) this.#pinch = null;
    const { x, y } = placeOf(event);
    if (wasClick) this.#owner.onClick(x, y);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { deltaX, deltaY, shiftKey, ctrlKey, metaKey, offsetX } = event;
    const span = this.#owner.span();
    const zooms = ctrlKey || metaKey;
    const sideways = shiftKey || Math.abs(deltaX) > Math.abs(deltaY);
    if (!zooms && sideways) {
      const part = (deltaX || deltaY) / this.#owner.plotPx();
      return this.#owner.onSpan(panned(span, part));
    }
    const overNames = this.#owner.isOverNames(offsetX);
    if (!zooms && (overNames || this.#owner.canScroll())) {
      return this.#owner.onScroll(deltaY);
    }
    const px = Math.max(-WHEEL_PX_MAX, Math.min(WHEEL_PX_MAX, deltaY));
    const factor = Math.exp(px * WHEEL_ZOOM);
    this.#owner.onSpan(zoomed(span, this.#owner.timeAt(offsetX), factor));
  }
}

function placeOf(event: MouseEvent): Place {
  return { x: event.offsetX, y: event.offsetY };
}
