// The manual's books on the disk: /man/1_programs.md and so on, one file a
// section, so that a search reads a few long files and not hundreds of short
// ones. What is in them is manual.ts's business.

import { close, open, readAll, readdir, type Routine, text } from "kettle";
import { type Page, parseBook } from "./manual.ts";

const DIRECTORY = "/man";

/** All pages, or those of one section; ENOENT when there is no manual on this disk. */
export function* readBooks(section?: string): Routine<Page[]> {
  const pages: Page[] = [];
  for (const { name } of yield* readdir(DIRECTORY)) {
    const isWanted = section === undefined
      ? /^\d/.test(name)
      : name.startsWith(section);
    if (!isWanted || !name.endsWith(".md")) continue;
    const fd = yield* open(`${DIRECTORY}/${name}`);
    pages.push(...parseBook(text(yield* readAll(fd))));
    yield* close(fd);
  }
  return pages;
}
