// Where a session's worlds come from: the visitor's disk, a fresh one, or what
// somebody sent. Each call makes the same world again, booted and with nothing
// run: time goes back by that. Files that come late are put into the world that
// is there when they come; later ones are made with them.

import type { Image } from "../../host/base_files.ts";
import { crc32 } from "../../host/checksum.ts";
import { fill, isPlaceholder, type LateFile } from "../../host/late_files.ts";
import { makePlayground, type Playground } from "../../host/playground.ts";
import type { Shared } from "../../host/share.ts";
import { bringUpToDate, noteShipped } from "../../host/shipped.ts";
import type { DiskOptions, ProgramLoader, World } from "../../kernel/mod.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import type { DiskBlocks, ToRunner } from "../protocol.ts";
import { worldOfShared } from "./sharing.ts";

type Boot = Pick<
  Extract<ToRunner, { kind: "boot" }>,
  "disk" | "files" | "shared"
>;

/** A page has less room than a terminal; what is older is still on the lanes. */
const TRACE_BYTES_MAX = 64 * 1024 * 1024;

export class Origin {
  readonly #boot: Boot;
  readonly #late: ReadonlyMap<string, LateFile>;
  /** What this Kettle puts on a disk; with marks for what comes late. */
  #image: Image;
  #isWhole: boolean;
  /** Read from its blocks once. */
  readonly #disk: DiskOptions | null;

  constructor(
    boot: Boot,
    image: Image,
    late: ReadonlyMap<string, LateFile> = new Map(),
  ) {
    this.#boot = boot;
    this.#image = image;
    this.#late = late;
    this.#isWhole = late.size === 0;
    this.#disk = boot.disk === null ? null : usedDisk(boot.disk);
  }

  /** Every file holds what it is to hold. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** As it was booted, with nothing run yet. */
  make(programs: ProgramLoader): Playground {
    const { files, shared } = this.#boot;
    if (shared != null) return this.#makeShared(shared, programs);
    if (this.#disk === null) return this.makeFresh(files, programs);
    const { model, image } = this.#disk;
    const playground = makePlayground({
      programs,
      image: this.#image,
      own: files,
      machine: { disk: { model, image: image!.clone() } },
      traceBytesMax: TRACE_BYTES_MAX,
    });
    bringUpToDate(playground.machine.files, this.#image, this.#late);
    return playground;
  }

  /** On a fresh disk, with these files as well. */
  makeFresh(own: Image, programs: ProgramLoader, seed?: number): Playground {
    const playground = makePlayground({
      programs,
      image: this.#image,
      own,
      ...seed === undefined ? {} : { seed },
      traceBytesMax: TRACE_BYTES_MAX,
    });
    noteShipped(playground.machine.files, this.#image, this.#late);
    return playground;
  }

  #makeShared(shared: Shared, programs: ProgramLoader): Playground {
    const { world, files, seed } = shared;
    return world === null
      ? this.makeFresh(files, programs, seed)
      : worldOfShared(shared, programs, this.#image, TRACE_BYTES_MAX);
  }

  /** The late files have come (path → text): into this world, and whatever is made from now on. */
  complete(sources: Record<string, string>, { machines }: World): void {
    for (const machine of machines) fill(machine, this.#late, sources);
    const late = [...this.#late.keys()].map((path) => [path, sources[path]!]);
    this.#image = { ...this.#image, ...Object.fromEntries(late) };
    this.#isWhole = true;
  }

  /** A file of that name with that text came with Kettle, and nobody has edited it. */
  isOwn(path: string, source: string): boolean {
    if (path.startsWith("/home/")) return false;
    const late = this.#late.get(path);
    if (late === undefined) return this.#image[path] === source;
    if (!this.#isWhole && isPlaceholder(source)) return true;
    return crc32(new TextEncoder().encode(source)) === late.checksum;
  }
}

/** A disk that was used before, for a machine to boot from. */
function usedDisk({ model, sectors, numbers, bytes }: DiskBlocks): DiskOptions {
  const image = new Platter(sectors);
  numbers.forEach((number, i) =>
    image.write(number * 8, bytes.subarray(i * 4096, (i + 1) * 4096))
  );
  image.takeChanged();
  return { model, image };
}
