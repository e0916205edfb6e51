// A real Chromium for the tests: the one from npm, or the system's. Without the
// flags that come with the npm package: they turn off the very borders that the
// sandbox is made of.

import sparticuz from "@sparticuz/chromium";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const SYSTEM = "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: await executable(),
    args: FLAGS,
    headless: true,
  });
}

async function executable(): Promise<string> {
  try {
    return await sparticuz.executablePath();
  } catch (error) {
    if (existsSync(SYSTEM)) return SYSTEM;
    throw error;
  }
}

/** What stands in the terminal, as text. */
export async function screenText(page: Page): Promise<string> {
  return await page.locator(".xterm-rows").innerText();
}

/** Waits until the terminal's last line is a prompt and `text` was seen after `mark`. */
export async function waitForText(
  page: Page,
  text: string,
  timeoutMs = 30_000,
): Promise<void> {
  const rows = ".xterm-rows";
  await page.waitForFunction(
    ([selector, wanted]) => {
      const element = document.querySelector(selector!) as HTMLElement | null;
      const shown = element?.innerText.replaceAll("\u00a0", " ") ?? "";
      return shown.includes(wanted!);
    },
    [rows, text] as const,
    { timeout: timeoutMs },
  ).catch(async () => {
    throw new Error(
      `"${text}" did not come; the terminal shows:\n${await screenText(page)}`,
    );
  });
}
