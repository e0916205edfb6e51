// The state palette: for each thing a lane can show its letter, its words and
// its pattern. Colours are not here: style/tokens.css names them as tokens
// (--s-run, --m-run, …) and both the canvas and the static figure read those.

/** Every state a slice can be in. */
export type State =
  | "run"
  | "kernel"
  | "callback"
  | "ready"
  | "disk"
  | "net"
  | "keys"
  | "timer"
  | "lock"
  | "event"
  | "seek"
  | "turn"
  | "transfer"
  | "packet"
  | "cable"
  | "posted";

/** One repeating tile, in px, drawn with a stroke or filled. */
export interface Tile {
  width: number;
  height: number;
  path: string;
  stroke: number;
}

export interface StateLook {
  letter: string;
  /** What the legend calls it. */
  name: string;
  /** The word after the letter, when there is room. */
  word: string;
  tile: Tile | null;
}

function stroked(
  width: number,
  height: number,
  path: string,
  stroke = 1,
): Tile {
  return { width, height, path, stroke };
}

function filled(width: number, height: number, path: string): Tile {
  return { width, height, path, stroke: 0 };
}

function dot(x: number, y: number, radius: number): string {
  const diameter = 2 * radius;
  return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${diameter} 0` +
    `a${radius} ${radius} 0 1 0 ${-diameter} 0z`;
}

const HATCH = "M-1.5 1.5L1.5 -1.5M-1 7L7 -1M4.5 7.5L7.5 4.5";

export const STATES: Readonly<Record<State, StateLook>> = {
  run: { letter: "R", name: "running", word: "running", tile: null },
  kernel: {
    letter: "K",
    name: "kernel",
    word: "kernel",
    tile: filled(4, 4, "M0 1h4v1H0z"),
  },
  callback: {
    letter: "C",
    name: "callback",
    word: "callback",
    tile: stroked(8, 8, "M2 0L6 4L2 8", 1.25),
  },
  ready: {
    letter: "Q",
    name: "ready",
    word: "ready",
    tile: stroked(6, 6, HATCH, 1.5),
  },
  disk: {
    letter: "B",
    name: "disk",
    word: "disk",
    tile: filled(6, 6, dot(1.5, 1.5, 0.9) + dot(4.5, 4.5, 0.9)),
  },
  net: {
    letter: "B",
    name: "net",
    word: "net",
    tile: stroked(8, 6, "M0 4.5L4 1.5L8 4.5"),
  },
  keys: {
    letter: "B",
    name: "keys",
    word: "keys",
    tile: stroked(7, 7, "M1.5 1.5h4v4h-4z"),
  },
  timer: {
    letter: "B",
    name: "timer",
    word: "timer",
    tile: stroked(10, 6, "M0 1.5h5M5 4.5h5"),
  },
  lock: {
    letter: "B",
    name: "lock",
    word: "lock",
    tile: stroked(6, 6, "M0 0L6 6M6 0L0 6"),
  },
  event: {
    letter: "B",
    name: "event",
    word: "event",
    tile: filled(5, 5, "M2 0h1v5H2z"),
  },
  seek: { letter: "S", name: "seek", word: "seek", tile: null },
  turn: {
    letter: "O",
    name: "turn",
    word: "turn",
    tile: stroked(6, 6, "M0 6A6 6 0 0 1 6 0"),
  },
  transfer: { letter: "T", name: "transfer", word: "transfer", tile: null },
  packet: { letter: "N", name: "packet", word: "packet", tile: null },
  cable: {
    letter: "F",
    name: "on the cable",
    word: "on the cable",
    tile: stroked(8, 6, "M2 3h4", 1.25),
  },
  posted: {
    letter: "E",
    name: "event posted",
    word: "posted",
    tile: filled(4, 4, dot(1, 1, 0.9)),
  },
};

/** In the order of the palette. */
export const STATE_NAMES = Object.keys(STATES) as State[];

/** The states in which a thread waits for something. */
export const WAITS: ReadonlySet<State> = new Set<State>([
  "disk",
  "net",
  "keys",
  "timer",
  "lock",
  "event",
]);
