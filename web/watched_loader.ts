// The loader of the page: as the host's, and it says which of the visitor's
// programs is about to run, so that one that never comes back has a name. What
// came with the page is trusted to come back, and not watched.

import type { Main, Program } from "../kernel/abi.ts";
import type { Loaded } from "../kernel/program.ts";
import {
  type LoadedProgram,
  Loader,
  type LoaderOptions,
} from "../host/loader.ts";

type Routine = Program;
type Enter = (name: string) => void;

export class WatchedLoader extends Loader {
  readonly #own: ReadonlySet<string>;
  readonly #enter: Enter;

  constructor(options: LoaderOptions, enter: Enter) {
    super(options);
    this.#enter = enter;
    this.#own = new Set(
      options.precompiled?.map(({ path, source }) => `${path}\0${source}`),
    );
  }

  override load(
    path: string,
    source: string,
    readFile: (path: string) => string | null,
  ): Loaded | null {
    if (!this.#own.has(`${path}\0${source}`)) {
      this.#enter(path.slice(path.lastIndexOf("/") + 1));
    }
    const loaded = super.load(path, source, readFile);
    if (loaded === null || "error" in loaded) return loaded;
    if (this.#own.has(`${path}\0${source}`)) return loaded;
    return { ...loaded, main: watched(loaded.main, loaded.name, this.#enter) };
  }

  override fresh(fn: Main): LoadedProgram | null {
    const loaded = super.fresh(fn);
    if (loaded === null) return null;
    return { ...loaded, main: watched(loaded.main, loaded.name, this.#enter) };
  }
}

/** The same program; `enter` hears of it each time its code gets the worker. */
function watched(main: Main, name: string, enter: Enter): Main {
  return (args) => {
    enter(name);
    return new Watched(main(args), name, enter) as unknown as Program;
  };
}

/** A generator as the kernel uses one, around another. */
class Watched {
  constructor(
    readonly inner: Routine,
    readonly name: string,
    readonly enter: Enter,
  ) {}

  next(value?: unknown): IteratorResult<unknown, unknown> {
    this.enter(this.name);
    return this.inner.next(value as never);
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    this.enter(this.name);
    return this.inner.return(value as never);
  }

  throw(error?: unknown): IteratorResult<unknown, unknown> {
    this.enter(this.name);
    return this.inner.throw(error);
  }

  [Symbol.iterator](): this {
    return this;
  }
}
