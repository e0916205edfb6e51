/// <reference lib="webworker" />
// The worker behind the figures of the lessons: it runs small worlds of Kettle's
// own programs and gives back their recordings. No code of a visitor comes here,
// so it needs no sandbox. It knows no DOM.

import { FIGURES } from "../../lessons/figures.ts";
import type { FigureAnswer, FigureRequest } from "./figure_protocol.ts";

onmessage = ({ data }: MessageEvent<FigureRequest>) => {
  postMessage(answerTo(data));
};

function answerTo(
  { number, figure, values, style }: FigureRequest,
): FigureAnswer {
  const run = FIGURES[figure];
  try {
    if (run === undefined) throw new Error(`no figure is called ${figure}`);
    return { number, recording: run(values, style), fault: "" };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { number, recording: null, fault };
  }
}
