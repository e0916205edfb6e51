/// <reference lib="dom" />
// How far the compiler is on its way: a sentence and a bar with real numbers,
// once it takes longer than a moment.

import { byId } from "../parts/elements.ts";

const LOADING_AFTER_MS = 300;
const MEGABYTE = 1_000_000;

let loadingSince = 0;

/** A sentence and a bar with real numbers, once it takes longer than 300 ms. */
export function showLoading(loaded: number, total: number): void {
  const size = (bytes: number) => (bytes / MEGABYTE).toFixed(1);
  if (loadingSince === 0) loadingSince = performance.now();
  const known = total >= loaded && total > 0;
  byId("loading-text").textContent = `Loading the compiler${
    known ? `, ${size(total)} MB` : ""
  }, once.`;
  byId("loading-size").textContent = known
    ? `${size(loaded)} of ${size(total)} MB`
    : `${size(loaded)} MB`;
  const bar = byId("loading-bar") as HTMLProgressElement;
  bar.value = known ? loaded / total : 0;
  const isLate = performance.now() - loadingSince >= LOADING_AFTER_MS;
  byId("loading").hidden = loaded === total || !isLate;
}
