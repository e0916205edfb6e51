/// <reference lib="dom" />
// What a visitor has chosen, kept in the browser under a name. Where storage is
// off or full it lasts as long as the page.

/** Keeps a text under a name; null forgets what is there. False: it was not kept. */
export function keep(name: string, text: string | null): boolean {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}
