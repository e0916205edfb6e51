/// <reference lib="dom" />
// The names of all panels: as a strip of tabs where not all can be shown, or as a
// list behind a button at the end of the row.

import { made } from "../parts/elements.ts";
import { type PanelKind, type PanelName, PANELS } from "./panel_list.ts";

export class PanelMenu {
  readonly strip = made("nav", "dock-strip");
  readonly list = made("div", "dock-list");
  readonly more: HTMLButtonElement;
  readonly #buttons = new Map<PanelName, HTMLButtonElement[]>();

  /** A tab brings its panel to the front; an entry of the list opens or closes it. */
  constructor(
    onBring: (name: PanelName) => void,
    onToggle: (name: PanelName) => void,
  ) {
    this.strip.setAttribute("aria-label", "Panels");
    this.list.id = "panel-list";
    this.list.popover = "auto";
    this.more = iconButton("+", "Panels: open and close them", () => {});
    this.more.classList.add("more");
    this.more.setAttribute("popovertarget", this.list.id);
    for (const kind of PANELS) {
      const tab = entry(kind, false), row = entry(kind, true);
      this.#buttons.set(kind.name, [tab, row]);
      tab.onclick = () => onBring(kind.name);
      row.onclick = () => {
        this.list.hidePopover();
        onToggle(kind.name);
      };
      this.strip.append(tab);
      this.list.append(row);
    }
  }

  /** Where a closed panel can be opened again. */
  buttonOf(name: PanelName): HTMLElement {
    const [tab] = this.#buttons.get(name)!;
    return tab!.offsetParent === null ? this.more : tab!;
  }

  /** These are shown now. */
  show(names: readonly PanelName[]): void {
    for (const [name, buttons] of this.#buttons) {
      const isShown = String(names.includes(name));
      for (const button of buttons) button.ariaPressed = isShown;
    }
  }
}

function entry(
  { title, about, key }: PanelKind,
  isLong: boolean,
): HTMLButtonElement {
  const button = made("button", isLong ? "bare" : "tab") as HTMLButtonElement;
  button.type = "button";
  const name = made("span", "");
  name.textContent = title;
  const letter = made("kbd", "");
  letter.textContent = key;
  const words = made("span", "about");
  words.textContent = about;
  button.append(name, ...isLong ? [words, letter] : [letter]);
  return button;
}

export function iconButton(
  sign: string,
  label: string,
  act: () => void,
): HTMLButtonElement {
  const button = made("button", "bare small sign") as HTMLButtonElement;
  button.type = "button";
  button.textContent = sign;
  button.setAttribute("aria-label", label);
  button.title = label;
  button.onclick = act;
  return button;
}
