// A disk that was used before gets the programs of this Kettle. As with the
// configuration files of a Debian package: what nobody has edited is replaced,
// what somebody has edited, made or removed stays as it is. So that it can be
// told, the disk has a list of what was put there, with checksums. /home is the
// visitor's and never touched.

import type { FileSystem } from "../kernel/fs/mod.ts";
import type { Image } from "./base_files.ts";
import { crc32 } from "./checksum.ts";

/** The list: checksum and path, a line each. */
const LIST = "/etc/shipped";
const HOME = "/home/";

type Late = ReadonlyMap<string, { checksum: number }>;

/** A disk that was made with the image gets the list, in no time. */
export function noteShipped(
  files: FileSystem,
  image: Image,
  late: Late = new Map(),
): void {
  const list = new Map<string, number>();
  for (const [path, content] of Object.entries(image)) {
    if (path.startsWith(HOME)) continue;
    list.set(path, late.get(path)?.checksum ?? crc32(bytesOf(content)));
  }
  files.poke(LIST, listText(list));
  files.disk.save();
  files.dropCaches();
}

/**
 * Brings a disk up to date, in no time. Only while nothing runs on its machine.
 * Files that come later are to be given with their checksums.
 */
export function bringUpToDate(
  files: FileSystem,
  image: Image,
  late: Late = new Map(),
): void {
  const before = readList(files);
  const after = new Map<string, number>();
  let changes = 0;
  for (const [path, content] of Object.entries(image)) {
    if (path.startsWith(HOME)) continue;
    const bytes = bytesOf(content);
    const shipped = late.get(path)?.checksum ?? crc32(bytes);
    after.set(path, shipped);
    const old = before.get(path);
    if (!isOurs(files.peek(path), old, shipped)) continue;
    if (files.poke(path, bytes) === null) changes++;
    else if (old !== undefined) after.set(path, old);
  }
  const list = listText(after);
  if (changes > 0 || list !== listText(before)) {
    files.poke(LIST, list);
    files.disk.save();
  }
  files.dropCaches(); // looking has filled them
}

/** Whether to write: it is new, or as we left it and not as it is to be. */
function isOurs(
  found: Uint8Array | null,
  old: number | undefined,
  shipped: number,
): boolean {
  if (found === null) return old === undefined;
  const present = crc32(found);
  return present === old && present !== shipped;
}

function readList(files: FileSystem): Map<string, number> {
  const text = new TextDecoder().decode(files.peek(LIST) ?? undefined);
  const list = new Map<string, number>();
  for (const [, hex, path] of text.matchAll(/^([0-9a-f]{8}) (\/.*)$/gm)) {
    list.set(path!, parseInt(hex!, 16));
  }
  return list;
}

function listText(list: Map<string, number>): string {
  const lines = [...list].map(([path, checksum]) =>
    `${checksum.toString(16).padStart(8, "0")} ${path}\n`
  );
  return lines.join("");
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
}
