// The loader of the page: the host's, and it says which of the visitor's
// programs is about to run, so that one that never comes back has a name. What
// came with the page is trusted to come back, and not watched. An answer that
// says nothing about the file (there was no compiler) is not kept.

import { baseName } from "../../host/compiled.ts";
import { Loader, type LoaderOptions } from "../../host/loader.ts";
import type { Main, Program } from "../../kernel/abi.ts";
import type {
  Loaded,
  LoadedProgram,
  ProgramLoader,
  Wanted,
} from "../../kernel/program.ts";

type Enter = (name: string) => void;
type ReadFile = (path: string) => string | null;

export class WatchedLoader implements ProgramLoader {
  readonly #options: LoaderOptions;
  readonly #own: (path: string, source: string) => boolean;
  readonly #enter: Enter;
  /** Those that were loaded, by name: they know the lines of their calls. */
  readonly programs = new Map<string, LoadedProgram>();
  #loader: Loader;
  #forgets = false;

  /** `own`: what came with the page. */
  constructor(
    options: LoaderOptions,
    own: (path: string, source: string) => boolean,
    enter: Enter,
  ) {
    this.#options = options;
    this.#enter = enter;
    this.#loader = new Loader(options);
    this.#own = own;
  }

  load(path: string, source: string, readFile: ReadFile): Loaded | null {
    const loaded = this.#load(path, source, readFile);
    if (loaded !== null && !("error" in loaded)) {
      this.programs.set(loaded.name, loaded);
    }
    return loaded;
  }

  #load(path: string, source: string, readFile: ReadFile): Loaded | null {
    if (this.#own(path, source)) {
      return this.#loader.load(path, source, readFile);
    }
    this.#enter(baseName(path));
    const loaded = this.#loader.load(path, source, readFile);
    if (loaded !== null && this.#forgets) this.#forget();
    return loaded === null || "error" in loaded
      ? loaded
      : { ...loaded, main: this.#watched(loaded.main, loaded.name) };
  }

  fresh(fn: Main): { main: Main; name: string } | null {
    const loaded = this.#loader.fresh(fn);
    if (loaded === null) return null;
    return { ...loaded, main: this.#watched(loaded.main, loaded.name) };
  }

  compile(wanted: Wanted): Promise<void> {
    return this.#loader.compile(wanted);
  }

  /** What is compiled now is forgotten once it has been told. */
  forgetNext(): void {
    this.#forgets = true;
  }

  #forget(): void {
    this.#forgets = false;
    this.#loader = new Loader(this.#options);
  }

  /** The same program; it is told each time its code gets the worker. */
  #watched(main: Main, name: string): Main {
    const enter = () => this.#enter(name);
    return (args) => {
      enter();
      return new Watched(main(args), enter) as unknown as Program;
    };
  }
}

/** A generator as the kernel uses one, around another. */
class Watched {
  constructor(readonly inner: Program, readonly enter: () => void) {}

  next(value?: unknown): IteratorResult<unknown, unknown> {
    this.enter();
    return this.inner.next(value);
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    this.enter();
    return this.inner.return(value as number);
  }

  throw(error?: unknown): IteratorResult<unknown, unknown> {
    this.enter();
    return this.inner.throw(error);
  }

  [Symbol.iterator](): this {
    return this;
  }
}
