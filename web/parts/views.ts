/// <reference lib="dom" />
// The views of the page, as its address names them: #start, #lessons/3,
// #programs, #playground. What a view shows is fetched when it is opened first.
// A fragment that names no view is somebody else's, a link's for instance.

import { byId, made } from "./elements.ts";
import { keep } from "./keep.ts";

export type ViewName = "start" | "lessons" | "programs" | "playground";

/** What is fetched for a view. */
export interface View {
  /** It is on show; `rest` is what the address says after the name: "3" of #lessons/3. */
  open(rest: string): void;
  /** Another is. */
  close(): void;
}

export interface ViewSource {
  load(root: HTMLElement): Promise<View>;
}

export class Views {
  readonly #sources: Partial<Record<ViewName, ViewSource>>;
  readonly #loaded = new Map<ViewName, Promise<View>>();
  readonly #onShow: (name: ViewName) => void;
  #shown: ViewName = "playground";

  constructor(
    sources: Partial<Record<ViewName, ViewSource>>,
    onShow: (name: ViewName) => void,
  ) {
    this.#sources = sources;
    this.#onShow = onShow;
    addEventListener("hashchange", () => this.#follow());
    this.#follow();
  }

  get shown(): ViewName {
    return this.#shown;
  }

  async #follow(): Promise<void> {
    const { name, rest } = viewOf(location.hash) ??
      { name: firstView(), rest: "" };
    noteVisit();
    const before = this.#shown;
    this.#shown = name;
    document.documentElement.dataset.view = name;
    for (const link of byId("views").querySelectorAll("a")) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const other of ["start", "lessons", "programs"] as const) {
      byId(other).hidden = other !== name;
    }
    this.#onShow(name);
    if (before !== name) (await this.#loaded.get(before))?.close();
    const source = this.#sources[name];
    if (source === undefined) return;
    const view = await this.#load(name, source);
    if (this.#shown === name) view?.open(rest);
  }

  async #load(name: ViewName, source: ViewSource): Promise<View | null> {
    const root = byId(name);
    let loading = this.#loaded.get(name);
    if (loading === undefined) {
      loading = source.load(root);
      this.#loaded.set(name, loading);
    }
    try {
      return await loading;
    } catch (error) {
      this.#loaded.delete(name);
      const why = error instanceof Error ? error.message : String(error);
      const words = made("p", "notice bad");
      words.textContent =
        `This page could not be loaded (${why}). The playground works without it; open it again to try again.`;
      root.replaceChildren(words);
      return null;
    }
  }
}

const VISITED = "kettle.visited";

/** Without a fragment: whoever is here for the first time begins at the start. */
function firstView(): ViewName {
  return location.hash === "" && !wasHere() ? "start" : "playground";
}

/** True from the second visit on; where nothing is kept, always. */
function wasHere(): boolean {
  try {
    return localStorage.getItem(VISITED) !== null;
  } catch {
    return true;
  }
}

function noteVisit(): void {
  keep(VISITED, "yes");
}

/** What a fragment names: null if it names no view. */
export function viewOf(
  fragment: string,
): { name: ViewName; rest: string } | null {
  const [, name, rest = ""] =
    /^#(start|lessons|programs|playground)(?:\/(.*))?$/
      .exec(fragment) ?? [];
  if (name !== undefined) return { name: name as ViewName, rest };
  // A scenario with its numbers: #full-queue?backlog=20
  const [, link] = /^#([a-z][a-z-]*(?:\?.*)?)$/.exec(fragment) ?? [];
  return link === undefined ? null : { name: "lessons", rest: `lab/${link}` };
}
