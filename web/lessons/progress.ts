/// <reference lib="dom" />
// How far a reader is: which chapters are read, predicted and done. Kept with this
// browser, where it keeps anything, and nowhere else.

import { keep } from "../parts/keep.ts";

const KEY = "kettle.lessons";

export interface ChapterProgress {
  /** What was chosen; −1: skipped. */
  predicted?: number;
  isDone?: boolean;
}

export class Progress {
  #chapters: Record<string, ChapterProgress> = read();

  of(id: string): ChapterProgress {
    return this.#chapters[id] ?? {};
  }

  note(id: string, change: ChapterProgress): void {
    this.#chapters[id] = { ...this.of(id), ...change };
    write(this.#chapters);
  }

  get doneCount(): number {
    return Object.values(this.#chapters).filter(({ isDone }) => isDone).length;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#chapters).length === 0;
  }

  forget(): void {
    this.#chapters = {};
    write(this.#chapters);
  }
}

/** Whatever lies there: only what is well formed counts. */
function read(): Record<string, ChapterProgress> {
  const chapters: Record<string, ChapterProgress> = {};
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as unknown;
    for (const [id, value] of Object.entries(kept ?? {})) {
      if (typeof value !== "object" || value === null) continue;
      const { predicted, isDone } = value as Record<string, unknown>;
      chapters[id] = {
        ...typeof predicted === "number" && { predicted },
        ...isDone === true && { isDone },
      };
    }
  } catch {
    // Nothing is kept, or it cannot be read: the reader begins anew.
  }
  return chapters;
}

function write(chapters: Record<string, ChapterProgress>): void {
  keep(KEY, JSON.stringify(chapters));
}
