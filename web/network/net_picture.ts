/// <reference lib="dom" />
// The network from above: machines as boxes, cables between them, each packet
// where it is now. A drawing of a view; colours are tokens, and each kind of
// packet has a letter. It knows no trace, and its words are beside it.

import type { HostView, NetView } from "./net_model.ts";
import { PACKETS } from "./net_packets.ts";
import { cableWords } from "./net_words.ts";
import type { PacketGroup, WayView } from "./net_way.ts";
import { drawn, round, set, shape } from "../parts/svg.ts";

/** How large it is drawn: where there is little room, narrower and lower, with letters of the same size. */
interface Size {
  width: number;
  box: number;
  row: number;
}

const WIDE: Size = { width: 348, box: 84, row: 72 };
const NARROW: Size = { width: 208, box: 58, row: 50 };
/** Less than this is little, px. */
const NARROW_MAX_PX = 320;
const BOX_HEIGHT = 34;
/** Each way of a cable lies so far from its middle. */
const APART = 7;
const MARK_HEIGHT = 13;
const LETTER_WIDTH = 6.2;

interface Point {
  x: number;
  y: number;
}

/** How the network is to be drawn when it is not to be seen moving. */
export interface NetManner {
  /** A packet stands in the middle of its cable. */
  hidesGliding: boolean;
  /** Its mark has a ring. */
  selected: number;
}

export class NetPicture {
  readonly element = shape("svg", "net-picture") as SVGSVGElement;
  readonly #map = shape("g", "map");
  readonly #packets = shape("g", "packets");
  readonly #places = new Map<string, Point>();
  readonly #rings = new Map<string, SVGElement>();
  #mapOf = "";
  #size = WIDE;

  /** `onChoose` gets the number of a packet. */
  constructor(onChoose: (id: number) => void) {
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.#map, this.#packets);
    this.element.addEventListener("click", ({ target }) => {
      const mark = (target as Element).closest("[data-packet]");
      if (mark !== null) onChoose(Number(mark.getAttribute("data-packet")));
    });
  }

  draw(view: NetView, manner: NetManner): void {
    this.#drawMap(view);
    for (const [name, text] of this.#rings) {
      const words = ringsOf(name, view.ways);
      if (text.textContent !== words) text.textContent = words;
    }
    this.#packets.replaceChildren(
      ...view.ways.flatMap((way) => this.#drawWay(way, manner)),
    );
  }

  // ----------------------------------------------------------- what stands still

  #drawMap(view: NetView): void {
    const { clientWidth } = this.element.parentElement ?? this.element;
    const isNarrow = clientWidth > 0 && clientWidth < NARROW_MAX_PX;
    this.#size = isNarrow ? NARROW : WIDE;
    const key = JSON.stringify([view.hosts, view.cables, isNarrow]);
    if (key === this.#mapOf) return;
    this.#mapOf = key;
    const height = this.#place(view);
    const { width } = this.#size;
    set(this.element, { viewBox: `0 0 ${width} ${height}`, height });
    this.#rings.clear();
    this.#map.replaceChildren(
      ...view.cables.map(({ ends: [a, b] }) => {
        const [from, to] = [this.#places.get(a)!, this.#places.get(b)!];
        const line = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
        return drawn("line", "wire", line);
      }),
      ...view.hosts.flatMap((host) => this.#drawHost(host)),
      ...view.cables.map((cable) => this.#drawCableWords(cable)),
    );
  }

  /** The first machine at the left, who is next to it in the next column. */
  #place({ hosts, cables }: NetView): number {
    const columns = columnsOf(hosts.map(({ name }) => name), cables);
    const rows = Math.max(...columns.map(({ length }) => length));
    const { width, box, row: rowHeight } = this.#size;
    const height = rows * rowHeight;
    const step = (width - box) / Math.max(1, columns.length - 1);
    columns.forEach((names, column) =>
      names.forEach((name, row) => {
        const y = (row + 0.5) * height / names.length - 6;
        const x = box / 2 + column * step;
        this.#places.set(name, { x: round(x), y: round(y) });
      })
    );
    return height;
  }

  #drawHost({ name, isOn, isSwitch }: HostView): SVGElement[] {
    const { x, y } = this.#places.get(name)!;
    const kind = `host${isOn ? "" : " off"}${isSwitch ? " switch" : ""}`;
    const box = drawn("rect", kind, {
      x: x - this.#size.box / 2,
      y: y - BOX_HEIGHT / 2,
      width: this.#size.box,
      height: BOX_HEIGHT,
      rx: isSwitch ? 10 : 2,
    });
    const word = drawn("text", "host-name", { x, y: y - 2 });
    word.textContent = name;
    const rings = drawn("text", "rings", { x, y: y + 11 });
    if (isOn) this.#rings.set(name, rings);
    else rings.textContent = "off";
    return [box, word, rings];
  }

  /** Under the end that lies further to the right. */
  #drawCableWords(cable: NetView["cables"][number]): SVGElement {
    const [a, b] = cable.ends.map((name) => this.#places.get(name)!);
    const { x, y } = a!.x > b!.x ? a! : b!;
    const { width, box } = this.#size;
    const isLast = x + box / 2 >= width;
    const text = drawn("text", `cable-words${isLast ? " last" : ""}`, {
      x: isLast ? width : x,
      y: y + BOX_HEIGHT / 2 + 12,
    });
    text.textContent = cableWords(cable);
    return text;
  }

  // ----------------------------------------------------------- what moves

  #drawWay(way: WayView, manner: NetManner): SVGElement[] {
    const line = this.#lineOf(way);
    const marks = way.groups.flatMap((group) => markOf(group, line, manner));
    const lost = way.lost.map((_, i) => cross(at(line, 1 - i * 0.06)));
    return [...marks, ...lost];
  }

  /** From the edge of one box to that of the other, on the right-hand side. */
  #lineOf({ from, to }: WayView): [Point, Point] {
    const a = this.#places.get(from)!, b = this.#places.get(to)!;
    const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const [dx, dy] = [(b.x - a.x) / length, (b.y - a.y) / length];
    const inset = edgeDistance(dx, dy, this.#size.box) + 2;
    const [ox, oy] = [-dy * APART, dx * APART];
    return [
      { x: a.x + dx * inset + ox, y: a.y + dy * inset + oy },
      { x: b.x - dx * inset + ox, y: b.y - dy * inset + oy },
    ];
  }
}

/** Machines by how many cables lie between them and the first. */
function columnsOf(
  names: string[],
  cables: { ends: [string, string] }[],
): string[][] {
  const columns: string[][] = [];
  const left = new Set(names);
  let column = names.slice(0, 1);
  while (left.size > 0) {
    if (column.length === 0) column = [...left]; // no cable leads to them
    columns.push(column);
    for (const name of column) left.delete(name);
    const next = new Set<string>();
    for (const { ends: [a, b] } of cables) {
      if (column.includes(a) && left.has(b)) next.add(b);
      if (column.includes(b) && left.has(a)) next.add(a);
    }
    column = [...next];
  }
  return columns;
}

/** From a box's middle to its edge in a direction. */
function edgeDistance(dx: number, dy: number, boxWidth: number): number {
  const across = dx === 0 ? Infinity : boxWidth / 2 / Math.abs(dx);
  const along = dy === 0 ? Infinity : BOX_HEIGHT / 2 / Math.abs(dy);
  return Math.min(across, along);
}

/** Its bits on the wire as a stroke, and on it a box with its letter. */
function markOf(
  group: PacketGroup,
  line: [Point, Point],
  { hidesGliding, selected }: NetManner,
): SVGElement[] {
  const { place, tail, head, kinds, firstId } = group;
  const words = markWords(group);
  const width = Math.max(14, words.length * LETTER_WIDTH + 6);
  const { x, y } = at(line, hidesGliding ? 0.5 : place);
  const [from, to] = [at(line, tail), at(line, head)];
  const mark = drawn("g", `packet ${kinds.length > 1 ? "mixed" : kinds[0]}`, {
    "data-packet": firstId,
  });
  if (!hidesGliding) {
    const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    mark.append(drawn("line", "bits", ends));
  }
  const box = {
    x: round(x - width / 2),
    y: round(y - MARK_HEIGHT / 2),
    width,
    height: MARK_HEIGHT,
  };
  const text = drawn("text", "letter", { x, y: round(y + 3.5) });
  text.textContent = words;
  mark.append(drawn("rect", "box", { ...box, rx: 2 }), text);
  if (firstId === selected) mark.append(ring(box));
  return [mark];
}

/** `D`, `D×10`, `A+D`, or how many there are of several kinds. */
function markWords({ count, kinds }: PacketGroup): string {
  const letters = kinds.map((kind) => PACKETS[kind].letter).join("+");
  if (count === kinds.length && count < 3) return letters;
  return kinds.length === 1 ? `${letters}×${count}` : String(count);
}

function ring(
  box: { x: number; y: number; width: number; height: number },
): SVGElement {
  return drawn("rect", "chosen", {
    x: box.x - 3,
    y: box.y - 3,
    width: box.width + 6,
    height: box.height + 6,
    rx: 4,
  });
}

function cross({ x, y }: Point): SVGElement {
  const d = `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`;
  return drawn("path", "lost", { d });
}

function at([from, to]: [Point, Point], part: number): Point {
  return {
    x: round(from.x + (to.x - from.x) * part),
    y: round(from.y + (to.y - from.y) * part),
  };
}

/** What waits in the rings of its cards: `tx 12 rx 3`. */
function ringsOf(name: string, ways: WayView[]): string {
  let queued = 0, arrived = 0;
  for (const way of ways) {
    if (way.from === name) queued += way.queued;
    if (way.to === name) arrived += way.arrived;
  }
  return [queued > 0 ? `tx ${queued}` : "", arrived > 0 ? `rx ${arrived}` : ""]
    .filter((word) => word !== "").join(" ");
}
