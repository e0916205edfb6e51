/// <reference lib="dom" />
// The panel Charts: one chart at a time, or all of them where there is room; of
// the latencies a histogram as well. The window is that of the timeline. It shows
// a view and knows nothing else.

import { made, setText } from "../parts/elements.ts";
import { duration, grouped, moment } from "../parts/units.ts";
import { Chart } from "./chart.ts";
import { CHARTS } from "./chart_kinds.ts";
import { type ChartsView, SHORTEST_NS } from "./charts_model.ts";
import type { OpenPanel, PanelPlace } from "./panel_place.ts";

const SYNC = "kettle-charts";

export function open(place: PanelPlace): OpenPanel<"charts"> {
  return new ChartsPanel(place);
}

class ChartsPanel implements OpenPanel<"charts"> {
  readonly #place: PanelPlace;
  readonly #charts: Chart[];
  readonly #tabs: HTMLButtonElement[];
  readonly #grid = made("div", "charts-grid");
  readonly #histogram = made("ul", "histogram");
  #view: ChartsView | null = null;

  constructor(place: PanelPlace) {
    this.#place = place;
    this.#charts = CHARTS.map((kind) =>
      new Chart(kind, SYNC, (atNs) => place.goTo(atNs))
    );
    this.#histogram.setAttribute("aria-label", "How many took how long");
    this.#charts[0]!.element.append(this.#histogram);
    const tabs = made("div", "chart-tabs");
    tabs.setAttribute("role", "group");
    tabs.setAttribute("aria-label", "Which chart");
    this.#tabs = CHARTS.map(({ id, title }) => {
      const tab = made("button", "small") as HTMLButtonElement;
      tab.type = "button";
      tab.textContent = title;
      tab.onclick = () => this.#choose(id);
      return tab;
    });
    tabs.append(...this.#tabs);
    this.#grid.append(...this.#charts.map(({ element }) => element));
    place.body.append(tabs, this.#grid);
    this.#choose(CHARTS[0]!.id);
  }

  show(view: ChartsView): void {
    this.#view = view;
    const { fromNs, toNs } = view;
    this.#place.note(`${moment(fromNs)} – ${moment(toNs)}`);
    for (const chart of this.#charts) chart.show(view);
    this.#showHistogram(view);
  }

  repaint(): void {
    for (const chart of this.#charts) chart.repaint();
  }

  /** Where there is room for one, it is this. */
  #choose(id: string): void {
    this.#grid.dataset.shown = id;
    CHARTS.forEach((kind, i) => {
      const isShown = kind.id === id;
      this.#tabs[i]!.ariaPressed = String(isShown);
      this.#charts[i]!.element.classList.toggle("shown", isShown);
    });
    if (this.#view !== null) this.show(this.#view);
  }

  #showHistogram({ histogram }: ChartsView): void {
    const most = Math.max(1, ...histogram.map(({ count }) => count));
    const { children } = this.#histogram;
    while (children.length > histogram.length) {
      this.#histogram.lastElementChild!.remove();
    }
    while (children.length < histogram.length) {
      const bar = made("li", "");
      bar.append(made("span", ""), made("span", "bar"), made("span", ""));
      this.#histogram.append(bar);
    }
    histogram.forEach(({ fromNs, count }, i) => {
      const [name, bar, number] = children[i]!.children;
      setText(name!, spanWords(fromNs));
      (bar as HTMLElement).style.setProperty("--part", String(count / most));
      setText(number!, grouped(count));
    });
  }
}

/** The shortest ones lie together. */
function spanWords(fromNs: number): string {
  const to = duration(2 * fromNs);
  return fromNs <= SHORTEST_NS ? `up to ${to}` : `${duration(fromNs)} – ${to}`;
}
