// The disk of `--disk IMAGE`: read from a file before the machine boots, written
// back when it has ended. A file that is damaged is never written to. What is
// in it knows disk_image.ts.

import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import process from "node:process";
import type { Machine } from "../kernel/kernel.ts";
import { DEFAULT_MODEL } from "../kernel/dev/hdd_model.ts";
import type { FileSystem } from "../kernel/fs/mod.ts";
import type { Image } from "./base_files.ts";
import { decodeImage, type DiskImage, encodeImage } from "./disk_image.ts";
import type { OptionTable } from "./options.ts";
import {
  makePlayground,
  type Playground,
  type PlaygroundOptions,
} from "./playground.ts";
import { bringUpToDate, noteShipped } from "./shipped.ts";

/** The image cannot be used or saved: its message is for whoever named it. */
export class DiskError extends Error {}

export const DISK_OPTION: OptionTable = {
  disk: {
    value: "IMAGE",
    about: "the disk is kept in this file (made if it is not there)",
  },
};

export class KeptDisk {
  readonly #path: string;
  /** What the file held; null if there is none yet. */
  readonly #found: DiskImage | null;
  /** Which file that was. */
  readonly #seen: string;

  /** Reads the image, if there is one. Throws a DiskError if it is none. */
  constructor(path: string) {
    this.#path = path;
    this.#seen = stamp(path);
    this.#found = this.#seen === "" ? null : readImageFile(path);
  }

  /** A playground whose console machine has this disk, with `own` files on it. */
  boot(options: PlaygroundOptions, own: Image = {}): Playground {
    const playground = this.#make({ ...options, own });
    const { files } = playground.machine;
    if (this.#found === null) noteShipped(files, options.image);
    else {
      bringUpToDate(files, options.image);
      this.#put(files, own);
    }
    return playground;
  }

  #make(options: PlaygroundOptions): Playground {
    if (this.#found === null) return makePlayground(options);
    const { platter: image, model } = this.#found;
    try {
      return makePlayground({
        ...options,
        machine: { disk: { image, model } },
      });
    } catch (error) {
      throw new DiskError(refusal(this.#path, (error as Error).message));
    }
  }

  #put(files: FileSystem, own: Image): void {
    for (const [path, content] of Object.entries(own)) {
      const wrong = files.poke(path, content);
      if (wrong === null) continue;
      throw new DiskError(
        `${this.#path}: ${path} cannot be put on it: ${wrong}`,
      );
    }
    files.disk.save();
    files.dropCaches();
  }

  /**
   * Writes it all, under another name first: the old image is there until the
   * new one is whole. What a broken machine had in memory is not trusted.
   */
  save(machine: Machine, isBroken: boolean): void {
    const bytes = encodeImage(
      isBroken ? machine.platter : machine.files.image(),
      this.#found?.model ?? DEFAULT_MODEL.name,
    );
    const fresh = `${this.#path}.${process.pid}`;
    try {
      writeDurably(fresh, bytes);
      if (stamp(this.#path) !== this.#seen) {
        throw new DiskError(
          `${this.#path} was changed by somebody else meanwhile, so it is left as it is. This disk is in ${fresh}.`,
        );
      }
      renameSync(fresh, this.#path);
    } catch (error) {
      if (error instanceof DiskError) throw error;
      rmSync(fresh, { force: true });
      throw new DiskError(
        `${this.#path} could not be saved (${
          reason(error)
        }). It is as it was before.`,
      );
    }
  }
}

function readImageFile(path: string): DiskImage {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new DiskError(`${path} cannot be read (${reason(error)})`);
  }
  const decoded = decodeImage(bytes);
  if ("error" in decoded) throw new DiskError(refusal(path, decoded.error));
  return decoded;
}

function refusal(path: string, what: string): string {
  return `${path}: ${what}. The file is left as it is: start with a whole copy of it, or under another name with a fresh disk.`;
}

/** Tells one state of a file from another; "" if there is none. */
function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined
    ? ""
    : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

function writeDurably(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, "w");
  try {
    writeFileSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function reason(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
