// Starting the command that another program was given as its arguments: strace,
// timeline, env, time, run. Looks for the name as the shell does; the child
// inherits what this process has.

import {
  environ,
  type Routine,
  spawn,
  type SpawnOptions,
  SysError,
} from "kettle";
import { failure } from "./strerror.ts";

/** Where a program of that name could be: itself, PATH, and `x.ts` right here. */
export function candidates(name: string, path = "/bin"): string[] {
  if (name.includes("/")) return [name];
  const found = path.split(":").map((directory) =>
    `${directory || "."}/${name}`
  );
  return name.endsWith(".ts") ? [...found, `./${name}`] : found;
}

/** Starts the command and gives its pid. ENOENT with its name if there is none. */
export function* spawnCommand(
  [name = "", ...args]: string[],
  options: SpawnOptions = {},
): Routine<number> {
  const { PATH } = yield* environ();
  for (const path of candidates(name, PATH)) {
    try {
      return yield* spawn(path, args, options);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "ENOENT") throw error;
    }
  }
  throw new SysError("ENOENT", "spawn", { path: name });
}

/** The status to end with when a command could not be started. */
export function startFailure(error: unknown): number {
  return error instanceof SysError && error.code === "ENOENT" ? 127 : 126;
}

/** What to say then. The compiler's words stand for themselves: they name file and line. */
export function startProblem(name: string, error: SysError): string {
  const reason = error.message.replace(/^.*?ENOEXEC, /, "");
  const compiled = error.code === "ENOEXEC" && /^\S+:\d+ /.test(reason);
  return compiled ? reason : `${name}: ${failure(error)}`;
}
