/// <reference lib="dom" />
// The editor of the page: files of the machine's disk in tabs, saved as they are
// written, with the language service's help. What is said to the machine goes
// through `send`; what the machine says comes in through `hear`. What is written
// and not saved yet is kept as a draft.

import { made, setText } from "../parts/elements.ts";
import type {
  FileAct,
  FileOutcome,
  FromRunner,
  Status,
  ToRunner,
} from "../protocol.ts";
import { CodeView } from "./code_view.ts";
import { Document, type DocumentState, isOurs } from "./documents.ts";
import { Drafts } from "./drafts.ts";
import { LanguageClient } from "./language_client.ts";
import { languageHelp } from "./language_help.ts";
import type { Place } from "./language_protocol.ts";
import type { LanguageStart } from "./language_start.ts";
import { type RunError, RunErrors } from "./run_errors.ts";
import { Tabs } from "./tabs.ts";

export interface EditorListener {
  send(message: ToRunner): void;
  /** A run begins: the shell is being given its line. */
  onRun(path: string): void;
  /** The visitor's cursor is on this line, from 1. */
  onCursor(path: string, line: number): void;
  /** The file in front and what is to be said of it, for the header. */
  onFile(name: string, state: string): void;
}

export interface EditorOptions {
  /** False: nothing of this visit is kept by the browser. */
  keeps: boolean;
}

type FileMessage = Extract<FromRunner, { kind: "file" }>;
type Done = (outcome: FileOutcome) => void;
type Change = FileAct extends infer A
  ? A extends FileAct ? Omit<A, "id" | "path" | "mild"> : never
  : never;

const FIRST = "/home/hello.ts";
const SAVE_AFTER_MS = 1_000;
const NEW_PROGRAM = `import { print, type Program } from "kettle";

export default function* main(args: string[]): Program {
  yield* print("hello");
}
`;
const STATES: Record<DocumentState, string> = {
  opening: "opening",
  saved: "saved",
  draft: "draft kept",
  saving: "saving",
  conflict: "changed elsewhere",
  gone: "removed",
  "read only": "read only",
  refused: "not shown",
};
const REFUSED: Partial<Record<FileOutcome, string>> = {
  full: "The disk is full, so it is not saved. Your draft is kept.",
  directory: "There is a directory of that name.",
  taken: "There is a file of that name already.",
  gone: "It is not there any more.",
  off: "The machine is off. Your draft is kept.",
  past: "Time stands in the past.",
};

/** A button in what is told. */
interface Action {
  name: string;
  act(): void;
}

export class Editor {
  readonly #listener: EditorListener;
  readonly #drafts: Drafts;
  readonly #client: LanguageClient;
  readonly #errors = new RunErrors();
  readonly #documents = new Map<string, Document>();
  readonly #acts = new Map<number, Done>();
  readonly #tabs: Tabs;
  readonly #code: CodeView;
  readonly #root: HTMLElement;
  readonly #pane = made("div", "code");
  readonly #tell = made("div", "told");
  readonly #language = made("span", "");
  readonly #problems = made("span", "");
  readonly #saved = made("span", "saved");
  #active = "";
  #ids = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPast = false;
  #isDead = false;
  /** What the disk has while time stands in the past. */
  readonly #held = new Map<string, FileMessage>();
  /** Where the cursor goes once the file is there. */
  readonly #goals = new Map<string, number>();
  #lit = "";
  /** The file that what is told is about. */
  #toldOf = "";
  /** Errors in the file in front; null: nobody has looked yet. */
  #findings: number | null = null;

  constructor(
    root: HTMLElement,
    listener: EditorListener,
    { keeps }: EditorOptions,
    language: LanguageStart,
  ) {
    this.#root = root;
    this.#listener = listener;
    this.#drafts = new Drafts(keeps);
    const bar = made("div", "tabs");
    this.#pane.id = "editor-code";
    this.#pane.setAttribute("role", "tabpanel");
    this.#pane.setAttribute("aria-label", "Code");
    this.#tell.setAttribute("role", "alert");
    this.#tell.hidden = true;
    const foot = made("div", "foot");
    foot.append(this.#language, this.#problems, this.#saved);
    root.replaceChildren(bar, this.#tell, this.#pane, foot);
    this.#tabs = new Tabs(bar, {
      onChoose: (path) => this.open(path),
      onClose: (path) => this.#close(path),
      onNew: (name) => this.#create(name),
      onRename: (path, name) => this.#rename(path, name),
      onDelete: (path) => this.#askToDelete(path),
    });
    this.#client = new LanguageClient(
      language,
      () => this.#languageTurned(),
    );
    this.#code = new CodeView(this.#pane, (path) => this.#help(path), {
      onWrite: (path, text) => this.#wrote(path, text),
      onCursor: (path, line) => listener.onCursor(path, line),
      onRun: () => this.run(),
      onSave: () => this.save(),
    });
    this.#showLanguage();
    this.#openFirst();
    addEventListener("pagehide", () => this.#saveAll());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#saveAll();
    });
  }

  // ----------------------------------------------------------- for the page

  /** The file in front; "" if there is none. */
  get path(): string {
    return this.#active;
  }

  /** Brings a file to the front, and the cursor to a line (from 1). */
  open(path: string, line?: number): void {
    this.#document(path);
    this.#choose(path);
    if (line !== undefined) this.#goTo(path, line);
  }

  /** Whether a program that asks may leave a file to this editor. */
  takes(path: string): boolean {
    return !this.#document(path, false).isReadOnly;
  }

  focus(): void {
    this.#code.focus();
  }

  /** Saves the file in front, and types what runs it into the shell. */
  async run(): Promise<void> {
    const document = this.#documents.get(this.#active);
    if (document === undefined || isOurs(document.path)) return;
    if (document.state === "conflict") return this.#askWhich(document);
    if (document.isChanged && !await this.#save(document, false)) return;
    this.#code.markError(document.path, null);
    this.#listener.onRun(document.path);
    this.#listener.send({ kind: "runFile", path: document.path });
  }

  /** Saves the file in front now, whatever time it is. */
  async save(): Promise<void> {
    const document = this.#documents.get(this.#active);
    if (document === undefined) return;
    if (document.state === "conflict") return this.#askWhich(document);
    await this.#save(document, false);
  }

  /**
   * Lights a line of a file that is open: a path, or a name as messages have
   * it. `note` stands at its end. Null puts the light out.
   */
  light(file: string | null, line = 0, note = ""): void {
    if (this.#lit !== "") this.#code.light(this.#lit, null);
    const path = file === null ? null : this.#pathOf(file);
    this.#lit = path ?? "";
    if (path !== null) this.#code.light(path, { line, text: note });
  }

  /** What the machine says; false if it is not for the editor. */
  hear(message: FromRunner): boolean {
    switch (message.kind) {
      case "ready":
        this.#begin();
        return false;
      case "fileList":
        this.#tabs.list(message.list.map(({ path }) => String(path)));
        return true;
      case "file":
        if (isFileMessage(message)) this.#fileIs(message);
        return true;
      case "fileDone":
        this.#acts.get(message.id)?.(message.outcome);
        this.#acts.delete(message.id);
        return true;
      case "output":
        for (const error of this.#errors.take(message.bytes)) {
          this.#mark(error);
        }
        return false;
      case "status":
        this.#advance(message.status);
        return false;
      default:
        return false;
    }
  }

  /** Another machine: what was asked of the last one is not answered. */
  #begin(): void {
    this.#isDead = false;
    this.#isPast = false;
    this.#held.clear();
    const unanswered = [...this.#acts.values()];
    this.#acts.clear();
    for (const done of unanswered) done("past");
    this.#watch();
    this.#saveSoon();
  }

  // ----------------------------------------------------------- tabs

  #openFirst(): void {
    const { paths, active } = this.#drafts.tabs() ??
      { paths: [FIRST], active: FIRST };
    for (const path of [...paths, ...this.#drafts.paths()]) {
      this.#document(path);
    }
    const first = this.#documents.has(active)
      ? active
      : [...this.#documents.keys()][0];
    if (first !== undefined) this.#choose(first);
    else this.#show();
    this.#watch();
  }

  /** A document of that file: the one that is open, or another. */
  #document(path: string, opens = true): Document {
    const known = this.#documents.get(path);
    if (known !== undefined) return known;
    const document = new Document(path);
    if (!opens) return document;
    this.#documents.set(path, document);
    this.#code.add(path, "", true);
    this.#watch();
    return document;
  }

  #choose(path: string): void {
    this.#active = path;
    this.#findings = null;
    this.#code.show(path);
    this.#show();
    this.#keepTabs();
  }

  #close(path: string): void {
    const document = this.#documents.get(path);
    if (document === undefined) return;
    const isAsked = document.isChanged && document.state !== "gone" &&
      !document.isReadOnly;
    if (isAsked && this.#isPast) this.#askToClose(document);
    else if (isAsked) {
      this.#save(document, false).then((isSaved) => {
        if (isSaved) this.#forget(path);
      });
    } else this.#forget(path);
  }

  /** A save would make it another run. */
  #askToClose(document: Document): void {
    const { path } = document;
    this.#say(`${nameOf(path)} is not saved: time stands in the past.`, [
      {
        name: "Save it from here on",
        act: () => {
          this.#hush();
          this.#save(document, false).then((isSaved) => {
            if (isSaved) this.#forget(path);
          });
        },
      },
      { name: "Close without", act: () => this.#forget(path) },
      { name: "Keep it open", act: () => this.#hush() },
    ], path);
  }

  #forget(path: string): void {
    if (this.#toldOf === path) this.#hush();
    const paths = [...this.#documents.keys()];
    const at = paths.indexOf(path);
    this.#documents.delete(path);
    this.#code.remove(path);
    this.#drafts.forget(path);
    this.#held.delete(path);
    if (this.#lit === path) this.#lit = "";
    if (this.#active === path) {
      const next = paths[at + 1] ?? paths[at - 1];
      if (next !== undefined) this.#choose(next);
      else this.#active = "";
    }
    this.#show();
    this.#keepTabs();
    this.#watch();
  }

  #keepTabs(): void {
    const paths = [...this.#documents.keys()].filter((it) => !isOurs(it));
    this.#drafts.keepTabs({ paths, active: this.#active });
  }

  #watch(): void {
    const open = [...this.#documents.keys()].filter((it) => !isOurs(it));
    this.#listener.send({ kind: "watchFiles", open });
  }

  // ----------------------------------------------------------- making, renaming, removing

  #create(name: string): void {
    const path = pathNamed(name);
    if (path === null) return this.#say(`${name} is no name for a file.`);
    const known = this.#documents.get(path);
    if (known !== undefined) return this.open(path);
    const document = new Document(path);
    document.begin(path.endsWith(".ts") ? NEW_PROGRAM : "");
    const { text } = document;
    this.#act(path, { change: "save", text, before: null }, (outcome) => {
      if (outcome === "changed") return this.open(path); // it is there already
      if (outcome !== "done") return this.#say(REFUSED[outcome] ?? outcome);
      this.open(path);
      this.focus();
    });
  }

  #rename(path: string, name: string): void {
    const to = pathNamed(name, path);
    if (to === null) return this.#say(`${name} is no name for a file.`);
    if (to === path) return;
    this.#settled(path).then((isSaved) => {
      if (!isSaved) return;
      this.#act(path, { change: "move", to }, (outcome) => {
        if (outcome !== "done") return this.#say(REFUSED[outcome] ?? outcome);
        this.open(to);
        this.#forget(path);
        this.#choose(to);
      });
    });
  }

  /** What is written of it is on the disk. */
  #settled(path: string): Promise<boolean> {
    const document = this.#documents.get(path);
    return document?.isChanged === true
      ? this.#save(document, false)
      : Promise.resolve(true);
  }

  #askToDelete(path: string): void {
    const name = path.replace(/^\/home\//, "");
    this.#say(`Delete ${name}? It is on this disk only.`, [
      { name: "Delete", act: () => this.#remove(path) },
      { name: "Keep", act: () => this.#hush() },
    ]);
    this.#tell.querySelector("button")?.focus();
  }

  #remove(path: string): void {
    this.#hush();
    this.#act(path, { change: "remove" }, (outcome) => {
      if (outcome !== "done") return this.#say(REFUSED[outcome] ?? outcome);
      this.#forget(path);
    });
  }

  #act(path: string, change: Change, done: Done, mild = false): void {
    const id = ++this.#ids;
    this.#acts.set(id, done);
    const act = { id, path, mild, ...change } as FileAct;
    this.#listener.send({ kind: "fileAct", act });
  }

  // ----------------------------------------------------------- what the disk has

  #fileIs(message: FileMessage): void {
    const { path, text } = message;
    const document = this.#documents.get(path);
    if (document === undefined) return this.#client.file(path, text);
    if (this.#isPast && document.isKnown) {
      this.#held.set(path, message);
      return;
    }
    const wasShown = document.isKnown && document.why === null;
    const isOther = document.diskHas(text, message.why);
    const isShown = document.why === null;
    if (!wasShown || !isShown) this.#fill(document);
    else if (isOther) this.#code.replace(path, document.text);
    this.#client.file(path, document.text);
    this.#afterDisk(document);
  }

  /** The file has come: its text, or the draft that was kept of it. */
  #fill(document: Document): void {
    const { path } = document;
    const draft = this.#drafts.of(path);
    if (draft !== null && draft.text !== document.text) {
      document.restore(draft.text, draft.before);
      if (document.state !== "conflict") {
        this.#say(`Your draft of ${nameOf(path)} is kept.`);
      }
    }
    const isReadOnly = document.isReadOnly || document.why !== null;
    this.#refill(path, document.why ?? document.text, isReadOnly);
    if (draft === null) this.#drafts.forget(path);
  }

  #refill(path: string, text: string, isReadOnly: boolean): void {
    const isInFront = this.#code.path === path;
    this.#code.remove(path);
    this.#code.add(path, text, isReadOnly);
    if (isInFront) this.#code.show(path);
    const line = this.#goals.get(path);
    this.#goals.delete(path);
    if (line !== undefined) this.#goTo(path, line);
  }

  #afterDisk(document: Document): void {
    if (document.state === "conflict") this.#askWhich(document);
    else if (document.state === "gone") this.#tellGone(document);
    else if (document.state === "refused") {
      this.#say(
        `${nameOf(document.path)} is not shown: ${document.why}.`,
        [],
        document.path,
      );
    } else {
      if (this.#toldOf === document.path) this.#hush();
      if (document.state === "draft") this.#saveSoon();
    }
    if (!document.isChanged) this.#drafts.forget(document.path);
    this.#show();
  }

  #askWhich(document: Document): void {
    const { path } = document;
    const take = (act: () => void) => () => {
      act();
      this.#hush();
      this.#code.replace(path, document.text);
      this.#show();
      this.#saveSoon(0);
    };
    this.#say(
      `${nameOf(path)} was changed on the disk while you were writing.`,
      [
        { name: "Keep mine", act: take(() => document.keepMine()) },
        { name: "Take the disk's", act: take(() => document.takeTheirs()) },
      ],
      path,
    );
  }

  #tellGone(document: Document): void {
    const { path } = document;
    this.#say(`${nameOf(path)} was removed. Its text is still here.`, [
      {
        name: "Save it again",
        act: () => {
          this.#hush();
          document.keepMine();
          this.#saveSoon(0);
        },
      },
      {
        name: "Close",
        act: () => {
          this.#hush();
          this.#forget(path);
        },
      },
    ], path);
  }

  #advance({ now, seenNs, state }: Status): void {
    this.#isDead = state === "dead";
    const isPast = now < seenNs;
    if (isPast === this.#isPast) return;
    this.#isPast = isPast;
    if (!isPast) this.#leavePast();
    this.#show();
  }

  /** Time is where it was, or has taken another way. */
  #leavePast(): void {
    for (const [path, { text, why }] of this.#held) {
      const document = this.#documents.get(path);
      if (document === undefined) continue;
      if (document.diskIsAnother(text, why)) {
        this.#code.replace(path, document.text);
      }
      this.#afterDisk(document);
    }
    this.#held.clear();
    this.#saveSoon();
  }

  // ----------------------------------------------------------- writing and saving

  #wrote(path: string, text: string): void {
    const document = this.#documents.get(path);
    if (document === undefined || !document.isKnown) return;
    const before = document.state;
    document.write(text);
    if (document.isChanged) {
      this.#drafts.keep(path, { text, before: document.before });
    } else this.#drafts.forget(path);
    if (document.state !== before) this.#show();
    this.#saveSoon();
  }

  #saveSoon(afterMs = SAVE_AFTER_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#saveAll(), afterMs);
  }

  #saveAll(): void {
    clearTimeout(this.#timer);
    for (const document of this.#documents.values()) {
      if (document.state === "draft") this.#save(document, true);
    }
  }

  /** False if it is not on the disk. Mildly: not if that makes it another run. */
  #save(document: Document, mild: boolean): Promise<boolean> {
    if (this.#isDead || document.isReadOnly) return Promise.resolve(false);
    if (this.#isPast && mild) return Promise.resolve(false);
    if (this.#isPast) this.#leavePast();
    const { path } = document;
    const change = document.toSave();
    if (change === null) return Promise.resolve(!document.isChanged);
    this.#show();
    return new Promise((resolve) => {
      this.#act(path, { change: "save", ...change }, (outcome) => {
        resolve(outcome === "done");
        this.#saveDone(document, outcome);
      }, mild);
    });
  }

  #saveDone(document: Document, outcome: FileOutcome): void {
    const { path } = document;
    if (outcome === "done") {
      document.saved();
      if (!document.isChanged) this.#drafts.forget(path);
    } else {
      document.notSaved();
      const why = REFUSED[outcome];
      if (why !== undefined && outcome !== "past") {
        this.#say(`${nameOf(path)}: ${why}`);
      }
    }
    if (document.state === "draft" && outcome === "done") this.#saveSoon();
    this.#show();
  }

  // ----------------------------------------------------------- where

  /** Of a name as messages have it: the open file that is called so, or one of /home. */
  #pathOf(file: string): string | null {
    if (file.startsWith("/")) return this.#documents.has(file) ? file : null;
    const paths = [...this.#documents.keys()];
    const isIt = (path: string) => path.endsWith(`/${file}`);
    if (isIt(this.#active)) return this.#active;
    return paths.find(isIt) ?? null;
  }

  #mark({ file, line, text }: RunError): void {
    const path = this.#pathOf(file);
    if (path === null) return;
    if (this.#documents.get(path)?.isChanged) return; // it is another text by now
    this.#code.markError(path, { line, text });
  }

  #goTo(path: string, line: number): void {
    if (this.#documents.get(path)?.isKnown) {
      this.#code.goTo(path, this.#code.offsetOf(path, line));
    } else this.#goals.set(path, line);
  }

  #define({ path, from, to, text }: Place): void {
    if (text === undefined) {
      this.open(path);
      if (!this.#documents.get(path)!.isKnown) return;
    } else this.#openOurs(path, text);
    this.#code.goTo(path, from, to);
    this.focus();
  }

  /** A source that is in no machine. */
  #openOurs(path: string, text: string): void {
    if (!this.#documents.has(path)) {
      const document = new Document(path);
      document.diskHas(text, null);
      this.#documents.set(path, document);
      this.#code.add(path, text, true);
    }
    this.#choose(path);
  }

  // ----------------------------------------------------------- help

  #help(path: string) {
    return languageHelp(path, this.#client, {
      onDefinition: (place) => this.#define(place),
      onFindings: (count) => {
        if (path !== this.#active) return;
        this.#findings = count;
        this.#showLanguage();
      },
    });
  }

  /** Sources of what came with Kettle: its programs import from them. */
  know(sources: Record<string, string>): void {
    for (const [path, text] of Object.entries(sources)) {
      if (!this.#documents.has(path)) this.#client.file(path, text);
    }
  }

  #languageTurned(): void {
    this.#root.dataset.language = typeof this.#client.state === "string"
      ? this.#client.state
      : "failed";
    this.#showLanguage();
    if (this.#client.state === "ready") this.#code.lint();
  }

  #showLanguage(): void {
    const { state } = this.#client;
    const isReady = state === "ready";
    setText(
      this.#language,
      isReady
        ? "TypeScript ready"
        : state === "loading"
        ? "Types are on their way. You can run already."
        : `Types could not be loaded (${state.failed}). You can write and run.`,
    );
    const count = this.#findings;
    const words = count === null
      ? ""
      : count === 0
      ? "no problems"
      : count === 1
      ? "1 problem"
      : `${count} problems`;
    setText(this.#problems, isReady && this.#active !== "" ? words : "");
    this.#problems.classList.toggle("bad", (count ?? 0) > 0);
  }

  // ----------------------------------------------------------- showing

  #show(): void {
    const document = this.#documents.get(this.#active);
    const tabs = [...this.#documents.values()].map((it) => ({
      path: it.path,
      isDraft: it.isChanged && !it.isReadOnly,
    }));
    const canChange = document !== undefined && !document.isReadOnly;
    this.#tabs.show(tabs, this.#active, canChange);
    this.#pane.classList.toggle("without-file", document === undefined);
    const words = this.#wordsOf(document);
    setText(this.#saved, document === undefined ? "" : words.long);
    this.#listener.onFile(
      document === undefined ? "" : nameOf(document.path),
      words.short,
    );
    this.#root.dataset.state = document?.state ?? "";
    this.#showLanguage();
  }

  #wordsOf(document: Document | undefined): { long: string; short: string } {
    if (document === undefined) return { long: "", short: "" };
    const { state, path } = document;
    const isNew = state === "saved" && document.before === null;
    const short = isNew ? "new" : STATES[state];
    const where = isOurs(path) ? `kettle: ${nameOf(path)}` : path;
    const isWaiting = state === "draft" && this.#isPast;
    const long = isWaiting
      ? `${where}, draft kept: time stands in the past`
      : `${where}, ${short}`;
    return { long, short };
  }

  #say(text: string, actions: Action[] = [], of = ""): void {
    this.#toldOf = of;
    const words = made("span", "");
    words.textContent = text;
    const all = actions.length > 0
      ? actions
      : [{ name: "OK", act: () => this.#hush() }];
    const buttons = all.map(({ name, act }) => {
      const button = made("button", "small") as HTMLButtonElement;
      button.type = "button";
      button.textContent = name;
      button.onclick = act;
      return button;
    });
    this.#tell.replaceChildren(words, ...buttons);
    this.#tell.hidden = false;
  }

  #hush(): void {
    this.#toldOf = "";
    this.#tell.hidden = true;
    this.#tell.replaceChildren();
  }
}

/** The worker runs what a stranger may have written: what it says is looked at. */
function isFileMessage({ path, text, why }: FileMessage): boolean {
  const isText = (it: unknown) => it === null || typeof it === "string";
  return typeof path === "string" && isText(text) && isText(why);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A name for a file: in /home, or beside the file it is to be called instead of; null if it is none. */
function pathNamed(name: string, beside = `${FIRST}`): string | null {
  const directory = beside.slice(0, beside.lastIndexOf("/"));
  const path = name.startsWith("/") ? name : `${directory}/${name}`;
  const parts = path.split("/").slice(1);
  const isFine = parts.every((part) =>
    part !== "" && part !== "." && part !== ".." &&
    new TextEncoder().encode(part).length <= 255 && !/[\0\n\r]/.test(part)
  );
  return isFine && !/^\/(proc|dev)\//.test(path) ? path : null;
}
