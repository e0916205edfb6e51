/// <reference lib="dom" />
// Light or dark: the system's, until the visitor chooses.

import { keep } from "./keep.ts";

/** The other one, and remembers it. */
export function changeTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset.theme === undefined
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : root.dataset.theme === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  keep("kettle.theme", root.dataset.theme);
}
