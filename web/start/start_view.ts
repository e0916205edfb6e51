/// <reference lib="dom" />
// The first visit: the article's two requests in three ways, their program beside
// the figure, and their steps under it in two vocabularies. Before this script has
// come, the same figure stands here finished; this makes it play.

import {
  CODE,
  type LineMark,
  lineMarks,
  PARTING,
  type Step,
  stepsOf,
  type Vocabulary,
  type Way,
  WAYS,
} from "../../lessons/first.ts";
import type { Recording } from "../../lessons/recording.ts";
import { FigureClient } from "../lessons/figure_client.ts";
import { FIRST_AXIS_NS } from "../lessons/figure_drawing.ts";
import { LiveFigure } from "../lessons/live_figure.ts";
import { made, setText } from "../parts/elements.ts";
import { moment } from "../parts/units.ts";
import type { View } from "../parts/views.ts";
import type { Playground } from "./doors.ts";
import { highlighted } from "./highlighted.ts";

const COMMANDS = ["hello", "ls /bin", "cat /bin/hello", "lesson"];

export class StartView implements View {
  readonly #figure: LiveFigure;
  readonly #lead = made("p", "lead");
  readonly #code = made("pre", "start-code");
  readonly #steps = made("ol", "steps");
  readonly #parting = made("p", "parting");
  readonly #hash = made("span", "mono");
  readonly #words = new Map<Vocabulary, HTMLButtonElement>();
  #vocabulary: Vocabulary = "kernel";
  #way: Way = "block";
  #told: Step[] = [];
  #marks: LineMark[] = [];
  #now = 0;
  #isOpen = false;

  constructor(root: HTMLElement, playground: Playground) {
    this.#figure = new LiveFigure(
      {
        id: "first",
        title: "two requests",
        styles: WAYS,
        tally: { fact: "totalMs", word: "both there", unit: "ms" },
        spanNs: FIRST_AXIS_NS,
        control: null,
      },
      { style: "block", value: 0 },
      new FigureClient(),
      {
        onTouch: () => {},
        onShow: (recording, { style }) => this.#show(recording, style as Way),
        onSeek: (now) => this.#seek(now),
        onEnd: () => {},
      },
    );
    this.#figure.element.classList.add("first");
    this.#code.setAttribute("aria-label", "The program");
    this.#code.tabIndex = 0;
    this.#figure.addAside(this.#code);
    const page = made("div", "start");
    const heading = made("h1", "");
    heading.textContent = "A toy kernel you can watch.";
    page.append(
      heading,
      this.#lead,
      this.#figure.element,
      this.#makeTold(),
      this.#steps,
      this.#parting,
      makeStrip(playground),
      makeNext(),
    );
    document.addEventListener("keydown", (event) => this.#key(event), true);
    // Until there is something to show the figure without a script stays.
    this.#figure.set({ style: "block", value: 0 })
      .finally(() => root.replaceChildren(page));
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
    this.#figure.pause();
  }

  #show(recording: Recording, way: Way): void {
    this.#way = way;
    this.#told = stepsOf(recording.events, way);
    this.#marks = lineMarks(recording.events, way);
    setText(this.#lead, WAYS[way].lead);
    this.#code.replaceChildren(
      ...CODE[way].map((line, i) => codeLine(line, i)),
    );
    setText(this.#hash, recording.hash);
    this.#tell();
  }

  #seek(now: number): void {
    this.#now = now;
    const line = this.#marks.findLast(({ at }) => at <= now)?.line ?? 0;
    [...this.#code.children].forEach((element, index) =>
      element.classList.toggle("lit", index + 1 === line)
    );
    const current = this.#told.findLastIndex(({ at }) => at <= now);
    [...this.#steps.children].forEach((element, index) => {
      element.classList.toggle("current", index === current);
    });
  }

  /** The steps, in the chosen words. */
  #tell(): void {
    this.#steps.replaceChildren(
      ...this.#told.map(({ at, words }, index) => {
        const item = made("li", "");
        const button = made("button", "step") as HTMLButtonElement;
        button.type = "button";
        const time = made("span", "mono");
        time.textContent = `${index + 1} · ${moment(at)}`;
        const sentence = made("span", "");
        sentence.textContent = words[this.#vocabulary];
        button.append(time, sentence);
        button.onclick = () => this.#figure.seek(at);
        item.append(button);
        return item;
      }),
    );
    for (const [name, button] of this.#words) {
      button.ariaPressed = String(name === this.#vocabulary);
    }
    setText(this.#parting, PARTING[this.#way]);
    this.#seek(this.#now);
  }

  #makeTold(): HTMLElement {
    const row = made("div", "told-as");
    const group = made("div", "words");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Told as");
    for (
      const [name, label] of [["kernel", "Kernel"], [
        "restaurant",
        "Restaurant",
      ]] as const
    ) {
      const button = made("button", "small") as HTMLButtonElement;
      button.type = "button";
      button.textContent = label;
      button.onclick = () => {
        this.#vocabulary = name;
        this.#tell();
      };
      this.#words.set(name, button);
      group.append(button);
    }
    const note = made("p", "told-note");
    note.append("one trace in two vocabularies: ", this.#hash);
    row.append("Told as", group, note);
    return row;
  }

  /** Space and arrows, wherever the focus is, but where somebody writes; 1, 2, 3 are the tabs. */
  #key(event: KeyboardEvent): void {
    if (!this.#isOpen || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, select, textarea, dialog") !== null) return;
    const way = Object.keys(WAYS)[Number(event.key) - 1];
    if (way !== undefined) this.#figure.set({ style: way, value: 0 });
    else if (target.closest(".live") !== null) return;
    else if (!/^( |Arrow(Left|Right)|Home|End)$/.test(event.key)) return;
    else if (!this.#figure.takes(event.key, target)) return;
    event.preventDefault();
  }
}

function codeLine(text: string, index: number): HTMLElement {
  const line = made("span", "line");
  const number = made("span", "line-number");
  number.textContent = String(index + 1);
  const words = made("code", "");
  words.innerHTML = highlighted(text);
  line.append(number, words);
  return line;
}

/** What the terminal says first, with commands to press. */
function makeStrip(playground: Playground): HTMLElement {
  const strip = made("section", "terminal-strip mono");
  strip.setAttribute("aria-label", "Terminal");
  const note = made("p", "");
  note.append("1 CPU, 64 MiB, one disk, one cable. Try:");
  for (const command of COMMANDS) {
    const button = made("button", "bare mono") as HTMLButtonElement;
    button.type = "button";
    button.textContent = command;
    button.onclick = () => playground.run(command);
    note.append(" ", button);
  }
  const prompt = made("p", "");
  prompt.innerHTML =
    `<a href="#playground" title="To the terminal"><b>kettle$</b> <i></i></a>`;
  strip.append(note, prompt);
  return strip;
}

function makeNext(): HTMLElement {
  const next = made("p", "start-next");
  next.innerHTML =
    `Next: <a href="#lessons/1">twelve short lessons</a>, or <a href="#programs">programs to run and change</a>. `;
  const tour = made("button", "as-link") as HTMLButtonElement;
  tour.type = "button";
  tour.textContent = "A tour of the playground, five steps";
  tour.onclick = () => openTour();
  next.append("Or ", tour, ".");
  return next;
}

async function openTour(): Promise<void> {
  location.hash = "#playground";
  const { href } = new URL("tour.js", document.baseURI);
  const { startTour } = await import(href) as typeof import("./tour.ts");
  startTour();
}

export function makeView(root: HTMLElement, playground: Playground): StartView {
  return new StartView(root, playground);
}
