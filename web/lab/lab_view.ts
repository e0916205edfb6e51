/// <reference lib="dom" />
// The lab: every claim as an experiment with its numbers to turn. A run shows all
// styles side by side, how long requests took and how it went over time; a sweep
// shows one number over another, a map where the claim holds. Fetched when it is
// opened first; the worlds run in a worker.

import { made, setText } from "../parts/elements.ts";
import { showMap } from "./lab_map.ts";
import { LabPlot, short } from "./lab_plot.ts";
import type {
  FromLab,
  LabReport,
  LabScenario,
  LabSetting,
  ToLab,
} from "./lab_protocol.ts";
import { LabSlider } from "./lab_slider.ts";
import type { Curve, Slider } from "../../scenarios/lab.ts";

const POINTS = 12;
const MAP_ACROSS = 7, MAP_DOWN = 5;
/** A sweep goes from a part of a value to so many times it. */
const REACH = 4;
/** A result that takes longer is announced. */
const PATIENCE_MS = 300;
/** So long a slider rests before its run begins. */
const REST_MS = 60;

type Question =
  | { kind: "run"; setting: LabSetting; isQuick: boolean }
  | { kind: "curve"; setting: LabSetting; sweep: string }
  | { kind: "map"; setting: LabSetting; map: string };

export class LabView {
  readonly #root: HTMLElement;
  #worker: Worker;
  /** It is at something, and may not listen for a while. */
  #isBusy = false;
  #scenarios: LabScenario[] = [];
  #page: LabPage | null = null;
  #number = 0;
  #wanted = "";

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#worker = this.#start();
    this.#send({ kind: "list" });
  }

  #start(): Worker {
    const worker = new Worker("lab_worker.js", { type: "module" });
    worker.onmessage = ({ data }) => this.#hear(data as FromLab);
    worker.onerror = ({ message }) => this.#fail(message);
    return worker;
  }

  /** What it was at is not wanted any more: another one is quicker. */
  #interrupt(): void {
    if (!this.#isBusy) return;
    this.#worker.terminate();
    this.#worker = this.#start();
    this.#isBusy = false;
    this.#number++;
  }

  /** "" is the list; else what a link says: `full-queue?backlog=20`. */
  open(rest: string): void {
    this.#wanted = rest;
    this.#interrupt();
    if (this.#scenarios.length === 0) return; // it will be opened when they are known
    if (rest === "") return this.#showList();
    this.#send({ kind: "open", fragment: `#${rest}` });
  }

  #send(message: ToLab): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromLab): void {
    switch (message.kind) {
      case "list":
        this.#scenarios = message.scenarios;
        return this.open(this.#wanted);
      case "opened":
        if (message.setting === null) return this.#fail(message.fault);
        return this.#showScenario(message.setting);
      case "fault":
        if (message.number !== this.#number) return;
        this.#isBusy = false;
        return this.#page?.fail(message.sentence);
      default:
        if (message.number !== this.#number) return;
        if (message.kind === "report") this.#isBusy = false;
        else if (message.kind !== "progress") this.#isBusy = !message.isDone;
        this.#page?.hear(message);
    }
  }

  #fail(sentence: string): void {
    const words = made("p", "notice");
    words.setAttribute("role", "alert");
    words.textContent = `${sentence}. `;
    const link = made("a", "") as HTMLAnchorElement;
    link.href = "#lessons/lab";
    link.textContent = "All experiments";
    words.append(link);
    const page = made("div", "lab");
    page.append(words);
    this.#root.replaceChildren(page);
  }

  #showList(): void {
    const page = made("div", "lab");
    page.innerHTML =
      `<p class="lesson-number"><a href="#lessons">Lessons</a></p><h1>The lab</h1><p class="lead">Every claim as an experiment. Turn its numbers, and find where it stops being true.</p>`;
    const list = made("ol", "chapters");
    for (const { id, title, claim } of this.#scenarios) {
      const item = made("li", "");
      const link = made("a", "") as HTMLAnchorElement;
      link.href = `#lessons/lab/${id}`;
      link.textContent = title;
      const words = made("p", "");
      words.textContent = claim;
      item.append(link, made("span", ""), words);
      list.append(item);
    }
    page.append(list);
    this.#page = null;
    this.#root.replaceChildren(page);
  }

  #showScenario(setting: LabSetting): void {
    const scenario = this.#scenarios.find(({ id }) => id === setting.id)!;
    const ask = (question: Question) => {
      this.#interrupt();
      this.#number++;
      this.#isBusy = true;
      this.#send({ ...question, number: this.#number });
    };
    this.#page = new LabPage(scenario, setting, ask, () => this.#interrupt());
    this.#root.replaceChildren(this.#page.element);
    this.#root.scrollTop = 0;
    this.#page.run();
  }
}

class LabPage {
  readonly element = made("article", "lab lab-page");
  readonly #scenario: LabScenario;
  readonly #setting: LabSetting;
  readonly #ask: (question: Question) => void;
  readonly #progress = document.createElement("progress");
  readonly #doing = made("p", "lab-doing");
  readonly #verdict = made("p", "lab-verdict");
  readonly #table = made("div", "lab-table");
  readonly #quantiles = new LabPlot();
  readonly #time = new LabPlot();
  readonly #curve = new LabPlot();
  readonly #map = made("div", "lab-map-place");
  readonly #stop = made("button", "small") as HTMLButtonElement;
  readonly #link = made("a", "lab-link mono") as HTMLAnchorElement;
  readonly #figure = document.createElement("select");
  #lastCurve: Curve | null = null;
  /** Where the claim turns round with the present numbers. */
  #edge: number | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(
    scenario: LabScenario,
    setting: LabSetting,
    ask: (question: Question) => void,
    onStop: () => void,
  ) {
    this.#scenario = scenario;
    this.#setting = { ...setting, params: { ...setting.params } };
    this.#ask = ask;
    this.#progress.max = 1;
    this.#progress.setAttribute("aria-label", "How far it is");
    this.#doing.setAttribute("role", "status");
    this.#verdict.setAttribute("role", "status");
    for (const { element } of [this.#quantiles, this.#time]) {
      element.hidden = true;
    }
    this.#stop.type = "button";
    this.#stop.textContent = "Stop";
    this.#stop.onclick = () => {
      onStop();
      this.#done();
    };
    const results = made("div", "lab-results");
    results.append(
      this.#makeDoing(),
      this.#verdict,
      this.#table,
      this.#quantiles.element,
      this.#time.element,
      this.#makeCurve(),
      this.#makeMap(),
    );
    this.element.append(this.#makeWords(), results);
  }

  /** What is set now: a first look in a shorter run, then in full. */
  run(): void {
    this.#begin({ kind: "run", setting: this.#setting, isQuick: true });
  }

  hear(message: Exclude<FromLab, { kind: "list" | "opened" | "fault" }>): void {
    switch (message.kind) {
      case "progress":
        this.#progress.value = message.share;
        return setText(
          this.#doing,
          `${Math.round(message.share * 100)} %, ${message.words}`,
        );
      case "report":
        this.#done();
        return this.#show(message.report);
      case "curve":
        if (message.isDone) this.#done();
        return this.#showCurve(message.curve);
      case "map":
        if (message.isDone) this.#done();
        return showMap(this.#map, message.grid);
    }
  }

  fail(sentence: string): void {
    this.#done();
    setText(this.#verdict, `It could not be run: ${sentence}.`);
  }

  #begin(question: Question): void {
    clearTimeout(this.#late);
    this.#late = setTimeout(() => {
      this.#progress.hidden = this.#stop.hidden = false;
    }, PATIENCE_MS);
    this.#progress.value = 0;
    this.#ask(question);
  }

  #done(): void {
    clearTimeout(this.#late);
    this.#progress.hidden = this.#stop.hidden = true;
    setText(this.#doing, "");
  }

  // ----------------------------------------------------------- words

  #makeWords(): HTMLElement {
    const { title, claim, text, misleads, crossover, styles } = this.#scenario;
    const column = made("div", "lab-words");
    column.innerHTML =
      `<p class="lesson-number"><a href="#lessons">Lessons</a>, <a href="#lessons/lab">the lab</a></p><h1></h1><p class="lead"></p>`;
    column.querySelector("h1")!.textContent = title;
    column.querySelector(".lead")!.textContent = claim;
    column.append(this.#makeSliders());
    const list = made("dl", "lab-styles");
    for (const [style, about] of Object.entries(styles)) {
      const name = made("dt", "mono"), words = made("dd", "");
      name.textContent = style;
      words.textContent = about;
      list.append(name, words);
    }
    column.append(
      list,
      section("What comes out", text),
      section(
        "Where it stops being true",
        `It holds ${crossover.holds} some value of ${crossover.param}: ${crossover.about}.`,
      ),
      section("What would mislead", misleads),
    );
    return column;
  }

  #makeSliders(): HTMLElement {
    const box = made("div", "lab-sliders");
    for (const slider of this.#scenario.sliders) {
      const value = this.#setting.params[slider.name] ?? slider.value;
      const made = new LabSlider(slider, value, (turned) => {
        this.#setting.params[slider.name] = turned;
        clearTimeout(this.#rest);
        this.#rest = setTimeout(() => this.run(), REST_MS);
      });
      box.append(made.element);
    }
    return box;
  }

  #makeDoing(): HTMLElement {
    const row = made("div", "lab-head");
    this.#progress.hidden = this.#stop.hidden = true;
    row.append(
      this.#progress,
      this.#doing,
      this.#stop,
      this.#link,
    );
    return row;
  }

  // ----------------------------------------------------------- a run

  #show(report: LabReport): void {
    this.#edge = report.crossoverAt;
    this.#link.href = report.link;
    this.#link.textContent = report.link;
    this.#link.title = "A link to this experiment with these numbers";
    const { crossover } = this.#scenario;
    const edge = report.crossoverAt === null
      ? ""
      : ` It turns round at ${crossover.param} ${short(report.crossoverAt)}.`;
    const odd = report.verdict === ""
      ? ""
      : ` Not as the scenario expects it: ${report.verdict}.`;
    const holds = report.holds ? "holds" : "does not hold";
    setText(
      this.#verdict,
      report.isShorter
        ? `A first look, in a shorter run: the claim ${holds}. The full run is on its way.`
        : `The claim ${holds} with these numbers.${edge}${odd}`,
    );
    this.#verdict.classList.toggle("holds", report.holds);
    this.#fillTable(report);
    this.#plotSeries(report);
    if (report.isShorter) {
      this.#begin({ kind: "run", setting: this.#setting, isQuick: false });
    }
  }

  #fillTable({ figures }: LabReport): void {
    const styles = Object.keys(this.#scenario.styles);
    const table = document.createElement("table");
    const caption = table.createCaption();
    caption.className = "visually-hidden";
    caption.textContent = "What was measured, a column for each style";
    const head = table.createTHead().insertRow();
    for (const name of ["", ...styles]) {
      const cell = made(name === "" ? "td" : "th", name === "" ? "" : "number");
      if (name !== "") cell.setAttribute("scope", "col");
      cell.textContent = name;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const { name, unit, values } of figures) {
      const row = body.insertRow();
      const title = made("th", "");
      title.setAttribute("scope", "row");
      title.textContent = unit === "" ? name : `${name}, ${unit}`;
      row.append(title);
      for (const style of styles) {
        const cell = row.insertCell();
        const value = values[style];
        cell.className = "number";
        cell.textContent = value == null ? "–" : short(value);
      }
    }
    this.#table.replaceChildren(table);
  }

  #plotSeries({ series }: LabReport): void {
    const all = Object.entries(series);
    const timed = all.filter(([, { quantilesMs }]) => quantilesMs.length > 0);
    this.#quantiles.element.hidden = timed.length === 0;
    this.#time.element.hidden = all.length === 0;
    if (timed.length > 0) {
      this.#quantiles.show({
        title: "How long requests took",
        across: "% of requests are done",
        down: "ms",
        at: timed[0]![1].quantilesMs.map((_, i) => i),
        lines: timed.map(([name, { quantilesMs }]) => ({
          name,
          values: quantilesMs,
        })),
      });
    }
    if (all.length === 0) return;
    const { windowMs, ok } = all[0]![1];
    const isLost = all.some(([, { lost }]) => lost.some((count) => count > 0));
    const perSecond = (counts: number[]) =>
      counts.map((count) => count * 1000 / windowMs);
    this.#time.show({
      title: isLost
        ? "Answers over time, and requests that were lost"
        : "Answers over time",
      across: "s",
      down: "a second",
      at: ok.map((_, i) => (i + 0.5) * windowMs / 1000),
      lines: all.flatMap(([name, it]) => [
        { name, values: perSecond(it.ok) },
        ...it.lost.some((count) => count > 0)
          ? [{ name: `${name}, lost`, values: perSecond(it.lost) }]
          : [],
      ]),
    });
  }

  // ----------------------------------------------------------- sweep, map

  #makeCurve(): HTMLElement {
    const { sliders, crossover } = this.#scenario;
    const box = made("section", "lab-sweep");
    const heading = made("h2", "");
    heading.textContent = "One number over another";
    const param = choice(
      "Sweep",
      sliders.map(({ name }) => name),
      crossover.param,
    );
    const button = made("button", "") as HTMLButtonElement;
    button.type = "button";
    button.textContent = "Sweep";
    button.onclick = () => {
      const name = param.select.value;
      this.#begin({
        kind: "curve",
        setting: this.#setting,
        sweep: `${name}=${this.#points(name, POINTS).join(",")}`,
      });
    };
    const shown = made("label", "lab-choice");
    shown.append("Show ", this.#figure);
    this.#figure.onchange = () => {
      if (this.#lastCurve !== null) this.#showCurve(this.#lastCurve);
    };
    shown.hidden = true;
    this.#curve.element.hidden = true;
    const row = made("div", "lab-row");
    row.append(param.label, button, shown);
    box.append(heading, row, this.#curve.element);
    return box;
  }

  #makeMap(): HTMLElement {
    const { sliders, crossover } = this.#scenario;
    const box = made("section", "lab-sweep");
    const others = sliders.map(({ name }) => name)
      .filter((name) => name !== crossover.param);
    if (others.length === 0) return box;
    const heading = made("h2", "");
    heading.textContent = "Where it holds";
    const down = choice(
      `${crossover.param} across, and down`,
      others,
      others[0]!,
    );
    const button = made("button", "") as HTMLButtonElement;
    button.type = "button";
    button.textContent = "Draw the map";
    button.onclick = () => {
      const name = down.select.value;
      const across = this.#points(crossover.param, MAP_ACROSS);
      const rows = this.#points(name, MAP_DOWN);
      this.#begin({
        kind: "map",
        setting: this.#setting,
        map: `${crossover.param}=${across.join(",")} ${name}=${rows.join(",")}`,
      });
    };
    const row = made("div", "lab-row");
    row.append(down.label, button);
    box.append(heading, row, this.#map);
    return box;
  }

  /** Around where something is to be seen, by powers where the range is wide. */
  #points(name: string, count: number): number[] {
    const slider = this.#scenario.sliders.find((it) => it.name === name)!;
    const { isLog, isWhole } = slider;
    const [min, max] = this.#rangeOf(slider);
    const points = Array.from({ length: count }, (_, i) => {
      const part = i / (count - 1);
      const value = isLog
        ? min * (max / min) ** part
        : min + (max - min) * part;
      return isWhole ? Math.round(value) : Number(value.toPrecision(3));
    });
    const inside = points.filter((it) => it >= slider.min && it <= slider.max);
    return [...new Set(inside)];
  }

  /** About the turning point if there is one, else about the present value. */
  #rangeOf({ name, min, max, value, isLog }: Slider): [number, number] {
    const edge = name === this.#scenario.crossover.param ? this.#edge : null;
    const middle = edge !== null && edge > min && edge < max
      ? edge
      : this.#setting.params[name] ?? value;
    if (!isLog) return [min, Math.min(max, Math.max(middle * 2, min + 1))];
    return [Math.max(min, middle / REACH), Math.min(max, middle * REACH)];
  }

  #showCurve(curve: Curve): void {
    this.#lastCurve = curve;
    const { param, points, lines, figures, crossoverAt } = curve;
    if (points.length === 0) return;
    const names = figures.map(({ name }) => name);
    if (this.#figure.options.length !== names.length) {
      const chosen = this.#figure.value ||
        (names.includes("mean") ? "mean" : names[0]!);
      this.#figure.replaceChildren(
        ...names.map((name) => new Option(name, name)),
      );
      this.#figure.value = names.includes(chosen) ? chosen : names[0]!;
    }
    this.#figure.parentElement!.hidden = false;
    this.#curve.element.hidden = false;
    const figure = figures.find(({ name }) => name === this.#figure.value)!;
    const slider = this.#scenario.sliders.find(({ name }) => name === param)!;
    this.#curve.show({
      title: `${figure.name} over ${param}` +
        (crossoverAt === null ? "" : `; dashed: where the claim turns round`),
      across: `${param} ${slider.unit}`.trim(),
      down: figure.unit,
      at: points,
      lines: lines.map(({ style, figures }) => ({
        name: style,
        values: figures[figure.name] ?? [],
      })),
      mark: crossoverAt,
      isLog: slider.isLog && points.length > 1,
    });
  }
}

function section(title: string, text: string): HTMLElement {
  const box = made("section", "");
  const heading = made("h2", "");
  heading.textContent = title;
  const words = made("p", "");
  words.textContent = text;
  box.append(heading, words);
  return box;
}

function choice(
  words: string,
  names: string[],
  chosen: string,
): { label: HTMLElement; select: HTMLSelectElement } {
  const label = made("label", "lab-choice");
  const select = document.createElement("select");
  select.append(...names.map((name) => new Option(name, name)));
  select.value = chosen;
  label.append(`${words} `, select);
  return { label, select };
}

export function makeLab(root: HTMLElement): LabView {
  return new LabView(root);
}
