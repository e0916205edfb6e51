/// <reference lib="webworker" />
// The compile worker of the page: esbuild-wasm and the loader's checks, out of
// the way of both the page and the machine. It gets a source and gives back
// plain data; it runs nothing of what it compiles.

import * as esbuild from "esbuild-wasm";
import { compileFile } from "../../host/compile_file.ts";
import { type Esbuild, transformWith } from "../../host/transform.ts";
import type { FromCompiler, ToCompiler } from "./compiler_client.ts";

const transform = transformWith(esbuild as unknown as Esbuild);

addEventListener("message", ({ data }: MessageEvent<ToCompiler>) => {
  const work = data.kind === "start" ? start(data.wasm) : compile(data);
  work.then(answer);
});

function answer(message: FromCompiler): void {
  postMessage(message);
}

async function start(bytes: ArrayBuffer): Promise<FromCompiler> {
  try {
    const wasmModule = await WebAssembly.compile(bytes);
    await esbuild.initialize({ wasmModule, worker: false });
    return { kind: "started" };
  } catch (error) {
    return { kind: "failed", text: String(error) };
  }
}

async function compile(
  { id, path, source }: Extract<ToCompiler, { kind: "compile" }>,
): Promise<FromCompiler> {
  try {
    const file = await compileFile(path, source, transform);
    return { kind: "compiled", id, file };
  } catch (error) {
    return { kind: "broke", id, text: String(error) };
  }
}
