// What axe finds wrong in one part of the page.

import type { Page } from "playwright-core";
import { violations } from "./browser.ts";

export async function violationsIn(
  page: Page,
  part: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const violation of await violations(page)) {
    const [, targets = ""] = /: (.*)/.exec(violation) ?? [];
    const isHere = await page.evaluate(
      ([targets, part]) =>
        [...document.querySelectorAll(targets!)].some((element) =>
          element.closest(part!) !== null
        ),
      [targets, part],
    );
    if (isHere) found.push(violation);
  }
  return found;
}
