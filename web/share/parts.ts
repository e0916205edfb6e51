/// <reference lib="dom" />
// What the windows of sharing are made of.

import { made } from "../parts/elements.ts";
import type { Row } from "./contents.ts";

export function button(
  name: string,
  act: () => void,
  className = "",
): HTMLButtonElement {
  const element = made("button", className) as HTMLButtonElement;
  element.type = "button";
  element.textContent = name;
  element.onclick = act;
  return element;
}

export function words(
  name: string,
  className: string,
  text: string,
): HTMLElement {
  const element = made(name, className);
  element.textContent = text;
  return element;
}

export function terms(rows: readonly Row[]): HTMLElement {
  const list = made("dl", "terms");
  for (const [term, value] of rows) {
    list.append(words("dt", "", term), words("dd", "", value));
  }
  return list;
}

/** A window over the page; it is gone when it is closed. */
export function dialog(className: string, title: string): HTMLDialogElement {
  const element = made("dialog", `sheet ${className}`) as HTMLDialogElement;
  const heading = words("h2", "", title);
  heading.id = `${className}-title`;
  element.setAttribute("aria-labelledby", heading.id);
  element.append(heading);
  document.body.append(element);
  return element;
}

export function choice(
  label: string,
  options: readonly [value: string, name: string][],
  onChange: () => void,
): { label: HTMLElement; select: HTMLSelectElement } {
  const element = words("label", "", `${label} `);
  const select = made("select", "small") as HTMLSelectElement;
  for (const [value, name] of options) select.add(new Option(name, value));
  select.onchange = onChange;
  element.append(select);
  return { label: element, select };
}
