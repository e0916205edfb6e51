/// <reference lib="dom" />
// Between an embed and the page that holds it. Only that page is listened to, and
// (if the address says so) only from one origin; what is said back goes to the
// origin that spoke last, never further. Nothing that an embed knows is secret:
// it has no storage and no visitor's file.

import { type Asked, readMessage, VERSION } from "./messages.ts";

export type Answer = Record<string, unknown>;

export interface PortListener {
  /** Throws a sentence when it cannot be done. */
  onAsked(asked: Asked): Answer | Promise<Answer>;
}

export class EmbedPort {
  readonly #listener: PortListener;
  readonly #only: string | null;
  /** Who spoke last; events go there. */
  #origin: string | null = null;
  #hasEvents = false;

  constructor(only: string | null, listener: PortListener) {
    this.#only = only;
    this.#listener = listener;
    if (parent === window) return;
    addEventListener("message", (event) => this.#hear(event));
    this.#post({ event: "ready" }, only ?? "*");
  }

  /** To whoever wanted events. */
  tell(event: string, content: Answer): void {
    if (this.#hasEvents && this.#origin !== null) {
      this.#post({ event, ...content }, this.#origin);
    }
  }

  async #hear({ source, origin, data }: MessageEvent): Promise<void> {
    if (source !== parent) return;
    if (this.#only !== null && origin !== this.#only) return;
    const asked = readMessage(data);
    if (asked === null) return;
    // A page without an origin of its own has no other name.
    this.#origin = origin === "null" ? "*" : origin;
    this.#post(await this.#answer(asked), this.#origin);
  }

  async #answer(
    asked: NonNullable<ReturnType<typeof readMessage>>,
  ): Promise<Answer> {
    const { id } = asked;
    try {
      if ("error" in asked) throw new Error(asked.error);
      if (asked.do === "events") this.#hasEvents = asked.on;
      return { id, ok: true, ...await this.#listener.onAsked(asked) };
    } catch (error) {
      return { id, ok: false, error: (error as Error).message };
    }
  }

  #post(content: Answer, to: string): void {
    parent.postMessage({ kettle: VERSION, ...content }, to);
  }
}
