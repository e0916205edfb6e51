// A text file: from bytes to text and back without losing a byte, and writing it
// so that the old content is never lost. What is no text is said to be none.

import {
  close,
  fsync,
  getpid,
  open,
  rename,
  type Routine,
  stat,
  SysError,
  unlink,
  write,
} from "kettle";
import { baseName, directoryName } from "./paths.ts";
import { bytes } from "./text.ts";

export interface TextContent {
  /** Lines with `\n` between them. */
  text: string;
  /** How lines end in the file: all of them, or it is `\n` and a return is a character. */
  lineEnd: "\n" | "\r\n";
}

/** So much of a file's name its copy has: there is room for the rest, in any script. */
const NAME_CHARACTERS = 60;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a file, or why it is none. */
export function decodeText(content: Uint8Array): TextContent | { why: string } {
  const zero = content.indexOf(0);
  if (zero >= 0) return { why: `it is no text: byte ${zero} is 0` };
  let text: string;
  try {
    text = strict.decode(content);
  } catch {
    return { why: "it is no text: not UTF-8" };
  }
  const returns = text.split("\r\n").length - 1;
  const newlines = text.split("\n").length - 1;
  if (returns === 0 || returns !== newlines) return { text, lineEnd: "\n" };
  return { text: text.replaceAll("\r\n", "\n"), lineEnd: "\r\n" };
}

/** The bytes that such a text is in a file. */
export function encodeText({ text, lineEnd }: TextContent): Uint8Array {
  return bytes(lineEnd === "\n" ? text : text.replaceAll("\n", lineEnd));
}

/**
 * Writes a whole file: beside it first, onto the disk, then in its place in one
 * step, and waits until that is on the disk, too. At every moment, also when the
 * power goes, the old content is there or the new one. A file with several names
 * keeps them: it is written in place, and the copy beside it stays until then.
 */
export function* replaceFile(path: string, content: Uint8Array): Routine {
  const links = yield* linksOf(path);
  const name = baseName(path).slice(0, NAME_CHARACTERS);
  const beside = `${directoryName(path)}/.${name}.${yield* getpid()}`;
  const keepsNames = links > 1;
  try {
    yield* writeWhole(beside, content, keepsNames ? undefined : path);
    if (!keepsNames) return;
    yield* writeWhole(path, content);
    yield* unlink(beside);
  } catch (error) {
    if (!keepsNames) yield* removeQuietly(beside);
    throw error;
  }
}

/** Writes a file onto the disk and then, if wanted, gives it its name. */
function* writeWhole(
  path: string,
  content: Uint8Array,
  name?: string,
): Routine {
  const fd = yield* open(path, "w");
  try {
    yield* write(fd, content);
    yield* fsync(fd);
    if (name === undefined) return;
    yield* rename(path, name);
    yield* fsync(fd);
  } finally {
    yield* close(fd);
  }
}

function* linksOf(path: string): Routine<number> {
  try {
    return (yield* stat(path)).nlink;
  } catch (error) {
    if (error instanceof SysError && error.code === "ENOENT") return 0;
    throw error;
  }
}

function* removeQuietly(path: string): Routine {
  try {
    yield* unlink(path);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}
