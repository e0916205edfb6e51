// The disk of --disk as a file on the host: nobody else's changes are written
// over, what cannot be saved leaves the old image whole, /bin follows Kettle.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readImage } from "../../host/image.ts";
import { decodeImage } from "../../host/disk_image.ts";
import { DiskError, KeptDisk } from "../../host/kept_disk.ts";
import { Loader } from "../../host/loader.ts";
import { check } from "../../kernel/fs/mod.ts";

const directory = mkdtempSync(join(tmpdir(), "kettle-kept-"));
after(() => rmSync(directory, { recursive: true }));

const image = readImage();
const programs = new Loader({
  compile: (path) => Promise.reject(new Error(`${path} is not compiled`)),
});

/** Boots from the file, changes the disk, saves it. */
function session(
  path: string,
  change: (poke: (path: string, text: string) => void) => void,
  shipped = image,
): (path: string) => string | null {
  const kept = new KeptDisk(path);
  const { machine } = kept.boot({ programs, image: shipped });
  change((path, text) => void machine.files.poke(path, text));
  kept.save(machine, false);
  return (path) => {
    const bytes = machine.files.peek(path);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  };
}

test("a program that was edited stays edited, one that was not follows Kettle", () => {
  const path = join(directory, "bin.img");
  session(path, (poke) => {
    poke("/bin/cat", "edited");
    poke("/bin/mine", "made");
    poke("/home/hello.ts", "my hello");
  });
  const later = {
    ...image,
    "/bin/cat": "a new cat",
    "/bin/wc": "a new wc",
    "/bin/mine": "shipped under the same name",
    "/bin/latest": "new in this Kettle",
    "/home/hello.ts": "a new hello",
  };
  const read = session(path, () => {}, later);
  assertEquals(
    ["cat", "wc", "mine", "latest"].map((name) => read(`/bin/${name}`)),
    ["edited", "a new wc", "made", "new in this Kettle"],
  );
  assertEquals(read("/home/hello.ts"), "my hello");
  const back = session(path, () => {});
  assertEquals(back("/bin/wc"), image["/bin/wc"]);
  assertEquals(back("/bin/cat"), "edited");
  const decoded = decodeImage(readFileSync(path));
  assert("platter" in decoded);
  assertEquals(check(decoded.platter), []);
});

test("an image that somebody else changed meanwhile is left as it is", () => {
  const path = join(directory, "two.img");
  session(path, () => {});
  const kept = new KeptDisk(path);
  const { machine } = kept.boot({ programs, image });
  session(path, (poke) => poke("/home/cup", "tea"));
  const bytes = readFileSync(path);
  machine.files.poke("/home/cup", "coffee");
  const error = assertThrows(() => kept.save(machine, false), DiskError);
  assertEquals(readFileSync(path), bytes);
  const beside = /This disk is in (.*)\.$/.exec((error as Error).message)![1]!;
  assertEquals("platter" in decodeImage(readFileSync(beside)), true);
});

test("an image that cannot be saved says so, and nothing is left half", () => {
  const place = join(directory, "gone");
  mkdirSync(place);
  const path = join(place, "disk.img");
  const kept = new KeptDisk(path);
  const { machine } = kept.boot({ programs, image });
  rmSync(place, { recursive: true });
  assertThrows(
    () => kept.save(machine, false),
    DiskError,
    "disk.img could not be saved (ENOENT). It is as it was before.",
  );
});

test("a directory, or any other file, is no image and is left alone", () => {
  assertThrows(() => new KeptDisk(directory), DiskError, "cannot be read");
  const path = join(directory, "letter.txt");
  writeFileSync(path, "dear kettle");
  assertThrows(() => new KeptDisk(path), DiskError, "no disk image of Kettle");
  assertEquals(readFileSync(path, "utf8"), "dear kettle");
});

test("nothing is left beside a saved image", () => {
  const place = join(directory, "alone");
  mkdirSync(place);
  session(join(place, "disk.img"), () => {});
  session(join(place, "disk.img"), () => {});
  assertEquals(readdirSync(place), ["disk.img"]);
});
