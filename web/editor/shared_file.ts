// Which file of a run that somebody sent the editor shows: what its first
// program is, or what was saved last, or the first of its files. Null: none of
// its own.

import type { Shared } from "../../host/share.ts";

export function fileToShow({ files, log, world }: Shared): string | null {
  const own = Object.keys(files).filter((path) => path.startsWith("/home/"));
  const first = firstProgram(world);
  if (first !== null && Object.hasOwn(files, first)) return first;
  const saved = log.findLast(({ path, text }) =>
    path?.startsWith("/home/") && text !== undefined
  );
  return saved?.path ?? own.find((path) => path.endsWith(".ts")) ?? own[0] ??
    null;
}

/** A world file is a stranger's: it may hold anything. */
function firstProgram(world: unknown): string | null {
  const { machines } = (world ?? {}) as { machines?: unknown };
  const machine = Array.isArray(machines) ? machines[0] : null;
  const programs = (machine as { programs?: unknown } | null)?.programs;
  const program = Array.isArray(programs) ? programs[0] : null;
  const run = (program as { run?: unknown } | null)?.run;
  return typeof run === "string" ? run : null;
}
