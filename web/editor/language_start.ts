/// <reference lib="dom" />
// The language service on its way: its worker and what it is to know are fetched
// while the editor's own code still is. Whoever asks it questions is told if it
// does not come.

import type { Library } from "./language_protocol.ts";

export interface LanguageStart {
  /** Null: this browser gives none. */
  worker: Worker | null;
  library: Promise<Library>;
  /** Why it will not come; never, if it comes. */
  failed: Promise<string>;
}

const WORKER = "language.js";
const LIBRARY = "library.json";

export function startLanguage(): LanguageStart {
  const worker = newWorker();
  const library = fetchLibrary();
  const failed = new Promise<string>((resolve) => {
    if (worker === null) return resolve("this browser gave no worker");
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message || "it could not be fetched");
    };
    library.catch((error) => resolve(String(error.message ?? error)));
  });
  return { worker, library, failed };
}

function newWorker(): Worker | null {
  try {
    return new Worker(WORKER);
  } catch {
    return null;
  }
}

async function fetchLibrary(): Promise<Library> {
  const response = await fetch(LIBRARY);
  if (!response.ok) throw new Error(`${LIBRARY}: ${response.status}`);
  return await response.json() as Library;
}
