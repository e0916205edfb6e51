/// <reference lib="dom" />
// The page's way to compiled programs: those that came with it are only looked
// up; for others there is a worker with esbuild-wasm, fetched when the first of
// them has to be compiled and not before. It tells how far the fetch is; it does
// not know what a program is.

import { ShippedFiles } from "./shipped_files.ts";
import {
  baseName,
  type CompiledFile,
  failedFile,
} from "../../host/compiled.ts";

/** To the compile worker: the module once, then one source after another. */
export type ToCompiler =
  | { kind: "start"; wasm: ArrayBuffer }
  | { kind: "compile"; id: number; path: string; source: string };

export type FromCompiler =
  | { kind: "started" }
  | { kind: "failed"; text: string }
  | { kind: "compiled"; id: number; file: CompiledFile }
  | { kind: "broke"; id: number; text: string };

/** How much of the compiler is here: bytes, and of how many (0: unknown). */
export type Progress = (loaded: number, total: number) => void;

interface Waiting {
  resolve(file: CompiledFile): void;
  reject(error: Error): void;
}

const WASM = "esbuild.wasm.gz";
const GZIP_MAGIC = [0x1f, 0x8b];

export class CompilerClient {
  readonly #onProgress: Progress;
  readonly #shipped = new ShippedFiles();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Promise<Worker> | null = null;
  #ids = 0;

  constructor(onProgress: Progress) {
    this.#onProgress = onProgress;
  }

  /**
   * Compiles one source. A compiler that cannot be had is an error to print,
   * and not `lasting`: the next try may go better.
   */
  async compile(
    path: string,
    source: string,
  ): Promise<{ file: CompiledFile; lasting: boolean }> {
    const shipped = await this.#shipped.find(path, source);
    if (shipped !== null) return { file: shipped, lasting: true };
    try {
      const worker = await (this.#worker ??= this.#start());
      return { file: await this.#ask(worker, path, source), lasting: true };
    } catch (error) {
      this.#worker = null;
      const file = failedFile(path, [
        `${baseName(path)}: the compiler could not be loaded (${
          reason(error)
        }). What is in /bin still runs; try again when the network is back.`,
      ]);
      return { file, lasting: false };
    }
  }

  /** The sources of what came with the page and not with the machine. */
  sources(): Promise<Record<string, string>> {
    return this.#shipped.sources();
  }

  #ask(worker: Worker, path: string, source: string): Promise<CompiledFile> {
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      this.#waiting.set(id, { resolve, reject });
      const message: ToCompiler = { kind: "compile", id, path, source };
      worker.postMessage(message);
    });
  }

  async #start(): Promise<Worker> {
    const wasm = await fetchWasm(this.#onProgress);
    const worker = new Worker("compiler.js");
    await new Promise<void>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<FromCompiler>) => {
        if (data.kind === "started") resolve();
        else if (data.kind === "failed") reject(new Error(data.text));
        else this.#answer(data);
      };
      const start: ToCompiler = { kind: "start", wasm };
      worker.postMessage(start, [wasm]);
    });
    return worker;
  }

  #answer(message: Extract<FromCompiler, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === "compiled") waiting?.resolve(message.file);
    else waiting?.reject(new Error(message.text));
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
