/// <reference lib="dom" />
// The programs that come with Kettle: their sources, and the code of those that
// the machine does not start with, fetched when there is a machine. It answers for
// a file only if its source is the one that was compiled.

import type { CompiledFile } from "../../host/compiled.ts";

/** As it stands in programs.json. */
export interface ShippedFile {
  path: string;
  source: string;
  /** Null: the machine has it already, or it is no program. */
  file: CompiledFile | null;
}

const FILE = "programs.json";

export class ShippedFiles {
  #files: Promise<Map<string, ShippedFile>> | null = null;

  /** The file compiled; null if it is none of ours, or cannot be had. */
  async find(path: string, source: string): Promise<CompiledFile | null> {
    const files = await this.#fetch().catch(() => null);
    const found = files?.get(path);
    return found?.source === source ? found.file : null;
  }

  /** Path → source. */
  async sources(): Promise<Record<string, string>> {
    const files = await this.#fetch();
    return Object.fromEntries(
      [...files].map(([path, { source }]) => [path, source]),
    );
  }

  #fetch(): Promise<Map<string, ShippedFile>> {
    return this.#files ??= fetchFiles().catch((error) => {
      this.#files = null;
      throw error;
    });
  }
}

async function fetchFiles(): Promise<Map<string, ShippedFile>> {
  const response = await fetch(FILE);
  if (!response.ok) throw new Error(`${FILE}: ${response.status}`);
  const files = await response.json() as ShippedFile[];
  return new Map(files.map((shipped) => [shipped.path, shipped]));
}
