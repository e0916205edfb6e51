// cp [-r] [-i | -n] [-u] [-v] SOURCE… DESTINATION: copies a file; several files, or
// directories with -r, into a directory.
//
// Divergence from Linux: a copy is as new as it is. There are no owners and no
// permissions to keep, and no call that sets a time, so -p keeps nothing.

import {
  close,
  link,
  mkdir,
  open,
  type Program,
  readdir,
  type Routine,
  type Stat,
  stat,
  SysError,
  unlink,
  utimes,
  write,
} from "kettle";
import { options } from "../lib/args.ts";
import { isDirectory } from "../lib/paths.ts";
import { complain, copy } from "../lib/stdio.ts";
import { clobber, mayReplace, statOrNull, transfers } from "../lib/transfer.ts";

const USAGE = {
  name: "cp",
  synopsis: "[-r] [-i | -n] [-u] [-v] SOURCE… DESTINATION",
  about: "Copies files.",
  options: {
    "-r, -R, --recursive": "directories, too",
    "-a, --archive": "as -r -p",
    "-f, --force": "do not ask",
    "-i, --interactive": "ask before a file is replaced",
    "-l, --link": "make second names, not copies",
    "-n, --no-clobber": "replace nothing",
    "-p, --preserve[=WHAT]": "keep the time of the last change",
    "-t, --target-directory DIRECTORY": "into that directory",
    "-T, --no-target-directory": "DESTINATION is the new name, never a place",
    "-u, --update": "only what is newer than what is there",
    "-v, --verbose": "tell what is copied",
  },
};

export default function* main(args: string[]): Program {
  const asked = yield* options(args, USAGE);
  const { given } = asked;
  const copier = new Copier(given, clobber(asked));
  const seen = new Set<string>();
  for (const { from, to } of yield* transfers(USAGE, asked)) {
    if (seen.has(from)) {
      const what = `source file '${from}' specified more than once`;
      yield* complain("cp", `warning: ${what}`);
    } else yield* copier.copy(from, to);
    seen.add(from);
  }
  return copier.status;
}

class Copier {
  status = 0;
  readonly #recursive: boolean;

  constructor(
    readonly given: Record<string, unknown>,
    readonly how: "ask" | "never" | "always",
  ) {
    this.#recursive = (given.r ?? given.a) !== undefined;
  }

  *copy(from: string, to: string): Routine {
    let source: Stat;
    try {
      source = yield* stat(from);
    } catch (error) {
      return yield* this.#fail(error, `cannot stat '${from}'`);
    }
    const isTree = source.type === "directory";
    if (isTree && !this.#recursive) {
      const why = `-r not specified; omitting directory '${from}'`;
      return yield* this.#fail(why);
    }
    yield* isTree ? this.#tree(from, to, source) : this.#file(from, to, source);
  }

  *#fail(problem: unknown, about?: string): Routine {
    this.status = yield* complain("cp", problem, about);
  }

  *#keepTime(to: string, { mtimeNs }: Stat): Routine {
    const { a, p } = this.given;
    if (a !== undefined || p !== undefined) yield* utimes(to, mtimeNs);
  }

  *#tree(from: string, to: string, source: Stat): Routine {
    try {
      const there = yield* statOrNull(to);
      if (there !== null && there.type !== "directory") {
        const why = `cannot overwrite non-directory '${to}' with directory`;
        return yield* this.#fail(`${why} '${from}'`);
      }
      if (isInside(from, to)) {
        const where = `into itself, '${to}'`;
        return yield* this.#fail(
          `cannot copy a directory, '${from}', ${where}`,
        );
      }
      if (there === null) {
        yield* mkdir(to);
        yield* this.#tell(from, to);
      }
    } catch (error) {
      return yield* this.#fail(error, `cannot create directory '${to}'`);
    }
    try {
      for (const { name } of yield* readdir(from)) {
        yield* this.copy(`${from}/${name}`, `${to}/${name}`);
      }
      yield* this.#keepTime(to, source);
    } catch (error) {
      yield* this.#fail(error, `cannot access '${from}'`);
    }
  }

  *#file(from: string, to: string, source: Stat): Routine {
    if (yield* isDirectory(to)) {
      const why = `cannot overwrite directory '${to}' with non-directory`;
      return yield* this.#fail(why);
    }
    let about = `cannot create regular file '${to}'`;
    try {
      const there = yield* statOrNull(to);
      if (there !== null && there.ino === source.ino && there.type === "file") {
        if (this.given.l !== undefined) return;
        return yield* this.#fail(`'${from}' and '${to}' are the same file`);
      }
      const isOld = there !== null && source.mtimeNs <= there.mtimeNs;
      if (this.given.u !== undefined && isOld) return;
      if (!(yield* mayReplace("cp", this.how, to))) return;
      if (this.given.l !== undefined) {
        if (there !== null) yield* unlink(to);
        about = `cannot create hard link '${to}' to '${from}'`;
        yield* link(from, to);
      } else {
        yield* this.#content(from, to);
        yield* this.#keepTime(to, source);
      }
      yield* this.#tell(from, to);
    } catch (error) {
      const call = error instanceof SysError ? error.call : "";
      if (call === "read") about = `error reading '${from}'`;
      if (call === "write") about = `error writing '${to}'`;
      yield* this.#fail(error, about);
    }
  }

  *#content(from: string, to: string): Routine {
    const input = yield* open(from);
    const output = yield* open(to, "w");
    try {
      yield* copy(input, output);
    } finally {
      yield* close(input);
      yield* close(output);
    }
  }

  *#tell(from: string, to: string): Routine {
    if (this.given.v !== undefined) yield* write(1, `'${from}' -> '${to}'\n`);
  }
}

/** By their names: `d/e` lies in `d`. */
function isInside(directory: string, path: string): boolean {
  const clean = (name: string) =>
    name.split("/").filter((part) => part !== "" && part !== ".").join("/");
  return `${clean(path)}/`.startsWith(`${clean(directory)}/`);
}
