/// <reference lib="dom" />
// What was written and is not on the machine's disk yet, kept by the browser: it
// is there when the machine dies, when time stands in the past, and after a
// reload. And which tabs were open. Without storage nothing is kept, and nobody
// is disturbed by it.

import { keep } from "../parts/keep.ts";

const DRAFT = "kettle.draft.";
const TABS = "kettle.tabs";
const TABS_MAX = 40;

export interface Draft {
  text: string;
  /** What the disk had then. */
  before: string | null;
}

export interface OpenTabs {
  paths: string[];
  active: string;
}

export class Drafts {
  /** False: nothing of this visit is kept (a stranger's link is open). */
  readonly #isOn: boolean;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** False if the browser kept nothing. */
  keep(path: string, draft: Draft): boolean {
    return this.#store(DRAFT + path, JSON.stringify(draft));
  }

  of(path: string): Draft | null {
    const found = this.#read(DRAFT + path) as Draft | null;
    const isDraft = typeof found?.text === "string" &&
      (found.before === null || typeof found.before === "string");
    return isDraft ? found : null;
  }

  forget(path: string): void {
    if (!this.#isOn) return;
    keep(DRAFT + path, null);
  }

  /** The files that have one. */
  paths(): string[] {
    if (!this.#isOn) return [];
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(DRAFT))
        .map((key) => key.slice(DRAFT.length));
    } catch {
      return [];
    }
  }

  keepTabs(tabs: OpenTabs): void {
    this.#store(TABS, JSON.stringify(tabs));
  }

  tabs(): OpenTabs | null {
    const found = this.#read(TABS) as OpenTabs | null;
    if (!Array.isArray(found?.paths)) return null;
    const paths = found.paths.filter((path) =>
      typeof path === "string" && path.startsWith("/")
    ).slice(0, TABS_MAX);
    return { paths, active: String(found.active) };
  }

  #store(key: string, text: string): boolean {
    return this.#isOn && keep(key, text);
  }

  #read(key: string): unknown {
    if (!this.#isOn) return null;
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }
}
