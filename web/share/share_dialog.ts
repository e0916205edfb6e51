/// <reference lib="dom" />
// The window in which a link is made: the link, copied if the browser lets it be;
// what it carries and what not; the snippet for another page; and what else can be
// taken out as a file. It does not know how any of them is made.

import type { Shared } from "../../host/share.ts";
import { made } from "../parts/elements.ts";
import { grouped, moment } from "../parts/units.ts";
import type { LeftOut } from "../protocol.ts";
import { embedSnippet, linkTo } from "./address.ts";
import {
  contentsOf,
  largeParts,
  LINK_LETTERS_MAX,
  notCarried,
  SHORT_LETTERS,
} from "./contents.ts";
import { button, choice, dialog, terms, words } from "./parts.ts";
import { copyText } from "./save.ts";

/** A link, and what is in it. */
export interface Made {
  fragment: string;
  shared: Shared;
  leftOut: LeftOut[];
  isAsSeen: boolean;
}

export interface DialogListener {
  onExport(what: string): void;
  onOpenFile(): void;
}

const EXPORTS: readonly [what: string, name: string][] = [
  ["trace", "Trace for Perfetto"],
  ["pcap", "Packets for Wireshark"],
  ["svg", "Timeline as SVG"],
  ["png", "Timeline as PNG"],
  ["files", "Files of /home as zip"],
  ["link", "The run as a .kettle file"],
];
const VIEWS: readonly [string, string][] = [
  ["timeline", "timeline"],
  ["code", "code"],
  ["terminal", "terminal"],
  ["disk", "disk"],
  ["network", "network"],
];
const THEMES: readonly [string, string][] = [
  ["", "the reader's theme"],
  ["light", "light"],
  ["dark", "dark"],
];

export class ShareDialog {
  readonly #listener: DialogListener;
  readonly #window = dialog("share", "Share what you see");
  readonly #body = made("div", "share-body");
  readonly #told = made("p", "told");
  #made: Made | null = null;

  constructor(listener: DialogListener) {
    this.#listener = listener;
    this.#told.setAttribute("role", "status");
    const foot = made("div", "foot");
    foot.append(
      button("Open a .kettle file…", () => listener.onOpenFile()),
      button("Close", () => this.#window.close(), "primary"),
    );
    this.#window.append(this.#body, this.#told, foot);
  }

  get isOpen(): boolean {
    return this.#window.open;
  }

  open(): void {
    this.#made = null;
    this.#told.textContent = "";
    this.#body.replaceChildren(words("p", "", "The link is being made."));
    if (!this.#window.open) this.#window.showModal();
  }

  /** The run is done once more from a fresh disk. */
  advance(nowNs: number, atNs: number): void {
    if (this.#made !== null) return;
    const part = atNs > 0 ? Math.floor(100 * nowNs / atNs) : 100;
    this.#body.replaceChildren(words(
      "p",
      "",
      `Your disk stays here, so this is done once more from a fresh one, up to ${
        moment(atNs)
      }: ${part} %.`,
    ));
  }

  show(made: Made): void {
    this.#made = made;
    const isTooLong = made.fragment.length > LINK_LETTERS_MAX;
    this.#body.replaceChildren(
      ...isTooLong ? this.#tooLong(made) : this.#link(made),
      ...this.#carried(made),
      ...isTooLong ? [] : this.#embed(made),
      this.#exports(),
    );
  }

  tell(text: string): void {
    this.#told.textContent = text;
  }

  // ----------------------------------------------------------- parts

  #link({ fragment }: Made): HTMLElement[] {
    const link = linkTo(fragment);
    const field = fieldOf(link, "The link");
    const row = made("div", "link-row");
    const copy = () => this.#copy(field, link);
    row.append(field, button("Copy", copy, "primary"));
    copy();
    const { length } = link;
    if (length <= SHORT_LETTERS) return [row];
    return [
      row,
      words(
        "p",
        "notice",
        `It has ${
          grouped(length)
        } characters, and some chats cut a link after 2,000. The .kettle file below holds the same.`,
      ),
    ];
  }

  async #copy(field: HTMLInputElement, link: string): Promise<void> {
    const length = `${grouped(link.length)} characters`;
    const isDone = await copyText(link);
    field.focus();
    field.select();
    this.tell(
      isDone
        ? `Copied: ${length}.`
        : `The browser keeps the clipboard shut. The link is selected: press Ctrl C (${length}).`,
    );
  }

  #tooLong({ fragment, shared }: Made): HTMLElement[] {
    const notice = words(
      "p",
      "notice",
      `This is too large for a link: ${
        grouped(fragment.length)
      } characters, and a link takes ${
        grouped(LINK_LETTERS_MAX)
      }. Most of it is ${
        largeParts(shared)
      }. As a file it can be sent all the same; whoever gets it drops it on this page.`,
    );
    const save = () => this.#listener.onExport("link");
    return [notice, button("Download run.kettle", save, "primary")];
  }

  #carried({ shared, leftOut, isAsSeen }: Made): HTMLElement[] {
    const not = made("ul", "not");
    for (const sentence of notCarried(leftOut, isAsSeen)) {
      not.append(words("li", "", sentence));
    }
    return [
      words("h3", "", "It carries"),
      terms(contentsOf(shared)),
      words("h3", "", "It does not carry"),
      not,
    ];
  }

  #embed({ fragment }: Made): HTMLElement[] {
    const text = made("textarea", "mono snippet") as HTMLTextAreaElement;
    text.readOnly = true;
    text.rows = 3;
    text.setAttribute("aria-label", "The snippet");
    const fill = () => {
      text.value = embedSnippet(fragment, {
        view: view.select.value,
        theme: theme.select.value,
        readOnly: readOnly.checked,
      });
    };
    const view = choice("Opens with the", VIEWS, fill);
    const theme = choice("in", THEMES, fill);
    const readOnly = made("input", "") as HTMLInputElement;
    readOnly.type = "checkbox";
    readOnly.onchange = fill;
    const only = made("label", "");
    only.append(readOnly, " the code cannot be changed");
    const options = made("div", "options");
    options.append(
      view.label,
      theme.label,
      only,
      button("Copy the snippet", () => this.#copySnippet(text), "small"),
    );
    fill();
    return [words("h3", "", "In a page of yours"), options, text];
  }

  async #copySnippet(text: HTMLTextAreaElement): Promise<void> {
    const isDone = await copyText(text.value);
    text.focus();
    text.select();
    this.tell(
      isDone
        ? "Copied: the snippet."
        : "The browser keeps the clipboard shut. The snippet is selected: press Ctrl C.",
    );
  }

  #exports(): HTMLElement {
    const part = made("div", "");
    const row = made("div", "options");
    for (const [what, name] of EXPORTS) {
      const save = () => this.#listener.onExport(what);
      row.append(button(name, save, "small"));
    }
    part.append(words("h3", "", "As a file"), row);
    return part;
  }
}

function fieldOf(value: string, label: string): HTMLInputElement {
  const field = made("input", "mono link") as HTMLInputElement;
  field.readOnly = true;
  field.value = value;
  field.setAttribute("aria-label", label);
  return field;
}
