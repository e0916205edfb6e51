/// <reference lib="dom" />
// The place where every slice answers "why?": a question, a sentence, the ways
// on from there, a few facts and what happened. It keeps its height, and while
// time passes it speaks at most once a second to those who listen.

import type { Measure } from "../protocol.ts";
import { STATES } from "../trace/states.ts";
import type { Phrase } from "../trace/phrases.ts";
import type { EventLine, Explanation, Place } from "../trace/why.ts";
import { duration, grouped, moment } from "./units.ts";

const SPEAK_EVERY_MS = 1000;

/** Where the ways out of the drawer lead. */
export interface DrawerListener {
  /** To a line of a program. */
  onSource(path: string, line: number): void;
  /** To another moment of another lane. */
  onPlace(laneId: string, at: number): void;
  /** The machine is to go there. */
  onGoTo(atNs: number): void;
}

export class Drawer {
  readonly #question: HTMLElement;
  readonly #answer: HTMLElement;
  readonly #facts: HTMLElement;
  readonly #ways = document.createElement("div");
  readonly #events = document.createElement("div");
  readonly #listener: DrawerListener | null;
  #shown = "";
  #listed = "";
  #changedAt = 0;

  constructor(
    question: HTMLElement,
    answer: HTMLElement,
    facts: HTMLElement,
    listener: DrawerListener | null = null,
  ) {
    this.#question = question;
    this.#answer = answer;
    this.#facts = facts;
    this.#listener = listener;
    this.#ways.className = "ways";
    answer.after(this.#ways);
    this.#events.className = "events";
    this.#events.hidden = true;
    this.#events.tabIndex = 0;
    this.#events.setAttribute("role", "region");
    facts.after(this.#events);
  }

  /** `isChosen`: not only looked at, so it has ways on and a list of events. */
  show(explanation: Explanation, isChosen = false): void {
    const { question, answer, facts, source, origin, goal } = explanation;
    this.say(question, answer, facts);
    if (!isChosen) return;
    this.#question.dataset.of = `${explanation.laneId} ${explanation.start}`;
    this.#showWays(source, origin, goal);
    this.#showEvents(explanation);
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

  /** Nothing is chosen: no ways on, no events. */
  clear(): void {
    this.#listed = "";
    delete this.#question.dataset.of;
    this.#ways.replaceChildren();
    this.#events.replaceChildren();
    this.#events.hidden = true;
  }

  /** The keyboard goes on to the first way on, or to the events. */
  focus(): void {
    const first = this.#ways.querySelector("button") ??
      (this.#events.hidden ? null : this.#events);
    first?.focus();
  }

  /** What took how long in a marked span. */
  showMeasure({ fromNs, toNs, events, shares }: Measure, of: string): void {
    this.clear();
    const whole = Math.max(1, toNs - fromNs);
    const many = `${grouped(events)} ${events === 1 ? "event" : "events"}`;
    this.say(
      `What is in the marked span of ${of}?`,
      [
        { text: `${duration(whole)}, with ${many}.`, style: "bold" },
        {
          text: ` From ${moment(Math.max(0, fromNs))} to ${moment(toNs)}, ` +
            `${grouped(Math.round(whole))} ns. Esc takes the mark away.`,
          style: "plain",
        },
      ],
    );
    const table = document.createElement("table");
    table.createCaption().textContent = "Time in each state";
    for (const { state, ns } of shares) {
      const row = table.insertRow();
      const { letter, name } = STATES[state];
      const head = element("th", `${letter} ${name}`);
      head.setAttribute("scope", "row");
      const share = `${(ns / whole * 100).toFixed(1)} %`;
      row.append(head, element("td", duration(ns)), element("td", share));
    }
    this.#events.setAttribute("aria-label", "Time in each state");
    this.#events.replaceChildren(table);
    this.#events.hidden = shares.length === 0;
  }

  // ----------------------------------------------------------- ways on

  #showWays(
    source: Explanation["source"],
    origin: Place | null,
    goal: Place | null,
  ): void {
    const ways: HTMLElement[] = [];
    if (source !== null) {
      const { path, line } = source;
      const name = path.slice(path.lastIndexOf("/") + 1);
      ways.push(
        way(`${name}:${line}`, "", () => this.#listener?.onSource(path, line)),
      );
    }
    if (origin !== null) ways.push(this.#wayTo(origin, "["));
    if (goal !== null) ways.push(this.#wayTo(goal, "]"));
    const text = ways.map(({ textContent }) => textContent).join();
    const old = [...this.#ways.children].map(({ textContent }) => textContent);
    // The button that has the focus stays the same button.
    if (text === old.join()) return;
    const focused = [...this.#ways.children].indexOf(
      document.activeElement as Element,
    );
    this.#ways.replaceChildren(...ways);
    if (focused >= 0) ways[Math.min(focused, ways.length - 1)]?.focus();
  }

  #wayTo({ laneId, at, words }: Place, key: string): HTMLElement {
    return way(words, key, () => this.#listener?.onPlace(laneId, at));
  }

  // ----------------------------------------------------------- events

  #showEvents({ laneId, start, events, moreEvents }: Explanation): void {
    const key = JSON.stringify([laneId, start, events.length, moreEvents]);
    if (key === this.#listed) return;
    this.#listed = key;
    const list = document.createElement("ol");
    list.append(...events.map((event) => this.#eventLine(event)));
    const parts: Node[] = [list];
    if (moreEvents > 0) {
      parts.push(element("p", `and ${grouped(moreEvents)} more`));
    }
    this.#events.setAttribute("aria-label", "Events of the selection");
    this.#events.replaceChildren(...parts);
    this.#events.hidden = events.length === 0;
  }

  /** A line that takes the machine to its moment. */
  #eventLine({ at, text }: EventLine): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.title = `Go to ${moment(at)}`;
    button.append(element("span", moment(at)), element("code", text));
    button.onclick = () => this.#listener?.onGoTo(at);
    const line = document.createElement("li");
    line.append(button);
    return line;
  }
}

function way(words: string, key: string, act: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.append(words);
  if (key !== "") button.append(" ", element("kbd", key));
  button.onclick = act;
  return button;
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
