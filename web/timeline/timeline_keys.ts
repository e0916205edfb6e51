// The keys of the timeline, as Perfetto has them: which key does what. What it
// does is its owner's.

/** What keys can ask of a timeline. */
export interface KeyOwner {
  zoomBy(factor: number): void;
  panBy(part: number): void;
  /** Centres the selection; again: all. */
  focus(): void;
  chooseLane(step: 1 | -1): void;
  chooseBeside(step: 1 | -1): void;
  /** Where it came from (−1), where it goes (1). */
  alongFlow(step: 1 | -1): void;
  clear(): void;
  /** On to the sentence and its buttons. */
  openDetails(): void;
  turnPin(): void;
  turnFold(): void;
  /** Marks the chosen slice as a span, or takes the mark away. */
  turnMark(): void;
}

const ZOOM_STEP = 1.25;
const PAN_STEP = 0.15;

const KEYS: { [key: string]: (owner: KeyOwner) => void } = {
  w: (owner) => owner.zoomBy(1 / ZOOM_STEP),
  s: (owner) => owner.zoomBy(ZOOM_STEP),
  a: (owner) => owner.panBy(-PAN_STEP),
  d: (owner) => owner.panBy(PAN_STEP),
  f: (owner) => owner.focus(),
  ArrowUp: (owner) => owner.chooseLane(-1),
  ArrowDown: (owner) => owner.chooseLane(1),
  ",": (owner) => owner.chooseBeside(-1),
  ".": (owner) => owner.chooseBeside(1),
  "[": (owner) => owner.alongFlow(-1),
  "]": (owner) => owner.alongFlow(1),
  q: (owner) => owner.clear(),
  Escape: (owner) => owner.clear(),
  Enter: (owner) => owner.openDetails(),
  p: (owner) => owner.turnPin(),
  o: (owner) => owner.turnFold(),
  x: (owner) => owner.turnMark(),
};

/** What a key does; null if it is none of the timeline's. */
export function actOf(key: string): ((owner: KeyOwner) => void) | null {
  return KEYS[key.length === 1 ? key.toLowerCase() : key] ?? null;
}
