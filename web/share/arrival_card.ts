/// <reference lib="dom" />
// What the page shows before anything of a link is run: what is in it, its files
// to be read, and whether to play it. What is in a link is a stranger's: it is put
// on the page as text and nothing else.

import { LinkError, openLink, type Shared } from "../../host/share.ts";
import { made } from "../parts/elements.ts";
import { moment } from "../parts/units.ts";
import { pageAddress } from "./address.ts";
import { contentsOf, filesIn, lines, shortName } from "./contents.ts";
import { button, dialog, terms, words } from "./parts.ts";
import { VERSION } from "./version.ts";

export class ArrivalCard {
  readonly #window = dialog("arrival", "A link from somebody");
  #resolve: (shared: Shared | null) => void = () => {};

  /** Null: it cannot be opened, or is not to be. */
  async ask(fragment: string): Promise<Shared | null> {
    const answer = new Promise<Shared | null>((done) => this.#resolve = done);
    this.#window.oncancel = () => this.#end(null);
    try {
      this.#show(await openLink(fragment));
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.#refuse(error.message);
    }
    this.#window.showModal();
    return await answer;
  }

  #show(shared: Shared): void {
    const foot = made("div", "foot");
    const play = button("Play it", () => this.#end(shared), "go");
    play.autofocus = true;
    const files = filesIn(shared);
    const read = button("Look at the files", () => this.#read(files, read));
    read.disabled = Object.keys(files).length === 0;
    foot.append(play, read, button("Not now", () => this.#end(null)));
    this.#window.append(
      words("p", "lead", "This link carries a run. Nothing of it has run yet."),
      words(
        "p",
        "",
        `It runs in a machine of its own, which cannot reach the network or your files. Your disk stays as it is. To play it, everything up to ${
          moment(shared.atNs)
        } is done again.`,
      ),
      terms([...contentsOf(shared), ["Made with", madeWith(shared)]]),
      foot,
    );
  }

  /** One file under the other, as text. */
  #read(files: Record<string, string>, pressed: HTMLButtonElement): void {
    pressed.disabled = true;
    const list = made("div", "files");
    for (const [path, text] of Object.entries(files)) {
      const head = words("h3", "", `${shortName(path)}, ${lines(text)}`);
      const code = words("pre", "mono", text);
      code.tabIndex = 0;
      list.append(head, code);
    }
    this.#window.lastElementChild!.before(list);
    list.querySelector("pre")?.focus();
  }

  #refuse(message: string): void {
    const foot = made("div", "foot");
    const on = button("Go on", () => this.#end(null), "primary");
    on.autofocus = true;
    foot.append(on);
    this.#window.append(
      words("p", "notice bad", message),
      words("p", "", "Nothing was run and your files are as they were."),
      foot,
    );
  }

  #end(shared: Shared | null): void {
    if (shared === null) history.replaceState(null, "", pageAddress());
    this.#window.remove();
    this.#resolve(shared);
  }
}

function madeWith({ kettle }: Shared): string {
  if (kettle === undefined) return "a Kettle that does not say which";
  return kettle === VERSION
    ? `Kettle ${kettle}, the same as this`
    : `Kettle ${kettle}; this is ${VERSION}`;
}
