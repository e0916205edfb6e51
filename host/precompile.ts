// Compiles the programs that come with Kettle ahead of time, into the text of
// one module: with it no compiler is needed until a visitor writes a program.
// Whoever builds the page writes that text into a file.

import { posix } from "node:path";
import { compileNative } from "./compile_native.ts";
import type { CompiledFile } from "./compiled.ts";
import type { LateFile } from "./late_files.ts";

/** Compiles them all (path → source, as from `readPrograms`). Throws if one has an error. */
export async function compileShipped(
  programs: Record<string, string>,
): Promise<CompiledFile[]> {
  const files: CompiledFile[] = [];
  for (const [path, source] of Object.entries(programs)) {
    const file = await compileNative(path, source);
    if (file.errors.length > 0) throw new Error(file.errors.join("\n"));
    files.push(file);
  }
  return files;
}

/**
 * A module that exports `programs` (path → source) and `precompiled` (for
 * `new Loader({ precompiled })`), of all programs or of some. Late ones have no
 * source there, only what is known of it. Not to be renamed
 * by a minifier: a function's name shows in the trace.
 */
export async function precompile(
  programs: Record<string, string>,
  files?: readonly CompiledFile[],
  late: ReadonlyMap<string, LateFile> = new Map(),
): Promise<string> {
  const compiled = files ?? await compileShipped(programs);
  const byPath = new Map(compiled.map((file) => [file.path, file]));
  const rows = Object.entries(programs).map(([path, source]) =>
    rowOf(path, late.get(path) ?? source, byPath.get(path))
  );
  return [
    "export const programs = {};",
    "export const precompiled = [];",
    "function add(path, source, file, factory) {",
    "  programs[path] = source;",
    "  if (factory) precompiled.push({ path, source, file, factory });",
    "}",
    ...rows,
    "",
  ].join("\n");
}

/** Those that programs need to start: themselves and all they import. */
export function neededBy(
  roots: readonly string[],
  files: readonly CompiledFile[],
): CompiledFile[] {
  const needed = new Set<CompiledFile>();
  const waiting = [...roots];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = files.find((it) =>
      [it.path, `${it.path}.ts`].includes(path) || it.path === `${path}.ts`
    );
    if (file === undefined || needed.has(file)) continue;
    needed.add(file);
    for (const { specifier } of file.imports) {
      waiting.push(posix.resolve(posix.dirname(file.path), specifier));
    }
  }
  return files.filter((file) => needed.has(file));
}

/**
 * One program: its source, then its data without the code, and the code as a
 * function. Side by side and as they are printed, so that packing finds what
 * source and code share.
 */
function rowOf(
  path: string,
  source: string | LateFile,
  file?: CompiledFile,
): string {
  const text = typeof source === "string"
    ? `\`${source.replace(/[\\`]|\$(?={)/g, "\\$&")}\``
    : JSON.stringify(source);
  const head = `add(${JSON.stringify(path)}, ${text}`;
  if (file === undefined) return `${head});`;
  const factory = file.code
    .replace(/^export default\s*/, "")
    .replace(/;\s*$/, "");
  const data = JSON.stringify({ ...file, code: "", rows: [] });
  return `${head}, ${data},\n${factory});`;
}
