/// <reference lib="dom" />
// The place where every slice answers "why?": a question, a sentence, a few
// facts. It keeps its height, and while time passes it speaks at most once a
// second to those who listen.

import type { Explanation, Phrase } from "../trace/why.ts";

const SPEAK_EVERY_MS = 1000;

export class Drawer {
  readonly #question: HTMLElement;
  readonly #answer: HTMLElement;
  readonly #facts: HTMLElement;
  #shown = "";
  #changedAt = 0;

  constructor(question: HTMLElement, answer: HTMLElement, facts: HTMLElement) {
    this.#question = question;
    this.#answer = answer;
    this.#facts = facts;
  }

  show({ question, answer, facts }: Explanation): void {
    this.say(question, answer, facts);
  }

  say(
    question: string,
    answer: Phrase[],
    facts: [string, string][] = [],
  ): void {
    const text = JSON.stringify([question, answer, facts]);
    if (text === this.#shown) return;
    this.#shown = text;
    const soon = performance.now() - this.#changedAt < SPEAK_EVERY_MS;
    this.#answer.setAttribute("aria-live", soon ? "off" : "polite");
    this.#changedAt = performance.now();
    this.#question.textContent = question;
    this.#answer.replaceChildren(...answer.map(phraseElement));
    this.#facts.replaceChildren(...facts.flatMap(([word, value]) => [
      element("dt", word),
      element("dd", value),
    ]));
  }
}

function phraseElement({ text, style }: Phrase): Node {
  if (style === "bold") return element("b", text);
  if (style === "code") return element("code", text);
  return document.createTextNode(text);
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
