/// <reference lib="dom" />
// The row of tabs: one for each open file, a place to name a new one, and a list
// of what is in /home, with what can be done to the file in front. It knows
// names only, not what is in the files.

import { made } from "../parts/elements.ts";

export interface TabsListener {
  onChoose(path: string): void;
  onClose(path: string): void;
  /** A name was given to a new file, or to the one in front. */
  onNew(name: string): void;
  onRename(path: string, name: string): void;
  onDelete(path: string): void;
}

export interface Tab {
  path: string;
  /** It has something that is not saved. */
  isDraft: boolean;
}

export class Tabs {
  readonly #listener: TabsListener;
  readonly #list = made("div", "tab-list");
  readonly #form = made("form", "name-form") as HTMLFormElement;
  readonly #input = made("input", "") as HTMLInputElement;
  readonly #menuButton = button("▾", "Files", "files-button");
  readonly #menu = made("div", "file-menu");
  #tabs: Tab[] = [];
  #active = "";
  #files: string[] = [];
  #canChange = false;
  #named: ((name: string) => void) | null = null;

  constructor(root: HTMLElement, listener: TabsListener) {
    this.#listener = listener;
    this.#list.setAttribute("role", "tablist");
    this.#list.setAttribute("aria-label", "Open files");
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    const add = button("+", "New file", "new-file");
    add.onclick = () =>
      this.#ask(
        "Name of the new file",
        "name.ts",
        "",
        (name) => listener.onNew(name),
      );
    this.#makeForm();
    this.#makeMenu();
    root.append(this.#list, this.#form, add, this.#menuButton, this.#menu);
  }

  show(tabs: Tab[], active: string, canChange: boolean): void {
    this.#tabs = tabs;
    this.#active = active;
    this.#canChange = canChange;
    const hadFocus = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...tabs.map((tab) => this.#tab(tab)));
    if (hadFocus) this.focus();
    this.#list.querySelector('[aria-selected="true"]')
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** What is in /home. */
  list(files: string[]): void {
    this.#files = files;
    if (!this.#menu.hidden) this.#fillMenu();
  }

  focus(): void {
    this.#list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  }

  // ----------------------------------------------------------- tabs

  #tab({ path, isDraft }: Tab): HTMLElement {
    const isActive = path === this.#active;
    const tab = made("button", "tab") as HTMLButtonElement;
    tab.type = "button";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(isActive));
    tab.setAttribute("aria-controls", "editor-code");
    tab.setAttribute("aria-keyshortcuts", "Delete");
    tab.tabIndex = isActive ? 0 : -1;
    tab.title = isDraft ? `${path}, not saved yet` : path;
    tab.dataset.path = path;
    const name = made("span", "");
    name.textContent = this.#nameOf(path);
    const close = made("span", "close-tab");
    close.textContent = isDraft ? "●" : "×";
    close.setAttribute("aria-hidden", "true");
    close.title = `Close ${name.textContent} (Delete)`;
    tab.append(name, close);
    tab.onclick = (event) =>
      event.target === close
        ? this.#listener.onClose(path)
        : this.#listener.onChoose(path);
    tab.onauxclick = (event) => {
      if (event.button === 1) this.#listener.onClose(path);
    };
    return tab;
  }

  /** Its last part, or more where two are called the same. */
  #nameOf(path: string): string {
    const last = path.slice(path.lastIndexOf("/") + 1);
    const same = this.#tabs.filter((it) => it.path.endsWith(`/${last}`));
    return same.length > 1 ? path.replace(/^\/home\//, "") : last;
  }

  #key(event: KeyboardEvent): void {
    const at = this.#tabs.findIndex(({ path }) => path === this.#active);
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    const tab = event.key === "Home"
      ? this.#tabs[0]
      : event.key === "End"
      ? this.#tabs.at(-1)
      : step === undefined
      ? undefined
      : this.#tabs[(at + step + this.#tabs.length) % this.#tabs.length];
    if (event.key === "Delete") this.#listener.onClose(this.#active);
    else if (tab !== undefined) this.#listener.onChoose(tab.path);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.focus();
  }

  // ----------------------------------------------------------- naming

  #makeForm(): void {
    this.#form.hidden = true;
    this.#input.spellcheck = false;
    this.#input.autocapitalize = "off";
    this.#input.autocomplete = "off";
    this.#form.append(this.#input);
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      const name = this.#input.value.trim();
      const named = this.#named;
      this.#closeForm();
      if (name !== "") named?.(name);
    };
    this.#input.onkeydown = (event) => {
      if (event.key === "Escape") this.#closeForm();
    };
    this.#input.onblur = () => this.#closeForm();
  }

  #ask(
    label: string,
    example: string,
    value: string,
    named: (name: string) => void,
  ): void {
    this.#closeMenu();
    this.#named = named;
    this.#input.setAttribute("aria-label", label);
    this.#input.title = label;
    this.#input.placeholder = example;
    this.#input.value = value;
    this.#form.hidden = false;
    this.#input.focus();
    const dot = value.lastIndexOf(".");
    this.#input.setSelectionRange(0, dot < 0 ? value.length : dot);
  }

  #closeForm(): void {
    this.#named = null;
    this.#form.hidden = true;
  }

  // ----------------------------------------------------------- the list

  #makeMenu(): void {
    this.#menu.hidden = true;
    this.#menuButton.setAttribute("aria-expanded", "false");
    this.#menuButton.onclick = () =>
      this.#menu.hidden ? this.#openMenu() : this.#closeMenu();
    this.#menu.onkeydown = (event) => this.#menuKey(event);
    this.#menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget === this.#menuButton) return;
      if (!this.#menu.contains(relatedTarget as Node | null)) this.#closeMenu();
    });
  }

  #openMenu(): void {
    this.#menu.hidden = false;
    this.#menuButton.setAttribute("aria-expanded", "true");
    this.#fillMenu();
    this.#menu.querySelector("button")?.focus();
  }

  #closeMenu(): void {
    this.#menu.hidden = true;
    this.#menuButton.setAttribute("aria-expanded", "false");
  }

  #fillMenu(): void {
    const { onChoose, onRename, onDelete } = this.#listener;
    const files = this.#files.map((path) =>
      this.#item(path.replace(/^\/home\//, ""), () => onChoose(path))
    );
    const head = made("p", "");
    head.textContent = files.length === 0 ? "/home is empty." : "/home";
    const acts: HTMLElement[] = [];
    if (this.#canChange) {
      const path = this.#active, name = this.#nameOf(path);
      acts.push(
        made("hr", ""),
        this.#item(
          `Rename ${name} …`,
          () =>
            this.#ask(
              `New name of ${name}`,
              name,
              name,
              (to) => onRename(path, to),
            ),
        ),
        this.#item(`Delete ${name} …`, () => onDelete(path)),
      );
    }
    this.#menu.replaceChildren(head, ...files, ...acts);
  }

  #item(words: string, act: () => void): HTMLElement {
    const item = made("button", "") as HTMLButtonElement;
    item.type = "button";
    item.textContent = words;
    item.onclick = () => {
      this.#closeMenu();
      act();
    };
    return item;
  }

  #menuKey(event: KeyboardEvent): void {
    const items = [...this.#menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "Escape") {
      this.#closeMenu();
      this.#menuButton.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      items[(at + step + items.length) % items.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function button(text: string, label: string, name: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `bare ${name}`;
  made.textContent = text;
  made.title = label;
  made.setAttribute("aria-label", label);
  return made;
}
