// A real Chromium for the tests: the one from npm, or the system's, with the page
// in it, and what a visitor does there. Without the flags that come with the npm
// package: they turn off the very borders that the sandbox is made of.

import sparticuz from "@sparticuz/chromium";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
} from "playwright-core";
import { serve, type Served } from "../../web/build/serve.ts";
import { builtPage } from "./built_page.ts";

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
const ARTIFACTS = new URL("../../artifacts/", import.meta.url);
const AXE = new URL("../../node_modules/axe-core/axe.min.js", import.meta.url);
export const PROMPT = "kettle$";

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

/** The page, served, and a browser: a test file has one of it. */
export class Stage {
  /** What the pages threw. */
  readonly faults: string[] = [];

  private constructor(
    readonly directory: string,
    readonly served: Served,
    readonly browser: Browser,
  ) {}

  /** At this port, or the next free one. */
  static async open(port: number): Promise<Stage> {
    mkdirSync(ARTIFACTS, { recursive: true });
    const [browser, directory] = await Promise.all([
      openBrowser(),
      builtPage(),
    ]);
    return new Stage(directory, await serve(directory, port), browser);
  }

  /** Where the terminal is; without the fragment a first visit begins at the start. */
  get playground(): string {
    return `${this.served.url}#playground`;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.served.close();
  }

  /** A page of a visitor with a browser of their own; nothing is loaded yet. */
  async newPage(context?: BrowserContext): Promise<Page> {
    const its = context ?? await this.newContext();
    const page = await its.newPage();
    page.on("pageerror", (error) => this.faults.push(String(error)));
    return page;
  }

  newContext(): Promise<BrowserContext> {
    return this.browser.newContext({ viewport: { width: 1440, height: 900 } });
  }

  /** The page with a prompt. */
  async visit(context?: BrowserContext): Promise<Page> {
    const page = await this.newPage(context);
    await page.goto(this.playground);
    await waitForText(page, PROMPT);
    return page;
  }

  /** A visitor, for as long as the body lasts. */
  async visitor(
    body: (page: Page, context: BrowserContext) => Promise<void>,
  ): Promise<void> {
    const context = await this.newContext();
    try {
      await body(await this.visit(context), context);
    } finally {
      await context.close();
    }
  }
}

/** What stands in the terminal, as text. */
export async function screenText(page: Page): Promise<string> {
  return await page.locator(".xterm-rows").innerText();
}

/** Waits until the terminal shows a text, which may be broken over its lines. */
export async function waitForText(
  page: Page,
  text: string,
  timeoutMs = 30_000,
): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const rows = document.querySelector(".xterm-rows") as HTMLElement | null;
      const shown = rows?.innerText.replaceAll("\u00a0", " ") ?? "";
      return shown.includes(wanted) ||
        shown.replaceAll("\n", "").includes(wanted);
    },
    text,
    { timeout: timeoutMs },
  ).catch(async () => {
    throw new Error(
      `"${text}" did not come; the terminal shows:\n${await screenText(page)}`,
    );
  });
}

/** Waits until the terminal's last line is a prompt. */
export async function atPrompt(page: Page): Promise<void> {
  await page.waitForFunction((prompt) => {
    const rows = document.querySelector(".xterm-rows") as HTMLElement;
    return rows.innerText.replaceAll("\u00a0", " ").trimEnd().endsWith(prompt);
  }, PROMPT);
}

/** Puts text into the terminal at once, as from the clipboard. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true });
    document.querySelector(".xterm textarea")!.dispatchEvent(event);
  }, text);
}

/** Enters a line on a clear screen, waits for what it shows and the prompt after it. */
export async function enter(
  page: Page,
  line: string,
  wanted: string,
): Promise<void> {
  await page.locator(".xterm").click();
  await paste(page, `clear; ${line}`);
  await page.keyboard.press("Enter");
  await waitForText(page, wanted);
  await atPrompt(page);
}

/** Writes a file as a visitor would: cat, the lines, ^D. */
export async function writeFile(
  page: Page,
  path: string,
  text: string,
): Promise<void> {
  await page.locator(".xterm").click();
  await paste(page, `clear; cat > ${path}`);
  await page.keyboard.press("Enter");
  // The shell has let go of the terminal when the screen is clear.
  await page.waitForFunction(() =>
    (document.querySelector(".xterm-rows") as HTMLElement)
      .innerText.trim() === ""
  );
  await paste(page, text);
  await page.keyboard.press("Control+d");
  await atPrompt(page);
}

/** As soon as the machine rests, its disk is kept. */
export async function reload(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.documentElement.dataset.machine === "idle"
  );
  await page.waitForTimeout(200);
  await page.reload();
  await waitForText(page, PROMPT);
}

export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: new URL(`${name}.png`, ARTIFACTS).pathname });
}

/** What axe finds wrong with the page as it is. */
export async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: readFileSync(AXE, "utf8") });
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<
          { violations: { id: string; nodes: { target: string[] }[] }[] }
        >;
      };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`
    );
  });
}
