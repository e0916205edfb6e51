/// <reference lib="dom" />
// The line over the timeline while the machine is one that somebody sent: how far
// it is on its way, whether it is the run that was shared, and the way back to
// one's own.

import type { Shared } from "../../host/share.ts";
import { made } from "../parts/elements.ts";
import { moment } from "../parts/units.ts";
import type { FromRunner } from "../protocol.ts";
import { goHome } from "./address.ts";
import { verdict } from "./contents.ts";
import { button } from "./parts.ts";
import { VERSION } from "./version.ts";

type Opened = Extract<FromRunner, { kind: "opened" }>;

export interface StripListener {
  /** Not further. */
  onEnough(): void;
  settle(): Promise<void>;
}

export class VisitStrip {
  readonly #shared: Shared;
  readonly #line = made("div", "visit");
  readonly #text = made("p", "");
  readonly #bar = made("progress", "") as HTMLProgressElement;
  readonly #enough: HTMLButtonElement;
  isOnItsWay = true;

  constructor(shared: Shared, listener: StripListener) {
    this.#shared = shared;
    this.#text.setAttribute("role", "status");
    this.#bar.setAttribute("aria-label", "How much is done again");
    this.#enough = button("Stop there", () => listener.onEnough(), "small");
    const home = button("Back to my machine", goHome, "small");
    home.title = "Your own disk, as you left it";
    this.#line.append(this.#text, this.#bar, this.#enough, home);
  }

  show(): void {
    this.#text.textContent = "The machine of the link is being started.";
    document.querySelector(".panel.timeline > .head")!.after(this.#line);
  }

  advance(nowNs: number, atNs: number): void {
    const part = atNs > 0 ? nowNs / atNs : 1;
    this.#bar.value = part;
    this.#text.textContent = `Replaying to ${moment(atNs)}: ${
      Math.floor(100 * part)
    } %.`;
  }

  arrive({ hash, isCut, nowNs }: Opened): void {
    this.isOnItsWay = false;
    this.#bar.remove();
    this.#enough.remove();
    const { isSame, text } = isCut
      ? {
        isSame: false,
        text: `It was stopped at ${
          moment(nowNs)
        }, before the instant that was shared.`,
      }
      : this.#verdict(hash);
    this.#line.classList.add(isSame ? "good" : "differs");
    this.#text.textContent =
      `${text} This machine is the link's; your own disk is not touched.`;
  }

  #verdict(found: string): { isSame: boolean; text: string } {
    const { hash, kettle = "" } = this.#shared;
    if (hash === "") {
      return {
        isSame: true,
        text: "The link does not say what its trace was.",
      };
    }
    return verdict(hash, found, { link: kettle, here: VERSION });
  }
}
