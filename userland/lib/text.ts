// Text and bytes: files, pipes and sockets carry bytes, people read text. UTF-8
// in both directions, printing, and reading a line or everything. Does not know
// what a descriptor stands for, and keeps no buffer between two calls: nothing
// is read that is not handed over.

import {
  isatty,
  lseek,
  read,
  type Request,
  type Routine,
  SysError,
  write,
} from "../sys.ts";

const NEWLINE = 10;
const CHUNK_BYTES = 65_536;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as text (UTF-8; what is not UTF-8 becomes U+FFFD). */
export function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Text as bytes (UTF-8). */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes to standard output; a newline is added if there is none at the end. */
export function print(value: unknown): Request<"write"> {
  const line = value instanceof Uint8Array ? text(value) : String(value);
  return write(1, line.endsWith("\n") ? line : line + "\n");
}

/** Everything up to the end of the file, as bytes. */
export function* readAll(fd = 0): Routine<Uint8Array> {
  const chunks: Uint8Array[] = [];
  while (true) {
    const chunk = yield* read(fd, CHUNK_BYTES);
    if (chunk.length === 0) return join(chunks);
    chunks.push(chunk);
  }
}

/** Many arrays as one. */
export function join(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * The next line without its newline, or null at the end of the file. Takes
 * exactly the line, so that another reader of the same file finds the rest: one
 * byte at a time from a pipe, in chunks with a step back from a file.
 */
export function* readLine(fd = 0): Routine<string | null> {
  const step = yield* readStep(fd);
  const chunks: Uint8Array[] = [];
  while (true) {
    const chunk = yield* read(fd, step);
    if (chunk.length === 0) break;
    const end = chunk.indexOf(NEWLINE);
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) continue;
    const extra = chunk.length - end - 1;
    if (extra > 0) yield* lseek(fd, -extra, "cur");
    return text(join(chunks));
  }
  return chunks.length === 0 ? null : text(join(chunks));
}

/** How much may be read at once without taking more than a line away. */
function* readStep(fd: number): Routine<number> {
  try {
    yield* lseek(fd, 0, "cur");
    return 512;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return (yield* isatty(fd)) ? 4096 : 1;
  }
}
