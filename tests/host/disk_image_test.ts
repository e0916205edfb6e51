// Disk images: a disk comes back from its file as it was, and whatever happens
// to the file is noticed, in a sentence.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { crc32 } from "../../host/checksum.ts";
import {
  decodeImage,
  encodeImage,
  sectorsOfModel,
} from "../../host/disk_image.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import { World } from "../../kernel/mod.ts";

const MODEL = "nearline-4tb";
const SECTORS = sectorsOfModel(MODEL)!;

function smallDisk(): Platter {
  const platter = new Platter(SECTORS);
  [0, 8, 4_000, SECTORS - 8].forEach((lba, i) =>
    platter.write(lba - lba % 8, new Uint8Array(4096).fill(i + 1))
  );
  return platter;
}

function errorOf(bytes: Uint8Array): string {
  const decoded = decodeImage(bytes);
  return "error" in decoded ? decoded.error : "";
}

test("the checksum is the CRC-32 of zip", () => {
  const bytes = new TextEncoder().encode("123456789");
  assertEquals(crc32(bytes), 0xcbf43926);
  assertEquals(
    crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4))),
    0xcbf43926,
  );
});

test("a disk comes back from its file: every block, the drive, and nothing else", () => {
  const platter = smallDisk();
  const decoded = decodeImage(encodeImage(platter, MODEL));
  assert("platter" in decoded);
  assertEquals(decoded.model, MODEL);
  assertEquals(decoded.platter.sectors, SECTORS);
  assertEquals([...decoded.platter.blocks()], [...platter.blocks()]);
  assertEquals(decoded.platter.takeChanged(), []);
});

test("a machine boots from an image and finds its files", () => {
  const first = new World().boot({ files: { "/home/cup": "tea\n" } });
  first.files.poke("/home/pot", "two cups\n");
  const decoded = decodeImage(encodeImage(first.files.image(), MODEL));
  assert("platter" in decoded);
  const { platter: image, model } = decoded;
  const second = new World().boot({ disk: { image, model } });
  const text = (path: string) =>
    new TextDecoder().decode(second.files.peek(path) ?? undefined);
  assertEquals(text("/home/cup") + text("/home/pot"), "tea\ntwo cups\n");
});

test("any flipped bit is noticed", () => {
  const bytes = encodeImage(smallDisk(), MODEL);
  const bit = fc.tuple(
    fc.oneof(
      fc.nat({ max: 64 + 4 * 8 - 1 }),
      fc.nat({ max: bytes.length - 1 }),
    ),
    fc.nat({ max: 7 }),
  );
  fc.assert(
    fc.property(bit, ([at, shift]) => {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << shift;
      assert(errorOf(damaged) !== "", `byte ${at}, bit ${shift}`);
    }),
    { numRuns: 500, seed: 3 },
  );
});

test("every length but the right one is noticed", () => {
  const bytes = encodeImage(smallDisk(), MODEL);
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), (length) => {
      assert(errorOf(bytes.slice(0, length)) !== "", `${length} bytes`);
    }),
    { numRuns: 300, seed: 3 },
  );
  const longer = new Uint8Array(bytes.length + 3);
  longer.set(bytes);
  assertEquals(errorOf(longer), "it has 3 bytes too many");
  assertEquals(
    errorOf(bytes.slice(0, 1000)),
    `it is cut off: 1000 of ${bytes.length} bytes are there`,
  );
});

test("bytes that are no image are never taken for one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assertEquals(errorOf(bytes), "it is no disk image of Kettle");
    }),
    { numRuns: 200, seed: 3 },
  );
});

test("the sentence names the damaged block", () => {
  const bytes = encodeImage(smallDisk(), MODEL);
  bytes[64 + 4 * 8 + 4096 * 2 + 17]! ^= 1;
  assertEquals(
    errorOf(bytes),
    "block 500 is damaged: its checksum is another",
  );
  bytes[bytes.length - 1]! ^= 1;
  assertEquals(
    errorOf(bytes),
    "2 blocks are damaged, the first of them block 500",
  );
});

test("an image of a later version, of no drive, or of another size says so", () => {
  const sealed = (change: (view: DataView, bytes: Uint8Array) => void) => {
    const bytes = encodeImage(smallDisk(), MODEL);
    const view = new DataView(bytes.buffer);
    change(view, bytes);
    view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
    return errorOf(bytes);
  };
  assertStringIncludes(
    sealed((view) => view.setUint32(8, 2, true)),
    "version 2",
  );
  assertStringIncludes(
    sealed((_, bytes) => bytes[24] = "x".charCodeAt(0)),
    'no drive is called "xearline-4tb"',
  );
  assertStringIncludes(
    sealed((view) => view.setUint32(16, 5, true)),
    "the drive nearline-4tb has",
  );
  assertStringIncludes(
    sealed((view) => view.setUint32(12, 4_000_000_000, true)),
    "cut off",
  );
});

test("a sealed table may not name a block twice or beyond the drive", () => {
  for (const number of [0, 0xffff_ffff]) {
    const bytes = encodeImage(smallDisk(), MODEL);
    const view = new DataView(bytes.buffer);
    view.setUint32(64 + 8, number, true);
    view.setUint32(56, crc32(bytes.subarray(64, 64 + 32)), true);
    view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
    assertStringIncludes(errorOf(bytes), `block ${number} where it cannot be`);
  }
});
