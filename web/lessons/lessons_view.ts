/// <reference lib="dom" />
// The lessons on the page: a list of the chapters, and a chapter with its prose
// beside its figure. The reader predicts, plays, and does a small task. Fetched
// when the view is opened first.

import { CHAPTERS } from "../../lessons/chapters.ts";
import {
  askedSetting,
  type Chapter,
  rightChoice,
} from "../../lessons/chapter.ts";
import type { Recording } from "../../lessons/recording.ts";
import { made } from "../parts/elements.ts";
import { FigureClient } from "./figure_client.ts";
import { type FigureSetting, LiveFigure } from "./live_figure.ts";
import { PredictCard } from "./predict_card.ts";
import { Progress } from "./progress.ts";
import { prose } from "./prose.ts";
import { TaskCard } from "./task_card.ts";

export class LessonsView {
  readonly #root: HTMLElement;
  readonly #client = new FigureClient();
  readonly #progress = new Progress();
  #chapter: ChapterPage | null = null;
  #isOpen = false;
  #lab: Promise<Lab> | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
    document.addEventListener("keydown", (event) => this.#key(event), true);
  }

  /** "3" is the third chapter, "lab/…" an experiment; anything else the list. */
  open(rest: string): void {
    this.#isOpen = true;
    this.#chapter?.close();
    this.#chapter = null;
    const [, experiment] = /^lab(?:\/(.*))?$/.exec(rest) ?? [rest];
    if (rest.startsWith("lab")) return void this.#openLab(experiment ?? "");
    const number = Number(/^\d+$/.test(rest) ? rest : "0");
    const chapter = CHAPTERS[number - 1];
    this.#root.classList.add("lessons");
    if (chapter === undefined) return this.#showList();
    this.#chapter = new ChapterPage(
      this.#root,
      chapter,
      number,
      this.#client,
      this.#progress,
    );
    this.#root.scrollTop = 0;
  }

  close(): void {
    this.#isOpen = false;
    this.#chapter?.close();
  }

  async #openLab(rest: string): Promise<void> {
    this.#lab ??= fetchLab(this.#root);
    try {
      (await this.#lab).open(rest);
    } catch (error) {
      this.#lab = null;
      const words = made("p", "notice");
      const why = error instanceof Error ? error.message : String(error);
      words.textContent =
        `The lab could not be loaded (${why}). Open it again to try again.`;
      this.#root.replaceChildren(words);
    }
  }

  #showList(): void {
    const page = made("div", "lessons-list");
    page.innerHTML =
      `<h1>Twelve short lessons</h1><p class="lead">In each you predict, play, and turn one thing. The figures are small machines that run here, now.</p>`;
    const list = made("ol", "chapters");
    CHAPTERS.forEach((chapter, index) => {
      list.append(this.#entry(chapter, index + 1));
    });
    const lab = made("p", "lab-door");
    lab.innerHTML =
      `And <a href="#lessons/lab">the lab</a>: every claim as an experiment, with its numbers to turn.`;
    page.append(list, lab, this.#foot());
    this.#root.replaceChildren(page);
  }

  #entry({ id, title, line: words }: Chapter, number: number): HTMLElement {
    const { isDone, predicted } = this.#progress.of(id);
    const item = made("li", isDone === true ? "done" : "");
    const link = made("a", "") as HTMLAnchorElement;
    link.href = `#lessons/${number}`;
    link.textContent = title;
    const line = made("p", "");
    line.textContent = words;
    const state = made("span", "chapter-state");
    state.textContent = isDone === true
      ? "done"
      : predicted !== undefined
      ? "begun"
      : "";
    item.append(link, state, line);
    return item;
  }

  #foot(): HTMLElement {
    const foot = made("p", "lessons-foot");
    if (this.#progress.isEmpty) {
      foot.textContent =
        "How far you are is kept in this browser, and nowhere else.";
      return foot;
    }
    foot.append(
      `${this.#progress.doneCount} of ${CHAPTERS.length} tasks are done. It is kept in this browser, and nowhere else. `,
    );
    const forget = made("button", "small") as HTMLButtonElement;
    forget.type = "button";
    forget.textContent = "Forget it";
    forget.onclick = () => {
      this.#progress.forget();
      this.#showList();
    };
    foot.append(forget);
    return foot;
  }

  /** Keys of the chapter, wherever the focus is, but where somebody writes. */
  #key(event: KeyboardEvent): void {
    if (!this.#isOpen || this.#chapter === null || event.defaultPrevented) {
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, select, textarea, dialog, .live") !== null) {
      return;
    }
    if (this.#chapter.takes(event.key, target)) event.preventDefault();
  }
}

interface Lab {
  open(rest: string): void;
}

/** Its script is fetched when an experiment is opened first. */
async function fetchLab(root: HTMLElement): Promise<Lab> {
  const { href } = new URL("lab.js", document.baseURI);
  const { makeLab } = await import(href) as {
    makeLab(root: HTMLElement): Lab;
  };
  return makeLab(root);
}

class ChapterPage {
  readonly #chapter: Chapter;
  readonly #progress: Progress;
  readonly #figure: LiveFigure;
  readonly #predict: PredictCard;
  readonly #task: TaskCard;
  /** Which choice the figure gives, in the setting that was asked about. */
  #right = -1;
  #isChecking = false;

  constructor(
    root: HTMLElement,
    chapter: Chapter,
    number: number,
    client: FigureClient,
    progress: Progress,
  ) {
    this.#chapter = chapter;
    this.#progress = progress;
    const asked = askedSetting(chapter);
    this.#figure = new LiveFigure(
      { id: chapter.id, ...chapter.figure },
      asked,
      client,
      {
        onTouch: () => this.#touched(),
        onShow: (recording, setting) => this.#shown(recording, setting),
        onEnd: () => this.#ended(),
      },
    );
    this.#predict = new PredictCard(chapter.question, {
      onCheck: (choice) => this.#check(choice),
      onSkip: () => this.#skip(),
    });
    this.#task = new TaskCard(chapter.task);
    this.#task.wait();
    const page = made("article", "lesson");
    const column = made("div", "lesson-figure");
    column.append(
      this.#figure.element,
      this.#predict.element,
      this.#task.element,
    );
    page.append(proseOf(chapter, number), column);
    root.replaceChildren(page);
    this.#begin(asked);
  }

  close(): void {
    this.#figure.pause();
  }

  takes(key: string, target: HTMLElement): boolean {
    if (this.#predict.isOpen && /^[1-4]$/.test(key)) {
      this.#predict.choose(Number(key) - 1);
      return true;
    }
    if (key === "Enter" && target.closest("button, a") === null) {
      this.#predict.check();
      return true;
    }
    return key === " " || key.startsWith("Arrow")
      ? this.#figure.takes(key, target)
      : false;
  }

  async #begin(asked: FigureSetting): Promise<void> {
    const { predicted } = this.#progress.of(this.#chapter.id);
    if (predicted === undefined) {
      this.#figure.hold(this.#chapter.question.atNs);
      await this.#figure.set(asked, this.#chapter.question.atNs);
      return;
    }
    this.#predict.close(predicted);
    await this.#figure.set(asked);
  }

  /** The reader plays, or turns something, before he has said what he thinks. */
  #touched(): void {
    if (!this.#predict.isOpen) return;
    this.#predict.close(-1);
    this.#isChecking = true;
  }

  #check(choice: number): void {
    this.#predict.close(choice);
    this.#progress.note(this.#chapter.id, { predicted: choice });
    this.#isChecking = true;
    this.#figure.release();
    this.#figure.play();
  }

  #skip(): void {
    this.#predict.close(-1);
    this.#progress.note(this.#chapter.id, { predicted: -1 });
    this.#figure.release();
    this.#figure.set(askedSetting(this.#chapter));
  }

  #shown(recording: Recording, setting: FigureSetting): void {
    const asked = askedSetting(this.#chapter);
    if (setting.style === asked.style && setting.value === asked.value) {
      this.#right = rightChoice(this.#chapter.question, recording.facts);
    }
    if (this.#predict.isOpen) return;
    if (this.#right >= 0) this.#predict.reveal(this.#right);
    this.#judge(recording, setting);
  }

  #ended(): void {
    if (!this.#isChecking) return;
    this.#isChecking = false;
    if (this.#right >= 0) this.#predict.reveal(this.#right);
    this.#task.tell("Turn the control or a tab, and see.", this.#isDone);
  }

  get #isDone(): boolean {
    return this.#progress.of(this.#chapter.id).isDone === true;
  }

  #judge(recording: Recording, setting: FigureSetting): void {
    const missing = this.#chapter.task.check(recording.facts, setting);
    this.#task.tell(missing, this.#isDone);
    if (missing === "") this.#progress.note(this.#chapter.id, { isDone: true });
  }
}

function proseOf(chapter: Chapter, number: number): HTMLElement {
  const { title, prose: paragraphs, note } = chapter;
  const column = made("div", "lesson-prose");
  const next = CHAPTERS[number];
  const last = paragraphs.length - 1;
  column.innerHTML =
    `<p class="lesson-number"><a href="#lessons">Lessons</a>, ${number} of ${CHAPTERS.length}</p>` +
    `<h1>${title}</h1>` +
    paragraphs.slice(0, last).map((text) => `<p>${prose(text)}</p>`).join("") +
    `<p class="lesson-note">${prose(note)}</p>` +
    `<p>${prose(paragraphs[last]!)}</p>` +
    `<p class="lesson-more">To go on with: ${
      chapter.scenarios.map((id) =>
        `<a href="#lessons/lab/${id}">${id.replaceAll("-", " ")}</a>`
      ).join(", ")
    }, in the lab.</p>` +
    `<footer class="lesson-next"><span>Next</span>${
      next === undefined
        ? `<a href="#playground">A machine of your own: the playground</a>`
        : `<a href="#lessons/${number + 1}">${next.title}</a>`
    }</footer>`;
  return column;
}

export function makeView(root: HTMLElement): LessonsView {
  return new LessonsView(root);
}
