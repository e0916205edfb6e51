// rm [-r] [-f] [-i] [-d] [-v] FILE…: removes names. A file goes when its last name
// is gone and nobody has it open. -r also removes directories with all in them.

import {
  type Program,
  readdir,
  rmdir,
  type Routine,
  type Stat,
  stat,
  SysError,
  unlink,
  write,
} from "kettle";
import { type Options, options, usageError } from "../lib/args.ts";
import { ask } from "../lib/ask.ts";
import { baseName } from "../lib/paths.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "rm",
  synopsis: "[-r] [-f] [-i] [-d] [-v] FILE…",
  about: "Removes files.",
  options: {
    "-r, -R, --recursive": "directories, too, and all that is in them",
    "-f, --force": "a file that is not there is no failure; do not ask",
    "-i": "ask before each",
    "-I": "ask once before many",
    "-d, --dir": "empty directories, too",
    "-v, --verbose": "tell what is removed",
  },
};

export default function* main(args: string[]): Program {
  const asked = yield* options(args, USAGE);
  const { operands } = asked;
  const remover = new Remover(asked);
  if (operands.length === 0 && !remover.force) {
    yield* usageError(USAGE, "missing operand");
  }
  if (!(yield* remover.isAgreed())) return 0;
  for (const path of operands) yield* remover.remove(path);
  return remover.status;
}

class Remover {
  status = 0;
  readonly force: boolean;
  readonly #asks: boolean;
  readonly #given: Options["given"];

  constructor(readonly asked: Options) {
    const last = asked.order.findLast(({ key }) => key === "f" || key === "i");
    this.force = last?.key === "f";
    this.#asks = last?.key === "i";
    this.#given = asked.given;
  }

  /** The one question of -I. */
  *isAgreed(): Routine<boolean> {
    const { operands } = this.asked;
    const many = operands.length > 3 || this.#given.r !== undefined;
    if (this.#given.I === undefined || !many) return true;
    const count = operands.length;
    const what = `${count} argument${count === 1 ? "" : "s"}`;
    const how = this.#given.r === undefined ? "" : " recursively";
    return yield* ask(`rm: remove ${what}${how}?`);
  }

  *remove(path: string): Routine {
    const problem = this.#given.r === undefined ? null : refusal(path);
    if (problem !== null) {
      this.status = yield* complain("rm", problem);
      return;
    }
    try {
      yield* this.#remove(path);
    } catch (error) {
      const missing = error instanceof SysError && error.code === "ENOENT";
      if (this.force && missing) return;
      this.status = yield* complain("rm", error, `cannot remove '${path}'`);
    }
  }

  *#remove(path: string): Routine {
    const found = yield* stat(path);
    if (found.type !== "directory") {
      if (!(yield* this.#may("remove", found, path))) return;
      yield* unlink(path);
      return yield* this.#tell(`removed '${path}'`);
    }
    const entries = yield* readdir(path);
    if (this.#given.r === undefined && this.#given.d === undefined) {
      throw new SysError("EISDIR", "unlink", { path });
    }
    if (entries.length > 0 && this.#given.r !== undefined) {
      if (!(yield* this.#may("descend into", found, path))) return;
      for (const { name } of entries) {
        yield* this.remove(`${path.replace(/\/+$/, "")}/${name}`);
      }
    }
    if (!(yield* this.#may("remove", found, path))) return;
    yield* rmdir(path);
    yield* this.#tell(`removed directory '${path}'`);
  }

  *#may(what: string, { type, size }: Stat, path: string): Routine<boolean> {
    if (!this.#asks) return true;
    const kind = type !== "file"
      ? type
      : size === 0
      ? "regular empty file"
      : "regular file";
    return yield* ask(`rm: ${what} ${kind} '${path}'?`);
  }

  *#tell(what: string): Routine {
    if (this.#given.v !== undefined) yield* write(1, `${what}\n`);
  }
}

/** What must not be removed with all that is in it. */
function refusal(path: string): string | null {
  if (/^\/+$/.test(path)) {
    return "it is dangerous to operate recursively on '/'";
  }
  if (!/^\.{1,2}$/.test(baseName(path))) return null;
  return `refusing to remove '.' or '..' directory: skipping '${path}'`;
}
