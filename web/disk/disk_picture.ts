/// <reference lib="dom" />
// The drive seen from above: rings for its zones, the platter turned as it is
// now, the arm over its cylinder, the wanted sector, the requests that wait. A
// drawing of a view; colours are tokens, and each mark has a shape of its own. It
// knows no trace, and its words are beside it.

import type { DriveRequest, DriveView } from "./disk_model.ts";
import { drawn, round, set, shape } from "../parts/svg.ts";

const CENTRE_X = 86, CENTRE_Y = 86;
/** Where the outermost and the innermost cylinder lie. */
const OUTER = 80, INNER = 24;
const HUB = 9;
/** The arm turns about a point at the lower right. */
const PIVOT_X = 166, PIVOT_Y = 172;
const ARM = 104;
/** More rings than this are a grey mass. */
const RINGS_MAX = 9;
/** A smaller arc would not be seen, as a part of a turn. */
const SWEEP_MIN = 0.025;
const LABELS_MAX = 6;

const PIVOT_DISTANCE = Math.hypot(PIVOT_X - CENTRE_X, PIVOT_Y - CENTRE_Y);
const PIVOT_ANGLE = Math.atan2(PIVOT_Y - CENTRE_Y, PIVOT_X - CENTRE_X);

interface Point {
  x: number;
  y: number;
}

/** How the drive is to be drawn when not all of it can be. */
export interface Manner {
  /** The platter turns too fast, or is not to be seen turning. */
  hidesTurning: boolean;
  /** The arm is where it goes to; it does not glide. */
  hidesGliding: boolean;
  selected: number;
}

export class DiskPicture {
  readonly element: SVGSVGElement;
  readonly #rings = group("rings");
  readonly #mark = group("mark");
  readonly #track = shape("circle", "track");
  readonly #sector = shape("path", "sector");
  readonly #dots = group("dots");
  readonly #arm = shape("path", "arm");
  readonly #head = shape("circle", "head");
  #ringsOf = "";

  constructor() {
    this.element = shape("svg", "platter") as SVGSVGElement;
    this.element.setAttribute("viewBox", "0 0 184 190");
    this.element.setAttribute("aria-hidden", "true");
    const place = { cx: CENTRE_X, cy: CENTRE_Y };
    set(this.#track, place);
    set(this.#head, { r: 4 });
    this.#mark.append(
      drawn("path", "index", { d: `M${INNER - 4} 0H${OUTER + 4}` }),
      drawn("path", "turning", { d: arrow(15) }),
    );
    this.element.append(
      drawn("circle", "disc", { ...place, r: OUTER + 4 }),
      this.#rings,
      drawn("circle", "hub", { ...place, r: HUB }),
      this.#mark,
      this.#track,
      this.#sector,
      this.#dots,
      this.#arm,
      drawn("circle", "pivot", { cx: PIVOT_X, cy: PIVOT_Y, r: 7 }),
      this.#head,
    );
  }

  draw(view: DriveView, manner: Manner): void {
    this.#drawRings(view);
    const arm = manner.hidesGliding ? restingPlace(view) : view.arm;
    const radius = radiusOf(arm, view);
    const angle = headAngle(radius);
    this.element.classList.toggle("fast", manner.hidesTurning);
    this.#turn(angle - 2 * Math.PI * view.angle);
    this.#drawArm(pointAt(radius, angle));
    this.#drawTarget(view, manner);
    this.#drawWaiting(view, manner);
  }

  #drawRings(view: DriveView): void {
    if (this.#ringsOf === view.model) return;
    this.#ringsOf = view.model;
    const every = Math.ceil(view.zones.length / RINGS_MAX);
    const rings = view.zones.filter((_, i) => i % every === 0);
    this.#rings.replaceChildren(
      ...[...rings, view.cylinders - 1].map((cylinder) =>
        drawn("circle", "ring", {
          cx: CENTRE_X,
          cy: CENTRE_Y,
          r: round(radiusOf(cylinder, view)),
        })
      ),
    );
  }

  #turn(angle: number): void {
    const degrees = round(angle * 180 / Math.PI);
    const transform = `translate(${CENTRE_X} ${CENTRE_Y}) rotate(${degrees})`;
    this.#mark.setAttribute("transform", transform);
  }

  #drawArm({ x, y }: Point): void {
    this.#arm.setAttribute(
      "d",
      `M${PIVOT_X} ${PIVOT_Y}L${round(x)} ${round(y)}`,
    );
    set(this.#head, { cx: round(x), cy: round(y) });
  }

  /** The track the head goes to, and on it the sectors that are wanted. */
  #drawTarget(view: DriveView, { hidesTurning }: Manner): void {
    const { serving, phases } = view;
    const isOnArm = serving !== null && phases[0]?.name !== "buffer";
    hide(this.#track, !isOnArm);
    hide(this.#sector, !isOnArm || hidesTurning || serving.sectors === 0);
    if (!isOnArm) return;
    const radius = radiusOf(serving.cylinder, view);
    set(this.#track, { r: round(radius) });
    const from = sectorAngle(serving, view);
    const to = from + 2 * Math.PI * Math.max(SWEEP_MIN, serving.sweep);
    this.#sector.setAttribute("d", arc(radius, from, to));
  }

  #drawWaiting(view: DriveView, { hidesTurning, selected }: Manner): void {
    const labelled = view.waiting.length <= LABELS_MAX;
    const requests = view.serving === null
      ? view.waiting
      : [...view.waiting, view.serving];
    const marks = requests.flatMap((request) => {
      const radius = radiusOf(request.cylinder, view);
      const half = Math.PI * Math.max(SWEEP_MIN, request.sweep);
      const angle = hidesTurning
        ? headAngle(radius)
        : sectorAngle(request, view) + half;
      const point = pointAt(radius, angle);
      const parts = request === view.serving ? [] : [dot(request, point)];
      if (request.id === selected) parts.push(ringAround(point));
      if (labelled) parts.push(label(request, radius, angle));
      return parts;
    });
    this.#dots.replaceChildren(...marks);
  }
}

/** Without gliding: at its aim as soon as it has begun to move. */
function restingPlace({ arm, serving, phases }: DriveView): number {
  const moves = phases[0]?.name === "seek";
  return serving !== null && moves ? serving.cylinder : arm;
}

function radiusOf(cylinder: number, { cylinders }: DriveView): number {
  return OUTER - (OUTER - INNER) * cylinder / (cylinders - 1);
}

/** Where the arm's end meets a circle about the centre. */
function headAngle(radius: number): number {
  const cosine = (PIVOT_DISTANCE ** 2 + radius ** 2 - ARM ** 2) /
    (2 * PIVOT_DISTANCE * radius);
  return PIVOT_ANGLE - Math.acos(cosine);
}

/** Where a sector is now. The platter turns against the clock's hands. */
function sectorAngle(request: DriveRequest, view: DriveView): number {
  const ahead = request.angle - view.angle;
  return headAngle(radiusOf(request.cylinder, view)) + 2 * Math.PI * ahead;
}

function pointAt(radius: number, angle: number): Point {
  return {
    x: CENTRE_X + radius * Math.cos(angle),
    y: CENTRE_Y + radius * Math.sin(angle),
  };
}

/** Reads are round, writes are square, flushes are crosses. */
function dot({ what }: DriveRequest, { x, y }: Point): SVGElement {
  const [px, py] = [round(x), round(y)];
  if (what === "read") return drawn("circle", "dot", { cx: px, cy: py, r: 3 });
  const d = what === "write"
    ? `M${px - 3} ${py - 3}h6v6h-6z`
    : `M${px - 3} ${py - 3}l6 6m0 -6l-6 6`;
  return drawn("path", "dot", { d });
}

function ringAround({ x, y }: Point): SVGElement {
  return drawn("circle", "chosen", { cx: round(x), cy: round(y), r: 8 });
}

function label(
  { id }: DriveRequest,
  radius: number,
  angle: number,
): SVGElement {
  const { x, y } = pointAt(radius - 17, angle);
  const text = drawn("text", "number", { x: round(x), y: round(y + 3.5) });
  text.textContent = `#${id}`;
  return text;
}

function arc(radius: number, from: number, to: number): string {
  const start = pointAt(radius, from), end = pointAt(radius, to);
  const large = to - from > Math.PI ? 1 : 0;
  const [sx, sy, ex, ey] = [start.x, start.y, end.x, end.y].map(round);
  return `M${sx} ${sy}A${round(radius)} ${
    round(radius)
  } 0 ${large} 1 ${ex} ${ey}`;
}

/** Part of a circle about the origin, with a point at its end. */
function arrow(radius: number): string {
  const x = round(radius * Math.cos(-1.2)), y = round(radius * Math.sin(-1.2));
  return `M${radius} 0A${radius} ${radius} 0 0 0 ${x} ${y}` +
    `m5 -3l-6 2.5l4.5 4.5`;
}

function group(className: string): SVGElement {
  return shape("g", className);
}

function hide(element: SVGElement, isHidden: boolean): void {
  element.toggleAttribute("hidden", isHidden);
}
