// find's way through a tree: for each path the expression is true or false, and what
// it says to do is done. Knows nothing of how an expression is written.

import {
  readdir,
  rmdir,
  type Routine,
  type Stat,
  stat,
  SysError,
  unlink,
  waitpid,
} from "kettle";
import { ask } from "./ask.ts";
import { calendar } from "./calendar.ts";
import { spawnCommand } from "./command.ts";
import { addEscaped, ByteText } from "./escape.ts";
import { type Compare, FindError, type Node } from "./find_expression.ts";
import { baseName, directoryName } from "./paths.ts";
import { complain, isWriteError, Output } from "./stdio.ts";
import { failure } from "./strerror.ts";
import { text } from "./text.ts";

/** So many paths are given to one command of `-exec … +`. */
const BATCH = 1000;

interface Found {
  path: string;
  stat: Stat;
  depth: number;
  root: string;
}

interface Limits {
  tree: Node;
  maxDepth: number;
  minDepth: number;
  depthFirst: boolean;
}

export class Finder {
  readonly output = new Output();
  status = 0;
  isOver = false;
  #isPruned = false;
  /** Times of the files that -newer names. */
  readonly #times = new Map<Node, number>();
  readonly #batches = new Map<Node & { kind: "exec" }, string[]>();

  constructor(readonly nowNs: number) {}

  /** Looks at the files that tests refer to. */
  *prepare(node: Node): Routine {
    if ("left" in node) {
      yield* this.prepare(node.left);
      yield* this.prepare(node.right);
    } else if ("inner" in node) yield* this.prepare(node.inner);
    else if (node.kind === "newer") {
      try {
        this.#times.set(node, (yield* stat(node.file)).mtimeNs);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        throw new FindError(
          failure(error).replace(node.file, `'${node.file}'`),
        );
      }
    }
  }

  *visit(path: string, depth: number, root: string, limits: Limits): Routine {
    if (this.isOver) return;
    try {
      const found = { path, stat: yield* stat(path), depth, root };
      const isShown = depth >= limits.minDepth;
      this.#isPruned = false;
      if (isShown && !limits.depthFirst) yield* this.#is(limits.tree, found);
      const isTree = found.stat.type === "directory";
      if (isTree && depth < limits.maxDepth && !this.#isPruned) {
        for (const { name } of yield* readdir(path)) {
          const below = path.endsWith("/") ? path + name : `${path}/${name}`;
          yield* this.visit(below, depth + 1, root, limits);
        }
      }
      if (isShown && limits.depthFirst && !this.isOver) {
        yield* this.#is(limits.tree, found);
      }
    } catch (error) {
      if (isWriteError(error)) throw error;
      yield* this.#fail(error, `'${path}'`);
    }
  }

  *#fail(error: unknown, about?: string): Routine {
    yield* this.output.flush();
    this.status = yield* complain("find", error, about);
  }

  /** Runs what is left of `-exec … +`. */
  *finish(): Routine {
    for (const node of this.#batches.keys()) yield* this.#runBatch(node);
    yield* this.output.flush();
  }

  *#is(node: Node, found: Found): Routine<boolean> {
    const { path, stat } = found;
    switch (node.kind) {
      case "and":
        return (yield* this.#is(node.left, found)) && !this.isOver &&
          (yield* this.#is(node.right, found));
      case "or":
        return (yield* this.#is(node.left, found)) || !this.isOver &&
            (yield* this.#is(node.right, found));
      case "comma":
        yield* this.#is(node.left, found);
        return yield* this.#is(node.right, found);
      case "not":
        return !(yield* this.#is(node.inner, found));
      case "constant":
        return node.value;
      case "name":
        return node.pattern.test(baseName(path));
      case "path":
        return node.pattern.test(path);
      case "type":
        return node.types.includes(stat.type);
      case "size":
        return fits(node.compare, Math.ceil(stat.size / node.unitBytes));
      case "age": {
        const age = Math.floor((this.nowNs - stat.mtimeNs) / node.unitNs);
        return fits(node.compare, age);
      }
      case "inum":
        return fits(node.compare, stat.ino);
      case "links":
        return fits(node.compare, stat.nlink);
      case "newer":
        return stat.mtimeNs > this.#times.get(node)!;
      case "empty":
        return yield* isEmpty(path, stat);
      default:
        return yield* this.#act(node, found);
    }
  }

  *#act(node: Node, found: Found): Routine<boolean> {
    const { path, stat } = found;
    switch (node.kind) {
      case "print":
        yield* this.output.write(path + node.end);
        return true;
      case "printf":
        yield* this.output.write(formatted(node.format, found));
        return true;
      case "prune":
        this.#isPruned = true;
        return true;
      case "quit":
        this.isOver = true;
        return true;
      case "delete":
        return yield* this.#delete(path, stat);
      case "exec":
        return yield* this.#exec(node, path);
    }
    return true;
  }

  *#delete(path: string, { type }: Stat): Routine<boolean> {
    if (path === ".") return true;
    try {
      yield* type === "directory" ? rmdir(path) : unlink(path);
      return true;
    } catch (error) {
      yield* this.#fail(error, `cannot delete '${path}'`);
      return false;
    }
  }

  *#exec(node: Node & { kind: "exec" }, path: string): Routine<boolean> {
    if (node.batch) {
      const paths = this.#batches.get(node) ?? [];
      this.#batches.set(node, paths);
      paths.push(path);
      if (paths.length === BATCH) yield* this.#runBatch(node);
      return true;
    }
    const command = node.command.map((word) => word.replaceAll("{}", path));
    yield* this.output.flush();
    if (node.asks && !(yield* ask(`< ${node.command[0]} ... ${path} > ?`))) {
      return false;
    }
    return yield* this.#run(command);
  }

  *#runBatch(node: Node & { kind: "exec" }): Routine {
    const paths = this.#batches.get(node)!.splice(0);
    if (paths.length === 0) return;
    yield* this.output.flush();
    if (!(yield* this.#run([...node.command, ...paths]))) this.status = 1;
  }

  *#run(command: string[]): Routine<boolean> {
    try {
      const { status } = yield* waitpid(yield* spawnCommand(command));
      return status === 0;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* this.#fail(error, `'${command[0]}'`);
      this.status = 0; // as GNU: the action was false, that is all
      return false;
    }
  }
}

function fits({ sign, count }: Compare, value: number): boolean {
  return sign === "+"
    ? value > count
    : sign === "-"
    ? value < count
    : value === count;
}

function* isEmpty(path: string, { type, size }: Stat): Routine<boolean> {
  if (type === "directory") return (yield* readdir(path)).length === 0;
  return type === "file" && size === 0;
}

const LETTERS: Record<string, string> = {
  file: "f",
  directory: "d",
  pipe: "p",
  socket: "s",
  device: "c",
};

/** %p path, %P below its root, %f name, %h directory, %s size, %y type, %d depth … */
function formatted(format: string, { path, stat, depth, root }: Found): string {
  const output = new ByteText();
  addEscaped(output, format.replace(/\\0(?!\d)/g, "\\000"), "\\ooo");
  const values: Record<string, string | number> = {
    "%": "%",
    p: path,
    P: path.slice(root.length).replace(/^\//, ""),
    f: baseName(path),
    h: directoryName(path),
    H: root,
    s: stat.size,
    b: stat.blocks,
    k: stat.blocks / 2,
    d: depth,
    i: stat.ino,
    n: stat.nlink,
    y: LETTERS[stat.type]!,
    T: calendar(stat.mtimeNs).epoch,
  };
  return text(output.bytes()).replace(
    /%(-?\d*)(T@|.)/g,
    (whole, width: string, letter: string) => {
      const value = values[letter[0]!];
      if (value === undefined) return whole;
      const columns = Math.abs(Number(width));
      return width.startsWith("-")
        ? String(value).padEnd(columns)
        : String(value).padStart(columns);
    },
  );
}
