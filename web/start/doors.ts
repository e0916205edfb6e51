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
  makeView(root: HTMLElement, playground: Playground): View;
};

/** The sources of all views but the playground itself. */
export function viewSources(
  playground: Playground,
): Partial<Record<ViewName, ViewSource>> {
  return { lessons: fetched("lessons.js", playground) };
}

function fetched(file: string, playground: Playground): ViewSource {
  return {
    async load(root) {
      const href = new URL(file, document.baseURI).href;
      const { makeView } = await import(href) as ViewFile;
      return makeView(root, playground);
    },
  };
}
