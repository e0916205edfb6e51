// What a visitor does in the editor, for the tests of it.

import type { Locator, Page } from "playwright-core";

const TRIES = 200;
const TRY_EVERY_MS = 50;

export class EditorKit {
  constructor(readonly page: Page) {}

  get code(): Locator {
    return this.page.locator("#editor .cm-content");
  }

  get told(): Locator {
    return this.page.locator("#editor .told");
  }

  tab(name: string): Locator {
    return this.page.locator("#editor [role=tab]", { hasText: name });
  }

  readonly text = () => this.code.innerText();
  readonly saved = () => this.page.locator("#editor .saved").innerText();
  readonly foot = () => this.page.locator("#editor .foot").innerText();

  /** Waits until it is so. */
  async becomes(what: () => Promise<string>, wanted: RegExp): Promise<string> {
    let last = "";
    for (let i = 0; i < TRIES; i++) {
      last = await what();
      if (wanted.test(last)) return last;
      await this.page.waitForTimeout(TRY_EVERY_MS);
    }
    throw new Error(`${wanted} did not come, but:\n${last}`);
  }

  async ready(): Promise<void> {
    await this.page.locator("#editor[data-language=ready]").waitFor();
  }

  /** The whole text of the file in front is this, as if pasted. */
  async write(text: string): Promise<void> {
    await this.code.focus();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(text);
  }

  async newFile(name: string, text: string): Promise<void> {
    const { page } = this;
    await page.getByRole("button", { name: "New file" }).click();
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await page.locator("#editor [aria-selected=true]", { hasText: name })
      .waitFor();
    await this.becomes(this.saved, /saved$/);
    await this.write(text);
  }
}
