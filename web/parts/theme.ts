/// <reference lib="dom" />
// Light or dark: the system's, until the visitor chooses.

/** The other one, and remembers it. */
export function changeTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset.theme === undefined
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : root.dataset.theme === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("kettle.theme", root.dataset.theme);
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
}
