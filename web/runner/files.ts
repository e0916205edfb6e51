// The machine's files for the page's editor: what is in /home, what the open
// tabs' files hold, and the visitor's saves, which enter the world as keys do, so
// that a run done again has them too. A save says what it takes the place of: if
// a program has written meanwhile, nothing is saved and the page is told.

import type { Driver } from "../../host/driver.ts";
import type { Input, Machine } from "../../kernel/mod.ts";
import type { FileAct, FileOutcome, FromRunner } from "../protocol.ts";
import { DiskView, type FoundFile } from "./disk_view.ts";

export const HOME = "/home";
/** What an editor on a page is for. */
const TEXT_BYTES_MAX = 512 * 1024;
/** So many files are listed. */
const LIST_MAX = 500;

export interface FilesOptions {
  send(message: FromRunner): void;
  /** Everything that is to be on the disk is there. */
  isWhole(): boolean;
  /** Time has gone back, and is not yet where it was. */
  isPast(): boolean;
  /** Something from outside comes now: what came later is gone. */
  branch(): void;
}

/** What was told of a file. */
interface Told {
  mark: string;
  text: string | null;
}

export class Files {
  readonly #options: FilesOptions;
  #machine: Machine | null = null;
  #driver: Driver | null = null;
  #isWatched = false;
  /** The files of the open tabs. */
  #open: string[] = [];
  readonly #told = new Map<string, Told>();
  #list = "";

  constructor(options: FilesOptions) {
    this.#options = options;
  }

  /** Another world: the one before is over. */
  enter(machine: Machine, driver: Driver): void {
    this.#machine = machine;
    this.#driver = driver;
  }

  /** From now on the page is told; these files as well, wherever they are. */
  watch(open: string[]): void {
    this.#isWatched = true;
    for (const path of open) {
      if (!this.#open.includes(path)) this.#told.delete(path);
    }
    this.#open = open;
    this.look();
  }

  /** Tells what has changed. */
  look(): void {
    if (!this.#isWatched || this.#machine === null) return;
    if (!this.#options.isWhole()) return;
    const view = new DiskView(this.#machine);
    const files = view.list(HOME, LIST_MAX);
    const list = files.map(({ path, bytes }) => ({ path, bytes }));
    if (JSON.stringify(list) !== this.#list) {
      this.#list = JSON.stringify(list);
      this.#options.send({ kind: "fileList", list });
    }
    for (const file of files) {
      if (file.path.endsWith(".ts")) this.#tell(view, file.path, file);
    }
    for (const path of this.#open) this.#tell(view, path, view.stat(path));
    this.#forget(new Set([...files.map(({ path }) => path), ...this.#open]));
  }

  /** Files that were told and are gone. */
  #forget(present: ReadonlySet<string>): void {
    for (const path of this.#told.keys()) {
      if (present.has(path)) continue;
      this.#told.delete(path);
      this.#options.send({ kind: "file", path, text: null, why: null });
    }
  }

  #tell(
    view: DiskView,
    path: string,
    found: FoundFile | "directory" | null,
  ): void {
    const told = this.#told.get(path);
    const isOpen = this.#open.includes(path);
    const mark = markOf(found);
    // At one instant a file can be saved twice: only its text tells.
    if (told?.mark === mark && !isOpen) return;
    const { text, why } = contentOf(view, found);
    if (told !== undefined && told.text === text && told.mark === mark) return;
    this.#told.set(path, { mark, text });
    if (told !== undefined && told.text === text && text !== null) return;
    this.#options.send({ kind: "file", path, text, why });
  }

  // ----------------------------------------------------------- the visitor's part

  act(act: FileAct): void {
    const outcome = this.#outcomeOf(act);
    this.#options.send({ kind: "fileDone", id: act.id, outcome });
    this.look();
  }

  #outcomeOf(act: FileAct): FileOutcome {
    if (this.#machine === null || !this.#machine.isOn) return "off";
    if (this.#options.isPast()) {
      if (act.mild) return "past";
      this.#options.branch();
    }
    const view = new DiskView(this.#machine);
    const wrong = whyNot(view, act);
    if (wrong !== null) return wrong;
    this.#input(inputOf(act));
    const done = new DiskView(this.#machine).stat(act.path);
    const { text } = contentOf(new DiskView(this.#machine), done);
    if (act.change === "save" && text !== act.text) return "full";
    return "done";
  }

  #input(what: Partial<Input>): void {
    const { world, index } = this.#machine!;
    this.#driver!.input(() => world.input({ machine: index, ...what }));
  }
}

function markOf(found: FoundFile | "directory" | null): string {
  if (found === null || found === "directory") return String(found);
  return `${found.ino} ${found.bytes} ${found.mtimeNs}`;
}

/** Its text; null with the reason when there is none to be shown. */
function contentOf(
  view: DiskView,
  found: FoundFile | "directory" | null,
): { text: string | null; why: string | null } {
  if (found === null) return { text: null, why: null };
  if (found === "directory") return { text: null, why: "it is a directory" };
  if (found.bytes > TEXT_BYTES_MAX) {
    const size = Math.ceil(found.bytes / 1024);
    const why = `it has ${size} KiB, and this editor takes 512 KiB at most`;
    return { text: null, why };
  }
  const text = decoded(view.read(found));
  return text === null
    ? { text: null, why: "it holds bytes that are no text: try xxd" }
    : { text, why: null };
}

function decoded(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return null;
  }
}

/** Why it is not done; null if nothing speaks against it. */
function whyNot(view: DiskView, act: FileAct): FileOutcome | null {
  const found = view.stat(act.path);
  if (found === "directory") return "directory";
  if (act.change === "save") {
    const { text, why } = contentOf(view, found);
    const isAsKnown = act.before === text && why === null;
    return isAsKnown ? null : "changed";
  }
  if (found === null) return "gone";
  if (act.change === "remove") return null;
  return view.stat(act.to) === null ? null : "taken";
}

function inputOf(act: FileAct): Partial<Input> {
  const { path } = act;
  if (act.change === "save") return { path, text: act.text };
  if (act.change === "remove") return { path, removed: true };
  return { path, movedTo: act.to };
}

/** What one types into a shell to run a file. */
export function runLine(path: string, cwd: string): string {
  if (/^\/bin\/[\w.-]+$/.test(path)) return path.slice("/bin/".length);
  const under = cwd === "/" ? cwd : `${cwd}/`;
  const short = path.startsWith(under) ? path.slice(under.length) : path;
  const quoted = /^[\w./-]+$/.test(short)
    ? short
    : `'${short.replaceAll("'", "'\\''")}'`;
  return `run ${quoted.startsWith("-") ? "./" : ""}${quoted}`;
}
