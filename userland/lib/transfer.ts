// What cp, mv and ln have in common: where each operand goes (to a name, or into a
// directory), and whether what is there already may be replaced. Moves nothing.

import { type Routine, type Stat, stat, SysError } from "kettle";
import { type Options, refuse, type Usage, usageError } from "./args.ts";
import { ask } from "./ask.ts";
import { inside, isDirectory } from "./paths.ts";
import { strerror } from "./strerror.ts";

export interface Transfer {
  from: string;
  to: string;
}

/** From `A… B` (or `-t B A…`, or with -T exactly `A B`) to what goes where. */
export function* transfers(
  usage: Usage,
  { given, operands }: Options,
): Routine<Transfer[]> {
  const sources = [...operands];
  const directory = given.t === undefined ? undefined : String(given.t);
  if (sources.length === 0) yield* usageError(usage, "missing file operand");
  if (directory === undefined && sources.length === 1) {
    const after = `after '${sources[0]}'`;
    yield* usageError(usage, `missing destination file operand ${after}`);
  }
  const target = directory ?? sources.pop()!;
  if (given.T !== undefined) {
    if (sources.length > 1) {
      yield* usageError(usage, `extra operand '${operands[2]}'`);
    }
    return [{ from: sources[0]!, to: target }];
  }
  const into = yield* isDirectory(target);
  if (!into && (sources.length > 1 || directory !== undefined)) {
    yield* refuse(usage, `target '${target}': ${yield* whyNot(target)}`);
  }
  if (!into) return [{ from: sources[0]!, to: target }];
  return sources.map((from) => ({ from, to: inside(target, from) }));
}

/** Why a path is no directory. */
function* whyNot(path: string): Routine<string> {
  try {
    yield* stat(path);
    return "Not a directory";
  } catch (error) {
    if (error instanceof SysError) return strerror(error);
    throw error;
  }
}

/** What is there, or null. */
export function* statOrNull(path: string): Routine<Stat | null> {
  try {
    return yield* stat(path);
  } catch (error) {
    if (error instanceof SysError && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Of -i, -n and -f the last one counts. */
export function clobber({ order }: Options): "ask" | "never" | "always" {
  const last = order.findLast(({ key }) => "inf".includes(key));
  return last?.key === "i" ? "ask" : last?.key === "n" ? "never" : "always";
}

/** Whether a file that may be there is to be replaced. */
export function* mayReplace(
  name: string,
  how: "ask" | "never" | "always",
  to: string,
): Routine<boolean> {
  if (how === "always" || (yield* statOrNull(to)) === null) return true;
  return how === "ask" && (yield* ask(`${name}: overwrite '${to}'?`));
}
