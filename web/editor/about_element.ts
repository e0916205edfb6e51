/// <reference lib="dom" />
// What is shown of a name, as elements: its type, its page of the manual in a
// small part of Markdown. Text only: nothing in it is taken for HTML.

import { made } from "../parts/elements.ts";
import type { About } from "./language_protocol.ts";

export function aboutElement(about: About): HTMLElement {
  const root = made("div", "about");
  if (about.signature !== "") root.append(code(about.signature));
  if (about.title !== "") {
    const head = made("p", "about-head");
    const name = made("b", "");
    name.textContent = about.title;
    head.append(name, " ", ...inline(about.about));
    root.append(head);
  }
  root.append(...blocks(about.text));
  return root;
}

function code(text: string): HTMLElement {
  const pre = made("pre", "");
  pre.textContent = text;
  return pre;
}

function blocks(text: string): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (const [part] of text.matchAll(/```[\s\S]*?```|(?:(?!```)[\s\S])+/g)) {
    if (part.startsWith("```")) {
      found.push(code(part.replace(/^```\w*\n|\n?```$/g, "")));
    } else found.push(...paragraphs(part));
  }
  return found;
}

function paragraphs(text: string): HTMLElement[] {
  const found: HTMLElement[] = [];
  let list: HTMLElement | null = null;
  for (const line of text.split(/\n(?=- )|\n\n/)) {
    const words = line.trim();
    if (words === "") continue;
    if (!words.startsWith("- ")) {
      list = null;
      found.push(filled("p", words));
      continue;
    }
    if (list === null) found.push(list = made("ul", ""));
    list.append(filled("li", words.slice(2)));
  }
  return found;
}

function filled(name: string, words: string): HTMLElement {
  const element = made(name, "");
  element.append(...inline(words));
  return element;
}

/** `code` in a sentence. */
function inline(words: string): (Node | string)[] {
  return words.split(/(`[^`]*`)/).map((part) => {
    if (!/^`.*`$/.test(part)) return part;
    const element = made("code", "");
    element.textContent = part.slice(1, -1);
    return element;
  });
}
