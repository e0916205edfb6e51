/// <reference lib="dom" />
// The line between two parts of the playground: dragged, moved by arrow keys,
// and put back by a double click. How large a part was made is kept for the
// next visit.

import { keep } from "./keep.ts";

export interface SplitterOptions {
  /** What both parts lie in: it gets the custom property. */
  box: HTMLElement;
  /** The part whose size is set. */
  part: HTMLElement;
  /** Its custom property, also where its size is kept. */
  property: string;
  /** Whether the part lies after the line. */
  after: boolean;
  /** Smallest size of the part, and of what is left, in px. */
  minPx: number;
  restMinPx: number;
}

const STEP_PX = 16;

export function makeSplitter(
  splitter: HTMLElement,
  options: SplitterOptions,
): void {
  const { box, part, property, after } = options;
  const upright = splitter.ariaOrientation === "vertical";
  const whole = () => upright ? box.clientWidth : box.clientHeight;
  const present = () => upright ? part.clientWidth : part.clientHeight;
  const set = (px: number) => {
    const most = whole() - options.restMinPx;
    const size = Math.round(Math.max(options.minPx, Math.min(most, px)));
    box.style.setProperty(property, `${size}px`);
    splitter.ariaValueNow = String(Math.round(100 * size / whole()));
    keep(`kettle${property}`, String(size));
  };
  const kept = keptSize(property);
  if (kept !== null) set(kept);
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
  });
  splitter.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    const { left, top } = box.getBoundingClientRect();
    const at = upright ? event.clientX - left : event.clientY - top;
    set(after ? whole() - at : at);
  });
  splitter.addEventListener("dblclick", () => {
    box.style.removeProperty(property);
    keep(`kettle${property}`, null);
  });
  splitter.addEventListener("keydown", (event) => {
    const [less, more] = upright
      ? ["ArrowLeft", "ArrowRight"]
      : ["ArrowUp", "ArrowDown"];
    if (event.key !== less && event.key !== more) return;
    const grows = (event.key === more) !== after;
    set(present() + (grows ? STEP_PX : -STEP_PX));
    event.preventDefault();
  });
}

function keptSize(property: string): number | null {
  try {
    const size = Number(localStorage.getItem(`kettle${property}`));
    return size > 0 ? size : null;
  } catch {
    return null;
  }
}
