// Files that come after the boot: the disk is the same to the byte as if they had
// been there from the start, fresh or brought up to date.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { makeImage } from "../../host/base_files.ts";
import { crc32 } from "../../host/checksum.ts";
import { readPrograms } from "../../host/image.ts";
import {
  fill,
  isPlaceholder,
  type LateFile,
  mayBeLate,
  placeholders,
} from "../../host/late_files.ts";
import { bringUpToDate, noteShipped } from "../../host/shipped.ts";
import type { Platter } from "../../kernel/dev/platter.ts";
import { World } from "../../kernel/mod.ts";

function lateOf(sources: Record<string, string>): Map<string, LateFile> {
  const late = new Map<string, LateFile>();
  for (const [path, source] of Object.entries(sources)) {
    const bytes = new TextEncoder().encode(source);
    if (!mayBeLate(bytes.length)) continue;
    late.set(path, { bytes: bytes.length, checksum: crc32(bytes) });
  }
  return late;
}

/** A machine's disk with these programs, of which some come late or none. */
function diskWith(
  sources: Record<string, string>,
  late: Map<string, LateFile>,
  used?: Platter,
): Platter {
  const image = makeImage({ ...sources, ...placeholders(late) });
  const disk = used === undefined ? {} : { image: used.clone() };
  const machine = new World().boot({ files: image, disk });
  bringUpToDate(machine.files, image, late);
  fill(machine, late, sources);
  return machine.platter;
}

function text(bytes: Uint8Array | null): string {
  return new TextDecoder().decode(bytes ?? undefined);
}

const SIZES = {
  "/bin/short": "x".repeat(20),
  "/bin/block": "y".repeat(4096),
  "/bin/tail": "z".repeat(4096 + 5),
  "/bin/long": "größe\n".repeat(3_000),
};

test("a fresh disk is the same to the byte with every program late", () => {
  const sources = { ...readPrograms(), ...SIZES };
  const late = lateOf(sources);
  assert(late.size > 50);
  assertEquals(
    [...diskWith(sources, late).blocks()],
    [...diskWith(sources, new Map()).blocks()],
  );
});

test("a fresh disk that only gets the list is the same as one brought up to date", () => {
  const image = makeImage(readPrograms());
  const [brought, noted] = [bringUpToDate, noteShipped].map((put) => {
    const { files, platter } = new World().boot({ files: image });
    put(files, image);
    return platter;
  });
  assertEquals([...noted!.blocks()], [...brought!.blocks()]);
});

test("what was read before it came is right afterwards, without another read", () => {
  const late = lateOf(SIZES);
  const { files, platter } = new World().boot({ files: placeholders(late) });
  assert(isPlaceholder(text(files.peek("/bin/long"))));
  fill({ files, platter }, late, SIZES);
  assertEquals(text(files.peek("/bin/long")), SIZES["/bin/long"]);
  for (const bytes of files.memory()) assert(!isPlaceholder(text(bytes)));
});

test("a used disk is brought up to date the same way", () => {
  const before = readPrograms();
  const used = diskWith(before, new Map());
  const sources = { ...before, ...SIZES, "/bin/wc": "a new wc ".repeat(900) };
  assertEquals(
    [...diskWith(sources, lateOf(sources), used).blocks()],
    [...diskWith(sources, new Map(), used).blocks()],
  );
});

test("a file whose last block has no room for a mark is not late", () => {
  const able = [0, 1, 26, 27, 4096, 4097, 4122, 4123, 8192].map(mayBeLate);
  assertEquals(
    able,
    [false, false, false, true, true, false, false, true, true],
  );
});
