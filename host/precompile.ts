// Compiles the programs that come with Kettle ahead of time, into the text of
// one module: with it no compiler is needed until a visitor writes a program.
// Whoever builds the page writes that text into a file.

import { compileNative } from "./compile_native.ts";
import type { CompiledFile } from "./compiled.ts";

/**
 * A module that exports `programs` (path → source, as from `readPrograms`) and
 * `precompiled` (for `new Loader({ precompiled })`). Throws if one of the
 * programs has an error. Minify it without renaming: a function's name shows in
 * the trace.
 */
export async function precompile(
  programs: Record<string, string>,
): Promise<string> {
  const rows: string[] = [];
  for (const [path, source] of Object.entries(programs)) {
    const file = await compileNative(path, source);
    if (file.errors.length > 0) throw new Error(file.errors.join("\n"));
    rows.push(rowOf(file));
  }
  return [
    `export const programs = ${JSON.stringify(programs, null, 1)};`,
    "const row = (file, factory) => ({ path: file.path, source: programs[file.path], file, factory });",
    `export const precompiled = [\n${rows.join(",\n")}\n];\n`,
  ].join("\n");
}

/** One file: its data without the code, and the code as a function. */
function rowOf(file: CompiledFile): string {
  const factory = file.code
    .replace(/^export default /, "")
    .replace(/;\s*$/, "");
  return `row(${JSON.stringify({ ...file, code: "", rows: [] })},\n${factory})`;
}
