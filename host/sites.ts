// Numbered places in a program. A place in compiled JavaScript is looked up in
// the source map, gets the next number, and from then on is known by it: the
// number travels with a call, the line is found again when somebody asks.

import {
  decodedMappings,
  originalPositionFor,
  TraceMap,
} from "@jridgewell/trace-mapping";

/** Finds source lines and numbers places, for one file. */
export class Sites {
  /** The source line of site n is `lines[n - 1]`. */
  readonly lines: number[] = [];
  readonly #map: TraceMap;
  readonly #starts: number[];

  constructor(code: string, map: string) {
    this.#map = new TraceMap(map);
    this.#starts = lineStarts(code);
  }

  /** The source line of an offset in the compiled code; 1 if unknown. */
  lineOf(offset: number): number {
    return this.placeOf(offset).line;
  }

  /** Line from 1, column from 0. */
  placeOf(offset: number): { line: number; column: number } {
    const row = lastAtMost(this.#starts, offset);
    const column = offset - this.#starts[row]!;
    const found = originalPositionFor(this.#map, { line: row + 1, column });
    return { line: found.line ?? 1, column: found.column ?? 0 };
  }

  /** The source line of each line of the compiled code. */
  rows(): number[] {
    let last = 1;
    return decodedMappings(this.#map).map((segments) => {
      const row = segments.find((segment) => segment.length > 1)?.[2];
      return last = row === undefined ? last : row + 1;
    });
  }

  /** A number for the place at this offset. */
  number(offset: number): number {
    return this.lines.push(this.lineOf(offset));
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** The index of the last of these ascending numbers that is not above `value`. */
function lastAtMost(numbers: number[], value: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
