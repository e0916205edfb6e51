/// <reference lib="dom" />
// The page's way to the compiler: a worker with esbuild-wasm, fetched when the
// first program has to be compiled and not before. It tells how far the fetch
// is; it does not know what a program is.

import type { CompileAnswer } from "./protocol.ts";

/** To the compile worker: the module once, then one source after another. */
export type ToCompiler =
  | { kind: "start"; wasm: ArrayBuffer }
  | { kind: "compile"; id: number; path: string; source: string };

export type FromCompiler =
  | { kind: "started" }
  | { kind: "failed"; text: string }
  | { kind: "compiled"; id: number; answer: CompileAnswer };

/** How much of the compiler is here: bytes, and of how many (0: unknown). */
export type Progress = (loaded: number, total: number) => void;

const WASM = "esbuild.wasm.gz";
const GZIP_MAGIC = [0x1f, 0x8b];

export class CompilerClient {
  readonly #onProgress: Progress;
  readonly #waiting = new Map<number, (answer: CompileAnswer) => void>();
  #worker: Promise<Worker> | null = null;
  #ids = 0;

  constructor(onProgress: Progress) {
    this.#onProgress = onProgress;
  }

  /** Compiles one source; a compiler that cannot be had is an error to print. */
  async compile(path: string, source: string): Promise<CompileAnswer> {
    try {
      this.#worker ??= this.#start();
      const worker = await this.#worker;
      return await new Promise((resolve) => {
        const id = ++this.#ids;
        this.#waiting.set(id, resolve);
        const message: ToCompiler = { kind: "compile", id, path, source };
        worker.postMessage(message);
      });
    } catch (error) {
      this.#worker = null;
      const why = error instanceof Error ? error.message : String(error);
      return {
        error: `${path}: the compiler could not be loaded (${why}). ` +
          `Programs in /bin still run; try again when the network is back.`,
      };
    }
  }

  async #start(): Promise<Worker> {
    const wasm = await fetchWasm(this.#onProgress);
    const worker = new Worker("compiler.js");
    await new Promise<void>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<FromCompiler>) => {
        if (data.kind === "started") resolve();
        else if (data.kind === "failed") reject(new Error(data.text));
        else this.#answer(data.id, data.answer);
      };
      const start: ToCompiler = { kind: "start", wasm };
      worker.postMessage(start, [wasm]);
    });
    return worker;
  }

  #answer(id: number, answer: CompileAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}

/** The file is stored packed; some hosts unpack it on the way, most do not. */
async function fetchWasm(onProgress: Progress): Promise<ArrayBuffer> {
  const response = await fetch(WASM);
  if (!response.ok || response.body === null) {
    throw new Error(`${WASM}: ${response.status}`);
  }
  const total = Number(response.headers.get("content-length") ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    loaded += value.length;
    onProgress(loaded, total);
  }
  const blob = new Blob(chunks);
  const magic = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const packed = GZIP_MAGIC.every((byte, index) => magic[index] === byte);
  if (!packed) return blob.arrayBuffer();
  const unpacked = blob.stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).arrayBuffer();
}
