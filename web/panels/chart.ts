/// <reference lib="dom" />
// One chart: its lines drawn by uPlot, a cursor that the pointer or the arrow keys
// move and that tells what was when, a press that goes to that time, and the same
// as a table. It gets a view and knows nothing else.

import uPlot from "uplot";
import { made, setText } from "../parts/elements.ts";
import { axisUnit, grouped, moment } from "../parts/units.ts";
import type { ChartKind, ChartLine } from "./chart_kinds.ts";
import type { ChartsView } from "./charts_model.ts";
import { ChoiceTable } from "./panel_parts.ts";

/** Rows of the table: each of so many parts of the window. */
const ROWS_EVERY = 8;
const AXIS_PX = 62;

export class Chart {
  readonly element: HTMLElement;
  readonly #kind: ChartKind;
  readonly #onGoTo: (atNs: number) => void;
  readonly #sentence = made("p", "sentence");
  readonly #readout = made("p", "readout");
  readonly #stage = made("div", "chart-stage");
  readonly #table: ChoiceTable;
  readonly #details = document.createElement("details");
  #plot: uPlot | null = null;
  #view: ChartsView | null = null;

  constructor(
    kind: ChartKind,
    syncKey: string,
    onGoTo: (atNs: number) => void,
  ) {
    this.#kind = kind;
    this.#onGoTo = onGoTo;
    this.element = made("div", `chart ${kind.id}`);
    this.element.dataset.sync = syncKey;
    const title = made("h3", "");
    title.textContent = kind.title;
    this.#table = new ChoiceTable(
      `${kind.title} as a table`,
      ["from", ...kind.lines.map(({ name }) => name)],
      (key) => onGoTo(Number(key)),
    );
    const summary = made("summary", "");
    summary.textContent = "Table";
    this.#details.append(summary, this.#table.element);
    this.#details.ontoggle = () => this.#fillTable();
    this.element.append(
      title,
      this.#sentence,
      this.#stage,
      this.#readout,
      this.#details,
    );
    this.#listen();
    new ResizeObserver(() => this.#resize()).observe(this.#stage);
  }

  show(view: ChartsView): void {
    this.#view = view;
    setText(this.#sentence, this.#kind.sentence(view));
    if (this.#stage.clientWidth === 0) return; // another one is shown
    const data = this.#data(view);
    if (this.#plot === null) this.#make(data);
    else this.#plot.setData(data);
    this.#tell();
    if (this.#details.open) this.#fillTable();
  }

  /** Another theme: colours are read again. */
  repaint(): void {
    this.#plot?.destroy();
    this.#plot = null;
    if (this.#view !== null) this.show(this.#view);
  }

  #data({ at, ...view }: ChartsView): uPlot.AlignedData {
    const lines = this.#kind.lines.map(({ of }) => of({ at, ...view }));
    return [at.map((ns) => ns / 1e6), ...lines] as uPlot.AlignedData;
  }

  // ----------------------------------------------------------- drawing

  #make(data: uPlot.AlignedData): void {
    const { clientWidth, clientHeight } = this.#stage;
    const colour = (token: string) => colourOf(this.#stage, token);
    const { lines, most } = this.#kind;
    this.#plot = new uPlot(
      {
        width: clientWidth,
        height: Math.max(80, clientHeight),
        legend: { show: false },
        padding: [8, 8, 0, 0],
        cursor: {
          y: false,
          drag: { x: false, y: false },
          sync: { key: this.element.dataset.sync! },
        },
        scales: {
          x: { time: false },
          y: { range: (_, __, top) => [0, most ?? Math.max(1, top * 1.1)] },
          other: { range: (_, __, top) => [0, Math.max(1, top * 1.1)] },
        },
        axes: axesOf(lines, colour),
        series: [{}, ...lines.map((line) => seriesOf(line, colour))],
        hooks: { setCursor: [() => this.#tell()] },
      },
      data,
      this.#stage,
    );
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    if (width === 0) return;
    if (this.#plot === null) {
      if (this.#view !== null) this.show(this.#view);
    } else if (this.#plot.width !== width || this.#plot.height !== height) {
      this.#plot.setSize({ width, height: Math.max(80, height) });
    }
  }

  // ----------------------------------------------------------- the cursor

  #listen(): void {
    const stage = this.#stage;
    stage.tabIndex = 0;
    stage.setAttribute("role", "slider");
    stage.setAttribute("aria-label", `${this.#kind.title} over time`);
    stage.setAttribute("aria-valuemin", "0");
    stage.onclick = () => this.#go();
    stage.onkeydown = (event) => {
      if (event.key === "ArrowRight") this.#move(1);
      else if (event.key === "ArrowLeft") this.#move(-1);
      else if (event.key === "Enter") this.#go();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    this.#tell();
  }

  /** The part of the window under the cursor; null: it is elsewhere. */
  get #index(): number | null {
    return this.#plot?.cursor.idx ?? null;
  }

  #move(step: number): void {
    const plot = this.#plot;
    if (plot === null) return;
    const { length } = plot.data[0];
    const index = Math.max(0, Math.min(length - 1, (this.#index ?? 0) + step));
    const left = plot.valToPos(plot.data[0][index]!, "x");
    plot.setCursor({ left, top: 0 });
  }

  #go(): void {
    const at = this.#index === null ? undefined : this.#view?.at[this.#index];
    if (at !== undefined) this.#onGoTo(at);
  }

  /** What was, where the cursor is; and how the lines are told apart. */
  #tell(): void {
    const view = this.#view, index = this.#index;
    const at = index === null ? undefined : view?.at[index];
    const values = this.#kind.lines.map(({ name, of, write }) => {
      const value = view === null || index === null ? null : of(view)[index];
      return value == null ? name : `${name} ${write(value)}`;
    });
    this.#fillReadout(at === undefined ? "" : moment(at), values);
    const words = at === undefined
      ? "Arrow keys move the cursor, Enter goes to its time."
      : `${moment(at)}: ${values.join(", ")}`;
    this.#stage.setAttribute("aria-valuetext", words);
    this.#stage.setAttribute("aria-valuenow", String(index ?? 0));
    const last = Math.max(0, (view?.at.length ?? 1) - 1);
    this.#stage.setAttribute("aria-valuemax", String(last));
  }

  #fillReadout(at: string, values: string[]): void {
    const { children } = this.#readout;
    if (children.length === 0) {
      this.#readout.append(
        made("span", "when"),
        ...this.#kind.lines.map((line) => keyOf(line)),
      );
    }
    setText(children[0]!, at);
    values.forEach((words, i) => {
      setText(children[i + 1]!.lastElementChild!, words);
    });
  }

  #fillTable(): void {
    const view = this.#view;
    if (view === null) return;
    const indices = view.at.map((_, i) => i).filter((i) =>
      i % ROWS_EVERY === 0
    );
    this.#table.show(indices.map((i) => ({
      key: String(view.at[i]),
      label: `Go to ${moment(view.at[i]!)}`,
      cells: [
        moment(view.at[i]!),
        ...this.#kind.lines.map(({ of, write }) => {
          const value = of(view)[i];
          return value == null ? "–" : write(value);
        }),
      ],
    })));
  }
}

/** One value between two that are missing makes no line: it is a dot. */
function onlyAlone(
  plot: uPlot,
  series: number,
): number[] {
  const values = plot.data[series]!;
  const alone: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] == null) continue;
    if (values[i - 1] == null && values[i + 1] == null) alone.push(i);
  }
  return alone;
}

/** 2,800 ms, 0.25 ms, 40 s: in the unit of the steps between them. */
function timeWords(splitsMs: number[]): string[] {
  const stepMs = (splitsMs[1] ?? 1) - (splitsMs[0] ?? 0);
  const { name, ns } = axisUnit(Math.max(1, Math.round(stepMs * 1e6)));
  return splitsMs.map((ms) => {
    const value = Number((ms * 1e6 / ns).toFixed(6));
    const [whole, rest] = String(value).split(".");
    return `${grouped(Number(whole))}${
      rest === undefined ? "" : `.${rest}`
    } ${name}`;
  });
}

/** A token as the canvas wants it. */
function colourOf(stage: HTMLElement, token: string): string {
  stage.style.color = `var(${token})`;
  const { color } = getComputedStyle(stage);
  stage.style.color = "";
  return color;
}

/** A short piece of the line before its name. */
function keyOf({ token, dash }: ChartLine): HTMLElement {
  const key = made("span", "key");
  const sign = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  sign.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", "M0 5h18");
  line.setAttribute(
    "style",
    `stroke:var(${token});stroke-dasharray:${dash.join(" ")}`,
  );
  sign.append(line);
  key.append(sign, made("span", ""));
  return key;
}

function seriesOf(
  { name, token, dash, isOther }: ChartLine,
  colour: (token: string) => string,
): uPlot.Series {
  return {
    label: name,
    scale: isOther === true ? "other" : "y",
    stroke: colour(token),
    width: 1.5,
    dash,
    points: { size: 4, filter: onlyAlone },
    spanGaps: false,
  };
}

function axesOf(
  lines: ChartLine[],
  colour: (token: string) => string,
): uPlot.Axis[] {
  const look = {
    stroke: colour("--ink-3"),
    font: "10px monospace",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1, size: 4 },
  };
  const [first] = lines;
  const other = lines.find(({ isOther }) => isOther === true);
  const write = (line: ChartLine) => (_: uPlot, splits: number[]) =>
    splits.map((value) => line.write(value));
  return [
    {
      ...look,
      size: 24,
      values: (_, splits) => timeWords(splits),
      space: 80,
    },
    { ...look, size: AXIS_PX, values: write(first!), space: 28 },
    ...other === undefined ? [] : [{
      ...look,
      scale: "other",
      side: 1,
      size: 32,
      values: write(other),
      space: 28,
      grid: { show: false },
    } as uPlot.Axis],
  ];
}
