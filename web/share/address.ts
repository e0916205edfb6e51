/// <reference lib="dom" />
// Where a link leads, and what came with this page's own address: a link's
// fragment begins with a digit, so it names no view. What came from a file is in
// the history entry, which outlives a reload and is no storage.

/** What a page was opened with; null: nothing. */
export function sentHere(): string | null {
  const fragment = location.hash.slice(1);
  if (fragment !== FILE) return /^\d/.test(fragment) ? fragment : null;
  const { kettle } = (history.state ?? {}) as { kettle?: unknown };
  return typeof kettle === "string" ? kettle : null;
}

/** With a digit, as a link has: it names no view and no scenario. */
const FILE = "0file";

/** The page itself, without what it was opened with. */
export function pageAddress(): string {
  return location.origin +
    location.pathname.replace(/(index|embed)\.html$/, "");
}

export function linkTo(fragment: string): string {
  return `${pageAddress()}#${fragment}`;
}

/** The page once more, with what a file holds. */
export function openFileHere(text: string): void {
  history.pushState({ kettle: text }, "", `#${FILE}`);
  location.reload();
}

/** The page once more, with the visitor's own machine. */
export function goHome(): void {
  history.pushState(null, "", pageAddress() + location.search);
  location.reload();
}

export interface EmbedLook {
  view: string;
  theme: string;
  readOnly: boolean;
}

/** What puts a link into somebody's page. */
export function embedSnippet(fragment: string, look: EmbedLook): string {
  const { view, theme, readOnly } = look;
  const options = new URLSearchParams({ embed: "1" });
  if (view !== "timeline") options.set("view", view);
  if (theme !== "") options.set("theme", theme);
  if (readOnly) options.set("ro", "1");
  const address = `${pageAddress()}?${options}#${fragment}`
    .replace(/&/g, "&amp;");
  return `<iframe src="${address}" width="640" height="360" ` +
    `style="border:0" title="Kettle" loading="lazy"></iframe>`;
}
