/// <reference lib="dom" />
// The programs that come with Kettle, compiled, but for those the machine starts
// with: fetched once there is a prompt. It answers for a file only if its source
// is the one that was compiled.

import { crc32 } from "../host/checksum.ts";
import type { CompiledFile } from "../host/compiled.ts";

/** As it stands in programs.json. */
export interface ShippedFile {
  /** Of its source. */
  checksum: number;
  file: CompiledFile;
}

const FILE = "programs.json";

export class ShippedFiles {
  #files: Promise<Map<string, ShippedFile>> | null = null;

  /** The file compiled; null if it is none of ours, or cannot be had. */
  async find(path: string, source: string): Promise<CompiledFile | null> {
    const found = (await this.fetch()).get(path);
    if (found === undefined) return null;
    const checksum = crc32(new TextEncoder().encode(source));
    return checksum === found.checksum ? found.file : null;
  }

  /** Has them ready for the first command. */
  fetch(): Promise<Map<string, ShippedFile>> {
    return this.#files ??= fetchFiles().catch(() => {
      this.#files = null;
      return new Map();
    });
  }
}

async function fetchFiles(): Promise<Map<string, ShippedFile>> {
  const response = await fetch(FILE);
  if (!response.ok) throw new Error(`${FILE}: ${response.status}`);
  const files = await response.json() as ShippedFile[];
  return new Map(files.map((shipped) => [shipped.file.path, shipped]));
}
