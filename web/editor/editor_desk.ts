/// <reference lib="dom" />
// The page's dealings with the editor before it is there: its code is fetched
// once there is a prompt, and what was wished and said until then is kept for
// it. Without it the page works, and one sentence says what is missing.

import type { FromRunner } from "../protocol.ts";
import { type LanguageStart, startLanguage } from "./language_start.ts";
import type { EditorListener, EditorOptions } from "./editor.ts";

type Bundle = typeof import("./editor.ts");
type Editor = InstanceType<Bundle["Editor"]>;

export interface DeskOptions extends EditorOptions {
  /** Sources of what came with Kettle. */
  sources(): Promise<Record<string, string>>;
}

/** What an editor that comes later must have heard. */
const KEPT: ReadonlySet<FromRunner["kind"]> = new Set(["status", "fileList"]);

/** A machine that does not come to rest shall have an editor as well. */
const WAIT_MS = 1_000;

export class EditorDesk {
  readonly #root: HTMLElement;
  readonly #listener: EditorListener;
  readonly #options: DeskOptions;
  readonly #heard = new Map<FromRunner["kind"], FromRunner>();
  #editor: Editor | null = null;
  #loading: Promise<Editor> | null = null;
  #tries = 0;
  #isReady = false;
  #language: LanguageStart | null = null;

  constructor(
    root: HTMLElement,
    listener: EditorListener,
    options: DeskOptions,
  ) {
    this.#root = root;
    this.#listener = listener;
    this.#options = options;
    root.dataset.language = "loading";
  }

  /** The file in front; "" if there is none. */
  get path(): string {
    return this.#editor?.path ?? "";
  }

  hear(message: FromRunner): void {
    if (this.#editor !== null) return void this.#editor.hear(message);
    if (KEPT.has(message.kind)) this.#heard.set(message.kind, message);
    if (message.kind === "ready") this.#isReady = true;
    const rests = message.kind === "status" &&
      message.status.state !== "running";
    if (this.#isReady && rests) this.#begin();
    else if (message.kind === "ready") setTimeout(() => this.#begin(), WAIT_MS);
  }

  /** The prompt is there, or long in coming: it has the processor first. */
  #begin(): void {
    if (this.#tries === 0) this.#load().catch(() => {}); // that is told
  }

  /** Brings a file to the front, and the cursor to a line. */
  async open(path: string, line?: number): Promise<void> {
    (await this.#load()).open(path, line);
  }

  async run(): Promise<void> {
    await (await this.#load()).run();
  }

  /** Lights a line of a file that is open; null puts the light out. */
  light(file: string | null, line?: number, note?: string): void {
    this.#editor?.light(file, line, note);
  }

  focus(): void {
    this.#editor?.focus();
  }

  /** The answer to a program that asks for its file to be edited here. */
  async edit(asked: Record<string, unknown>): Promise<Record<string, unknown>> {
    const { path, line } = asked;
    if (typeof path !== "string" || !path.startsWith("/")) {
      return { error: "edit asks for an absolute path" };
    }
    const editor = await this.#load();
    if (!editor.takes(path)) return { opened: false };
    editor.open(path, typeof line === "number" ? line : undefined);
    editor.focus();
    return { opened: true };
  }

  #load(): Promise<Editor> {
    this.#loading ??= this.#fetch().catch((error) => {
      this.#loading = null;
      this.#tell(error instanceof Error ? error.message : String(error));
      throw error;
    });
    return this.#loading;
  }

  async #fetch(): Promise<Editor> {
    // A module that failed is remembered as such, under its address.
    const again = this.#tries++ === 0 ? "" : `?${this.#tries}`;
    const { href } = new URL(`editor.js${again}`, location.href);
    this.#language ??= startLanguage();
    const { Editor } = await import(href) as Bundle;
    const editor = new Editor(
      this.#root,
      this.#listener,
      this.#options,
      this.#language,
    );
    this.#editor = editor;
    for (const message of this.#heard.values()) editor.hear(message);
    this.#options.sources().then((sources) => editor.know(sources))
      .catch(() => {}); // the machine tells of it
    return editor;
  }

  #tell(why: string): void {
    const sentence = document.createElement("p");
    sentence.className = "told";
    sentence.textContent = `The editor could not be loaded (${why}). ` +
      "The terminal has one: edit -t hello.ts.";
    const again = document.createElement("button");
    again.className = "small";
    again.textContent = "Try again";
    again.onclick = () => {
      this.#load().catch(() => {});
    };
    sentence.append(" ", again);
    this.#root.replaceChildren(sentence);
  }
}
