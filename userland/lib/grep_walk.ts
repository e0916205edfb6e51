// The files that grep looks into: those named, and with -r all in directories, as
// --include and --exclude allow. Knows nothing of patterns.

import { close, open, readdir, type Routine, stat } from "kettle";
import { compilePattern } from "../sh/glob.ts";
import type { Options } from "./args.ts";
import type { FileSearch } from "./file_search.ts";
import { baseName } from "./paths.ts";
import { complain, endWriting, isSameFile, isWriteError } from "./stdio.ts";

/** Goes through files, and with -r through directories in the order of names. */
export class Walk {
  failed = false;
  readonly #included: RegExp[];
  readonly #excluded: RegExp[];
  readonly #excludedDirectories: RegExp[];

  constructor(
    readonly search: FileSearch,
    readonly given: Options["given"],
  ) {
    const globs = (name: string) =>
      given[name] === undefined ? [] : [compilePattern(String(given[name]))];
    this.#included = globs("include");
    this.#excluded = globs("exclude");
    this.#excludedDirectories = globs("exclude-dir");
  }

  /** `bare`: the paths below do not begin with `./`. */
  *visit(path: string, bare = false, isFirst = false): Routine {
    const { search, given } = this;
    try {
      const isTree = given.r !== undefined && path !== "-" &&
        (yield* stat(path)).type === "directory";
      if (isTree) return yield* this.#tree(path, bare, isFirst);
      if (!isFirst && this.#isLeftOut(path)) return;
      const fd = path === "-" ? 0 : yield* open(path, "r");
      try {
        const name = path === "-" ? "(standard input)" : path;
        if (!(yield* this.#isOutput(fd, name))) yield* search.file(fd, name);
      } finally {
        if (fd !== 0) yield* close(fd);
      }
    } catch (error) {
      if (isWriteError(error)) yield* endWriting("grep", error, 2);
      this.failed = true;
      const name = path === "-" ? "(standard input)" : path;
      yield* search.output.flush();
      if (given.s === undefined) yield* complain("grep", error, name);
    }
  }

  /** It would read for ever what it writes. With -c, -l, -L and -q it does not. */
  *#isOutput(fd: number, name: string): Routine<boolean> {
    const { c, l, L, q } = this.given;
    if ((c ?? l ?? L ?? q) !== undefined) return false;
    if (!(yield* isSameFile(fd, 1))) return false;
    this.failed = true;
    yield* this.search.output.flush();
    yield* complain("grep", `${name}: input file is also the output`);
    return true;
  }

  *#tree(path: string, bare: boolean, isFirst: boolean): Routine {
    const name = baseName(path);
    if (!isFirst && this.#excludedDirectories.some((glob) => glob.test(name))) {
      return;
    }
    const prefix = bare ? "" : path.endsWith("/") ? path : `${path}/`;
    for (const entry of yield* readdir(path)) {
      if (entry.type !== "file" && entry.type !== "directory") continue;
      yield* this.visit(prefix + entry.name);
      if (this.given.q !== undefined && this.search.selected > 0) return;
    }
  }

  #isLeftOut(path: string): boolean {
    const name = baseName(path);
    return this.#excluded.some((glob) => glob.test(name)) ||
      this.#included.length > 0 &&
        !this.#included.some((glob) => glob.test(name));
  }
}
