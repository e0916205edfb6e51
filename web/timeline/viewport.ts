// The part of virtual time that is on screen: zooming, panning, fitting and
// following the present command. Pure arithmetic; it knows no pixels but the
// width it is asked about.

export interface Span {
  fromNs: number;
  toNs: number;
}

/** Nobody needs to see less than this across the screen. */
const SPAN_MIN_NS = 200;
/** A new command starts with this much in view. */
const EPISODE_NS = 2_000_000;
/** The part of the view that what happened may fill while following. */
const FOLLOW_FILL = 0.82;
/** Room before and after what is fitted. */
const MARGIN = 0.04;

/** Zooms by `factor` (above 1 is out) and keeps `pivotNs` where it is. */
export function zoomed(span: Span, pivotNs: number, factor: number): Span {
  const width = span.toNs - span.fromNs;
  const next = Math.max(SPAN_MIN_NS, width * factor);
  const left = (pivotNs - span.fromNs) / width;
  const fromNs = pivotNs - left * next;
  return { fromNs, toNs: fromNs + next };
}

/** Moves by a part of the view's width. */
export function panned(span: Span, part: number): Span {
  const by = (span.toNs - span.fromNs) * part;
  return { fromNs: span.fromNs + by, toNs: span.toNs + by };
}

/** Shows all of `from` to `to` with a margin. */
export function fitted(fromNs: number, toNs: number): Span {
  const width = Math.max(SPAN_MIN_NS, toNs - fromNs);
  return { fromNs: fromNs - width * MARGIN, toNs: toNs + width * MARGIN };
}

/** Nothing lies before 0 or long after now: some of it stays in view. */
export function clamped(span: Span, nowNs: number): Span {
  const width = span.toNs - span.fromNs;
  const earliest = -0.5 * width;
  const latest = Math.max(0, nowNs - 0.1 * width);
  const fromNs = Math.min(Math.max(span.fromNs, earliest), latest);
  return { fromNs, toNs: fromNs + width };
}

/**
 * The view that shows the present command from its beginning as far as it got. It grows
 * in steps of half its width, so that the picture stands still in between.
 */
export function following(span: Span, episode: Span): Span {
  let width = EPISODE_NS;
  while (episode.toNs - episode.fromNs > width * FOLLOW_FILL) width *= 1.5;
  const fromNs = episode.fromNs - width * MARGIN;
  const same = Math.abs(fromNs - span.fromNs) < 1 &&
    Math.abs(fromNs + width - span.toNs) < 1;
  return same ? span : { fromNs, toNs: fromNs + width };
}
