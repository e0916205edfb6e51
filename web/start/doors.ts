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
): Promise<Record<string, unknown>> {
  return Promise.resolve({ text: lessonOpened(asked.args) });
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
