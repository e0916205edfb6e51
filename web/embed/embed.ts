/// <reference lib="dom" />
// An embed before anything runs: the still figure, or what is in its link; tabs,
// the code, and the way into Kettle. The machine and all that shows it are fetched
// at the first click on Play, and not before.

import { LinkError, linkOf, openLink, type Shared } from "../../host/share.ts";
import { byId, made } from "../parts/elements.ts";
import { linkTo, sentHere } from "../share/address.ts";
import { contentsOf, filesIn, shortName } from "../share/contents.ts";
import { terms, words } from "../share/parts.ts";
import { embedOptions, type ViewName, VIEWS } from "./embed_options.ts";
import type { Asked } from "./messages.ts";
import { type Answer, EmbedPort } from "./port.ts";
import { openedAt, runOfFiles, withFile } from "./run_of.ts";

type Machines = typeof import("./embed_machine.ts");
type EmbedMachine = InstanceType<Machines["EmbedMachine"]>;

const NOT_CLICKED =
  "nothing is loaded yet: the reader has not pressed Play, and only they can";

class Embed {
  readonly #options = embedOptions(location.search);
  readonly #port: EmbedPort;
  /** What is played; null: there is none, or it is damaged. */
  #shared: Shared | null = null;
  /** Typed once it runs. */
  #command = "";
  #machine: EmbedMachine | null = null;
  #loading: Promise<void> | null = null;

  constructor() {
    this.#port = new EmbedPort(this.#options.origin, {
      onAsked: (asked) => this.#answer(asked),
    });
    this.#listen();
    this.show(this.#options.view);
    this.#begin();
  }

  // ----------------------------------------------------------- what it plays

  async #begin(): Promise<void> {
    const fragment = sentHere();
    if (fragment !== null) return await this.#takeLink(fragment);
    const { command = "", source = "" } = byId("figure").dataset;
    this.#command = command;
    this.#take(runOfFiles({ [`/home/${command}.ts`]: source }));
  }

  async #takeLink(fragment: string): Promise<void> {
    try {
      const shared = await openLink(fragment);
      this.#command = "";
      this.#take(openedAt(shared, this.#options.atNs));
      this.#describe(shared);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.#refuse(error.message);
    }
  }

  /** Another run is to be played. */
  #take(shared: Shared): void {
    this.#shared = shared;
    const files = filesIn(shared);
    const select = byId("file") as HTMLSelectElement;
    select.replaceChildren();
    for (const path of Object.keys(files)) {
      select.add(new Option(shortName(path), path));
    }
    if (select.options.length === 0) select.add(new Option("no file", ""));
    this.#showFile();
    this.#linkOut();
  }

  #describe(shared: Shared): void {
    byId("figure").hidden = true;
    const contents = byId("contents");
    contents.hidden = false;
    contents.replaceChildren(
      words("p", "lead", "A run to be played. Nothing of it has run yet."),
      terms(contentsOf(shared)),
    );
    this.#say("Press Play to see it.");
  }

  #refuse(message: string): void {
    byId("figure").hidden = true;
    const contents = byId("contents");
    contents.hidden = false;
    contents.replaceChildren(words("p", "notice bad", message));
    this.#say("Nothing was run.");
    (byId("play") as HTMLButtonElement).disabled = true;
  }

  #say(text: string): void {
    byId("sentence").textContent = text;
  }

  // ----------------------------------------------------------- the code

  #showFile(): void {
    const source = byId("source") as HTMLTextAreaElement;
    const { value: path } = byId("file") as HTMLSelectElement;
    source.value = this.#shared === null
      ? ""
      : filesIn(this.#shared)[path] ?? "";
    source.readOnly = this.#options.readOnly || path === "";
    byId("run").hidden = this.#options.readOnly || !path.endsWith(".ts");
    byId("only").textContent = this.#options.readOnly ? "read only" : "";
  }

  #edited(): void {
    const { value: path } = byId("file") as HTMLSelectElement;
    const { value: text } = byId("source") as HTMLTextAreaElement;
    if (this.#machine !== null) return this.#machine.save(path, text);
    if (this.#shared === null) return;
    this.#shared = withFile(this.#shared, path, text);
    this.#linkOut();
  }

  async #runFile(): Promise<void> {
    const { value: path } = byId("file") as HTMLSelectElement;
    if (this.#machine === null) {
      this.#shared = runOfFiles(filesIn(this.#shared!));
      this.#command = "";
      await this.#load();
    }
    this.show("terminal");
    this.#machine?.runFile(path);
  }

  // ----------------------------------------------------------- into Kettle

  /** The link of what is here, kept up to date, so that a click needs no time. */
  async #linkOut(): Promise<void> {
    if (this.#shared === null) return;
    const link = linkTo(await linkOf(this.#shared));
    (byId("open") as HTMLAnchorElement).href = link;
  }

  async #openLive(event: Event): Promise<void> {
    if (this.#machine === null) return;
    event.preventDefault();
    const link = linkTo(await linkOf(await this.#machine.share()));
    (byId("open") as HTMLAnchorElement).href = link;
    // A frame that may open no window says so by giving none.
    if (open(link, "_blank") === null) this.#offer(link);
  }

  #offer(link: string): void {
    const field = made("input", "mono") as HTMLInputElement;
    field.readOnly = true;
    field.value = link;
    field.setAttribute("aria-label", "The link");
    byId("sentence").replaceChildren(
      "This page lets no window be opened. The link is: ",
      field,
    );
    field.select();
  }

  // ----------------------------------------------------------- views

  show(name: ViewName): void {
    for (const view of VIEWS) {
      byId(`view-${view}`).hidden = view !== name;
      const tab = byId(`tab-${view}`);
      tab.setAttribute("aria-selected", String(view === name));
      tab.tabIndex = view === name ? 0 : -1;
    }
    this.#machine?.show(name);
  }

  #tabKey({ key }: KeyboardEvent): void {
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    const at = VIEWS.findIndex((name) => byId(`tab-${name}`).tabIndex === 0);
    const next = VIEWS[(at + step + VIEWS.length) % VIEWS.length]!;
    if (step === 0) return;
    this.show(next);
    byId(`tab-${next}`).focus();
  }

  // ----------------------------------------------------------- playing

  /** All that runs is fetched now. */
  #load(): Promise<void> {
    return this.#loading ??= this.#fetchMachine().catch((error) => {
      this.#loading = null;
      const why = (error as Error).message;
      this.#say(
        origin === "null"
          ? 'This frame is sandboxed without an origin, and where Kettle lies lets no such frame fetch from it. The page needs sandbox="allow-scripts allow-same-origin".'
          : `The machine could not be loaded (${why}). Press Play again.`,
      );
      throw error;
    });
  }

  async #fetchMachine(): Promise<void> {
    this.#say("The machine is being loaded.");
    const { href } = new URL("embed_machine.js", location.href);
    const [{ EmbedMachine }, response] = await Promise.all([
      import(href) as Promise<Machines>,
      fetch("runner.js"),
    ]);
    if (!response.ok) throw new Error(`runner.js: ${response.status}`);
    this.#machine = new EmbedMachine(await response.text(), {
      readOnly: this.#options.readOnly,
      onTell: (event, content) => this.#port.tell(event, content),
      onFile: (path, text) => this.#changed(path, text),
    });
    const { speed } = byId("figure").dataset;
    await this.#machine.open(this.#shared!, this.#command, Number(speed));
    this.#machine.show(this.#shown);
  }

  get #shown(): ViewName {
    return VIEWS.find((name) => !byId(`view-${name}`).hidden) ?? "timeline";
  }

  #changed(path: string, text: string): void {
    const source = byId("source") as HTMLTextAreaElement;
    if ((byId("file") as HTMLSelectElement).value === path) source.value = text;
  }

  async #play(): Promise<void> {
    if (this.#machine !== null) return this.#machine.toggle();
    await this.#load().then(() => this.#machine?.play(), () => {});
  }

  // ----------------------------------------------------------- asked from outside

  async #answer(asked: Asked): Promise<Answer> {
    switch (asked.do) {
      case "load":
        await this.#loadAsked(asked);
        return this.#state();
      case "events":
      case "state":
        return this.#state();
      case "run":
        this.#loaded.play();
        return {};
      case "pause":
        this.#loaded.pause();
        return {};
      case "seek":
        this.#loaded.seek(asked.atNs);
        return {};
    }
  }

  async #loadAsked(asked: Extract<Asked, { do: "load" }>): Promise<void> {
    if ("link" in asked) {
      const shared = await openLink(asked.link);
      this.#command = "";
      this.#take(openedAt(shared, this.#options.atNs));
      this.#describe(shared);
    } else {
      this.#command = asked.command;
      this.#take(runOfFiles(asked.files));
      this.#describe(this.#shared!);
    }
    (byId("play") as HTMLButtonElement).disabled = false;
    await this.#machine?.open(this.#shared!, this.#command, 1);
  }

  get #loaded(): EmbedMachine {
    if (this.#machine === null) throw new Error(NOT_CLICKED);
    return this.#machine;
  }

  #state(): Answer {
    return this.#machine?.state ?? { state: "still", nowNs: 0 };
  }

  #listen(): void {
    for (const name of VIEWS) {
      byId(`tab-${name}`).onclick = () => this.show(name);
    }
    document.querySelector<HTMLElement>(".embed-tabs")!.onkeydown = (event) =>
      this.#tabKey(event);
    byId("play").onclick = () => this.#play();
    byId("file").onchange = () => this.#showFile();
    byId("source").oninput = () => this.#edited();
    byId("run").onclick = () => this.#runFile();
    byId("open").onclick = (event) => this.#openLive(event);
  }
}

addEventListener("unhandledrejection", ({ reason }) => {
  byId("sentence").textContent = `Something broke: ${
    reason instanceof Error ? reason.message : String(reason)
  }.`;
});
new Embed();
