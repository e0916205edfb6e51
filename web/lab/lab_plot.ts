/// <reference lib="dom" />
// One plot of the lab: lines told apart by colour and by dash, drawn by uPlot, with
// their names and what they are under the cursor. It gets columns and words.

import uPlot from "uplot";
import { made, setText } from "../parts/elements.ts";

export interface PlotLine {
  name: string;
  values: (number | null)[];
}

export interface PlotData {
  title: string;
  across: string;
  down: string;
  at: number[];
  lines: PlotLine[];
  /** A dashed upright line here. */
  mark?: number | null;
  /** The axis across goes over powers of ten. */
  isLog?: boolean;
}

const LOOKS: readonly [token: string, dash: number[]][] = [
  ["--s-run", []],
  ["--e-callback", [6, 3]],
  ["--s-seek", [2, 3]],
  ["--e-ready", [8, 3, 2, 3]],
  ["--e-packet", [1, 3]],
];
const HEIGHT_PX = 220;

export class LabPlot {
  readonly element = made("figure", "lab-plot");
  readonly #caption = made("figcaption", "");
  readonly #stage = made("div", "lab-stage");
  readonly #keys = made("p", "lab-keys");
  #data: PlotData | null = null;
  #plot: uPlot | null = null;

  constructor() {
    this.#stage.setAttribute("role", "img");
    this.element.append(this.#caption, this.#stage, this.#keys);
    new ResizeObserver(() => this.#resize()).observe(this.#stage);
  }

  show(data: PlotData): void {
    this.#data = data;
    setText(this.#caption, data.title);
    this.#stage.setAttribute("aria-label", spoken(data));
    this.#draw();
    this.#tell();
  }

  #draw(): void {
    this.#plot?.destroy();
    this.#plot = null;
    const data = this.#data;
    const width = this.#stage.clientWidth;
    if (data === null || width === 0 || data.at.length === 0) return;
    this.#plot = new uPlot(
      this.#options(data, width),
      [data.at, ...data.lines.map(({ values }) => values)] as uPlot.AlignedData,
      this.#stage,
    );
  }

  #options(data: PlotData, width: number): uPlot.Options {
    const colour = (token: string) => colourOf(this.#stage, token);
    const look = {
      stroke: colour("--ink-3"),
      font: "10px monospace",
      labelFont: "11px sans-serif",
      labelSize: 18,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1, size: 4 },
    };
    return {
      width,
      height: HEIGHT_PX,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { time: false, ...data.isLog === true && { distr: 3 } },
        y: { range: (_, __, top) => [0, top > 0 ? top * 1.08 : 1] },
      },
      axes: [
        { ...look, size: 30, label: data.across },
        { ...look, size: 52, label: data.down },
      ],
      series: [
        {},
        ...data.lines.map(({ name }, i) => {
          const [token, dash] = LOOKS[i % LOOKS.length]!;
          return {
            label: name,
            stroke: colour(token),
            width: 1.5,
            dash,
            points: { show: data.at.length < 30, size: 4 },
          };
        }),
      ],
      hooks: {
        setCursor: [() => this.#tell()],
        draw: [(plot) => drawMark(plot, data.mark ?? null, colour("--ink-2"))],
      },
    };
  }

  #resize(): void {
    const width = this.#stage.clientWidth;
    if (width === 0) return;
    if (this.#plot === null) this.#draw();
    else if (this.#plot.width !== width) {
      this.#plot.setSize({ width, height: HEIGHT_PX });
    }
  }

  /** The names, and the values under the cursor. */
  #tell(): void {
    const data = this.#data;
    if (data === null) return;
    const index = this.#plot?.cursor.idx ?? null;
    this.#keys.replaceChildren(
      ...data.lines.map(({ name, values }, i) => {
        const value = index === null ? null : values[index];
        const key = made("span", "lab-key");
        const [token, dash] = LOOKS[i % LOOKS.length]!;
        key.innerHTML =
          `<svg aria-hidden="true"><path d="M0 5h18" style="stroke:var(${token});stroke-dasharray:${
            dash.join(" ")
          }"/></svg>`;
        key.append(value == null ? name : `${name} ${short(value)}`);
        return key;
      }),
    );
  }
}

function drawMark(plot: uPlot, at: number | null, colour: string): void {
  if (at === null) return;
  const x = Math.round(plot.valToPos(at, "x", true));
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  const pen = plot.ctx;
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = devicePixelRatio;
  pen.setLineDash([4, 4]);
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x, top + height);
  pen.stroke();
  pen.restore();
}

/** Three digits are enough. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function spoken({ title, lines, across }: PlotData): string {
  const words = lines.map(({ name, values }) => {
    const known = values.filter((it): it is number => it != null);
    if (known.length === 0) return `${name}: nothing`;
    return `${name} from ${short(known[0]!)} to ${short(known.at(-1)!)}`;
  });
  return `${title}, over ${across}: ${words.join("; ")}`;
}

function colourOf(stage: HTMLElement, token: string): string {
  stage.style.color = `var(${token})`;
  const { color } = getComputedStyle(stage);
  stage.style.color = "";
  return color;
}
