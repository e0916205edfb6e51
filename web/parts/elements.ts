/// <reference lib="dom" />
// The named places of index.html, and what panels are made of.

/** The element with that id: the page has it, or the page is broken. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

export function made(name: string, className: string): HTMLElement {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  return element;
}

/** Only where they differ: what does not change is not painted. */
export function setText(element: Element, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}

/** A list of terms: its rows are kept, and get these words. */
export function fillTerms(list: HTMLElement, rows: [string, string][]): void {
  const { children } = list;
  while (children.length > rows.length * 2) list.lastElementChild!.remove();
  while (children.length < rows.length * 2) {
    list.append(made("dt", ""), made("dd", ""));
  }
  rows.forEach(([word, value], i) => {
    setText(children[2 * i]!, word);
    setText(children[2 * i + 1]!, value);
  });
}
