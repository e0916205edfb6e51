// What the page asks of the worker behind the figures, and what it says.

import type { Recording } from "../../lessons/recording.ts";

export interface FigureRequest {
  number: number;
  figure: string;
  values: Record<string, number>;
  style: string;
}

export interface FigureAnswer {
  number: number;
  /** Null when it could not be run: `fault` says why. */
  recording: Recording | null;
  fault: string;
}
