// The figure of the first visit as it stands before any script has come: the same
// recording, drawn by the same code, with its program and its sentence beside it.

import { FIGURES } from "../../lessons/figures.ts";
import { CODE, WAYS } from "../../lessons/first.ts";
import {
  drawnNames,
  drawnPlot,
  FIRST_AXIS_NS,
  placesOf,
} from "../lessons/figure_drawing.ts";
import { LiveModel } from "../lessons/live_model.ts";
import { moment } from "../parts/units.ts";
import { highlighted } from "../start/highlighted.ts";
import type { Phrase } from "../trace/why.ts";

/** About as wide as it is on a large screen: it decides which labels fit. */
const PLOT_PX = 660;

/** As HTML; the live figure takes its place. */
export function firstFigure(): string {
  const model = new LiveModel(FIGURES.first!({}, "block"));
  const places = placesOf(model.rows, false);
  const end = model.endNs;
  const why = model.explain(model.subject, model.mostOf(model.subject), end);
  const tabs = Object.values(WAYS).map(({ name }, index) =>
    `<span class="live-tab"${
      index === 0 ? ' aria-selected="true"' : ""
    }>${name}</span>`
  );
  return `<div class="live first before">` +
    `<div class="live-head"><div class="live-tabs">${tabs.join("")}</div>` +
    `<span class="live-line">${WAYS.block.line}</span></div>` +
    `<div class="live-picture" style="height:${places.height}px">` +
    `<svg class="live-names" aria-hidden="true">${drawnNames(places)}</svg>` +
    `<div class="live-area"><svg class="live-plot" role="img" aria-label="${
      plain(why?.answer ?? [])
    }">${drawnPlot(places, FIRST_AXIS_NS, PLOT_PX)}</svg>` +
    `<div class="live-now turned" style="left:${
      end / FIRST_AXIS_NS * 100
    }%"><span class="live-tag mono">${moment(end)}</span></div></div></div>` +
    `<pre class="start-code">${CODE.block.map(codeLine).join("")}</pre>` +
    `<div class="live-why"><p class="question">${why?.question ?? ""}</p>` +
    `<p class="answer">${(why?.answer ?? []).map(phrase).join("")}</p></div>` +
    `<div class="live-bar"><span class="live-clock mono">${
      moment(end)
    }</span></div></div>`;
}

function codeLine(line: string, index: number): string {
  return `<span class="line"><span class="line-number">${
    index + 1
  }</span><code>${highlighted(line)}</code></span>`;
}

function phrase({ text, style }: Phrase): string {
  const safe = escaped(text);
  if (style === "plain") return safe;
  return style === "bold" ? `<b>${safe}</b>` : `<code>${safe}</code>`;
}

function plain(answer: readonly Phrase[]): string {
  return escaped(answer.map(({ text }) => text).join("")).replace(
    /"/g,
    "&quot;",
  );
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
