/// <reference lib="dom" />
// Where the views beside the playground come from: each is a script of its own,
// fetched when it is opened first.

import type { View, ViewName, ViewSource } from "../parts/views.ts";

/** What a view can ask of the playground. */
export interface Playground {
  /** Types a command at the prompt and enters it. */
  run(command: string): void;
  /** Shows a file of the machine in the editor. */
  edit(path: string): void;
}

type ViewFile = {
  makeView(root: HTMLElement, playground: Playground): View | Promise<View>;
};

/** The sources of all views but the playground itself. */
export function viewSources(
  playground: Playground,
): Partial<Record<ViewName, ViewSource>> {
  return {
    start: fetched("start.js", playground),
    lessons: fetched("lessons.js", playground),
    programs: fetched("programs.js", playground),
  };
}

function fetched(file: string, playground: Playground): ViewSource {
  return {
    async load(root) {
      const href = new URL(file, document.baseURI).href;
      const { makeView } = await import(href) as ViewFile;
      return await makeView(root, playground);
    },
  };
}

/** Only the number of chapters is known here: their words come with their view. */
const CHAPTERS = 12;

/** The answer to `lesson` and `lesson N`, typed in the terminal. */
export function openLesson(
  asked: Record<string, unknown>,
): Record<string, unknown> {
  return { text: lessonOpened(asked.args) };
}

function lessonOpened(args: unknown): string {
  const number = Number(Array.isArray(args) ? args[0] ?? 0 : 0);
  const isChapter = Number.isInteger(number) && number > 0 &&
    number <= CHAPTERS;
  location.hash = isChapter ? `#lessons/${number}` : "#lessons";
  return isChapter
    ? `Lesson ${number} of ${CHAPTERS}.\n`
    : `There are lessons 1 to ${CHAPTERS}.\n`;
}

/**
 * The answer to `scenario NAME --param backlog=20 --seed 7`: it opens in the lab,
 * which says what is wrong with it.
 */
export function openScenario(
  asked: Record<string, unknown>,
): Record<string, unknown> {
  const args = Array.isArray(asked.args) ? asked.args.map(String) : [];
  const [name = "list", ...options] = args;
  if (!/^[a-z][a-z-]*$/.test(name)) {
    return {
      text: "usage: scenario [NAME [--param X=1] [--seed N]]",
      status: 2,
    };
  }
  const query = options.flatMap((option, i) => {
    const word = option.replace(/^--(param|seed)=/, "");
    const before = options[i - 1];
    if (before === "--param" || option.startsWith("--param=")) return [word];
    if (before === "--seed" || option.startsWith("--seed=")) {
      return [`seed=${word}`];
    }
    return [];
  }).filter((part) => /^[\w.-]+=[\w.-]+$/.test(part)).join("&");
  const link = name === "list"
    ? ""
    : `/${name}${query === "" ? "" : `?${query}`}`;
  location.hash = `#lessons/lab${link}`;
  return { text: "Opened in the lab." };
}
