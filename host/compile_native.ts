// The compiler with the native esbuild, for Deno, Bun and Node. The page has
// its own beside this, with the one in WebAssembly.

import * as esbuild from "esbuild";
import { compileFile } from "./compile_file.ts";
import type { CompiledFile } from "./compiled.ts";
import { type Esbuild, transformWith } from "./transform.ts";

const transform = transformWith(esbuild as unknown as Esbuild);

/** Compiles one file of the machine. */
export function compileNative(
  path: string,
  source: string,
): Promise<CompiledFile> {
  return compileFile(path, source, transform);
}

/** Ends esbuild's helper process, which else keeps a program from ending. */
export async function stopCompiler(): Promise<void> {
  await esbuild.stop();
}
