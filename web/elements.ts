/// <reference lib="dom" />
// The named places of index.html.

/** The element with that id: the page has it, or the page is broken. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}
