// A program on the disk of the host, as files of the machine: it stands in
// /home, and what it imports keeps its place beside it. Reads only what is
// asked for, and remembers what it read.

import { readFileSync } from "node:fs";
import { basename, dirname, posix, resolve } from "node:path";
import type { Image } from "./base_files.ts";

const HOME = "/home";

export class DiskFiles {
  /** Where the program is in the machine. */
  readonly path: string;
  readonly source: string;
  /** Everything read from the host's disk so far, by its path in the machine. */
  readonly files: Record<string, string> = {};
  readonly #directory: string;
  readonly #image: Image;

  /** Throws if the program cannot be read. */
  constructor(file: string, image: Image) {
    this.#directory = dirname(resolve(file));
    this.#image = image;
    this.path = `${HOME}/${basename(file)}`;
    this.source = readFileSync(resolve(file), "utf8");
    this.files[this.path] = this.source;
  }

  /** A file of the machine: from the host's disk under /home, else what the machine has. */
  readonly read = (path: string): string | null => {
    const known = this.files[path];
    if (known !== undefined) return known;
    const shipped = this.#image[path];
    if (typeof shipped === "string" && !path.startsWith(`${HOME}/`)) {
      return shipped;
    }
    const place = resolve(this.#directory, posix.relative(HOME, path));
    const source = readIfFile(place);
    if (source !== null) this.files[path] = source;
    return source;
  };
}

function readIfFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
