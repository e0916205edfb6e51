/// <reference lib="dom" />
// The gallery: every program that comes along, with one line. It can be opened in
// the editor, changed and run; where a command shows something at once, that is
// offered, too.

import type { GalleryEntry } from "../build/gallery.ts";
import { made } from "../parts/elements.ts";
import type { View } from "../parts/views.ts";
import type { Playground } from "./doors.ts";

interface Group {
  title: string;
  line: string;
  has(entry: GalleryEntry): boolean;
}

const FIRST = ["hello", "figure_block", "figure_poll", "figure_push"];
const GROUPS: readonly Group[] = [
  {
    title: "To begin with",
    line: "The first program, and the article's figure in three ways.",
    has: ({ name }) => FIRST.includes(name),
  },
  {
    title: "Servers",
    line: "One server written five ways, and what stands behind it.",
    has: ({ path }) => path.startsWith("/servers/"),
  },
  {
    title: "To look at the machine",
    line: "They read the trace and /proc, as you could.",
    has: ({ command }) => command !== "",
  },
  {
    title: "All the others",
    line: "Each is a page or two of TypeScript. Open one, change it, run it.",
    has: () => true,
  },
];

export class ProgramsView implements View {
  readonly #playground: Playground;
  readonly #search = made("input", "search") as HTMLInputElement;
  readonly #none = made("p", "none");
  readonly #sections: HTMLElement[] = [];

  constructor(
    root: HTMLElement,
    entries: GalleryEntry[],
    playground: Playground,
  ) {
    this.#playground = playground;
    const page = made("div", "programs");
    page.innerHTML =
      `<h1>Programs</h1><p class="lead">Every command of the machine is a file that you can read, change and run.</p>`;
    this.#search.type = "search";
    this.#search.placeholder = "Find a program";
    this.#search.setAttribute("aria-label", "Find a program");
    this.#search.oninput = () => this.#find();
    this.#none.setAttribute("role", "status");
    page.append(this.#search, this.#none);
    let left = entries;
    for (const group of GROUPS) {
      const its = left.filter((entry) => group.has(entry));
      left = left.filter((entry) => !its.includes(entry));
      if (its.length > 0) this.#sections.push(this.#section(group, its));
    }
    page.append(...this.#sections);
    root.replaceChildren(page);
  }

  open(): void {}

  close(): void {}

  #section({ title, line }: Group, entries: GalleryEntry[]): HTMLElement {
    const section = made("section", "group");
    const heading = made("h2", "");
    heading.textContent = title;
    const words = made("p", "");
    words.textContent = line;
    const list = made("ul", "entries");
    list.append(...entries.map((entry) => this.#entry(entry)));
    section.append(heading, words, list);
    return section;
  }

  #entry({ path, name, about, command }: GalleryEntry): HTMLElement {
    const item = made("li", "entry");
    item.dataset.words = `${name} ${about}`.toLowerCase();
    const title = made("h3", "mono");
    title.textContent = name;
    const words = made("p", "");
    words.textContent = `${about.slice(0, 1).toUpperCase()}${about.slice(1)}.`;
    const row = made("div", "entry-buttons");
    row.append(
      button(
        "Open",
        `Open ${path} in the editor`,
        () => this.#playground.edit(path),
      ),
    );
    const typed = command === "" ? `${name} --help` : command;
    if (command !== "" || path.startsWith("/bin/")) {
      const word = command === "" ? "Help" : "Run";
      row.append(button(word, typed, () => this.#playground.run(typed)));
    }
    item.append(title, words, row);
    return item;
  }

  #find(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    let count = 0;
    for (const section of this.#sections) {
      const items = [...section.querySelectorAll<HTMLElement>(".entry")];
      for (const item of items) {
        item.hidden = !item.dataset.words!.includes(wanted);
        if (!item.hidden) count++;
      }
      section.hidden = items.every(({ hidden }) => hidden);
    }
    this.#none.textContent = count > 0
      ? ""
      : `No program has "${wanted}" in its name or its line.`;
  }
}

function button(
  word: string,
  title: string,
  act: () => void,
): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "small";
  made.textContent = word;
  made.title = title;
  made.setAttribute("aria-label", `${word}: ${title}`);
  made.onclick = act;
  return made;
}

export async function makeView(
  root: HTMLElement,
  playground: Playground,
): Promise<ProgramsView> {
  const answer = await fetch("gallery.json");
  if (!answer.ok) throw new Error(`gallery.json: ${answer.status}`);
  const entries = await answer.json() as GalleryEntry[];
  return new ProgramsView(root, entries, playground);
}
