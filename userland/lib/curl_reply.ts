// The answer to curl's request, from a connection: the head at once, the body
// piece by piece as it comes, to its Content-Length, its last chunk or the end of
// the stream (RFC 9112 §6.3). It keeps no body, however long, and knows nothing
// of what is asked.

import { read, type Request, type Routine, text, within } from "kettle";
import { CHUNK_BYTES } from "./stdio.ts";
import { join } from "./text.ts";

const HEAD_BYTES_MAX = 102_400;
const LINE_BYTES_MAX = 8192;
const NEWLINE = 10;

export interface Head {
  /** Of the last status line; as it came, with the empty line. */
  text: string;
  version: string;
  status: number;
  headers: Map<string, string>;
}

/** The server broke the rules, or off. `exitCode` is curl's. */
export class ReplyError extends Error {
  constructor(readonly exitCode: number, message: string) {
    super(message);
  }
}

export class Reply {
  #rest: Uint8Array = new Uint8Array(0);
  #hasEnded = false;
  /** When the first byte came. */
  onFirstByte: (() => Routine) | null = null;

  /** `limitNs` is what is left of the time, at each read. */
  constructor(readonly fd: number, readonly limitNs: () => Routine<number>) {}

  /** Status line and headers; those of interim answers (100 Continue) are skipped. */
  *head(): Routine<Head> {
    while (true) {
      const head = yield* this.#oneHead();
      if (head.status >= 200 || head.status === 101) return head;
    }
  }

  *#oneHead(): Routine<Head> {
    let whole = "", lines: string[] = [];
    while (true) {
      const line = yield* this.#line();
      if (line === null) {
        const empty = whole === "";
        throw empty
          ? new ReplyError(52, "Empty reply from server")
          : new ReplyError(56, "the connection ended within the headers");
      }
      whole += line;
      if (whole.length > HEAD_BYTES_MAX) {
        throw new ReplyError(56, "the headers are too long");
      }
      const bare = line.replace(/\r?\n$/, "");
      if (bare === "" && lines.length > 0) break;
      lines = [...lines, bare];
      if (lines.length === 1 && !/^HTTP\/\d/.test(bare)) {
        throw new ReplyError(1, "Received HTTP/0.9 when not allowed");
      }
    }
    const [start = "", ...fields] = lines;
    const match = /^HTTP\/(\d(?:\.\d)?) (\d{3})(?: |$)/.exec(start);
    if (match === null) throw new ReplyError(8, `Weird server reply: ${start}`);
    const headers = new Map<string, string>();
    for (const field of fields) {
      const colon = field.indexOf(":");
      if (colon <= 0) throw new ReplyError(8, "Header without colon");
      const name = field.slice(0, colon).trim().toLowerCase();
      headers.set(name, field.slice(colon + 1).trim());
    }
    return {
      text: whole,
      version: match[1]!,
      status: Number(match[2]),
      headers,
    };
  }

  /** Gives the body to `take`, piece by piece. */
  *body(head: Head, take: (piece: Uint8Array) => Routine): Routine {
    const { headers, status } = head;
    if (status === 204 || status === 304) return;
    const coding = (headers.get("transfer-encoding") ?? "").toLowerCase();
    if (coding.endsWith("chunked")) return yield* this.#chunks(take);
    const length = headers.get("content-length");
    if (length === undefined) return yield* this.#bytes(Infinity, take);
    if (!/^\d{1,15}$/.test(length)) {
      throw new ReplyError(8, `Invalid Content-Length: '${length}'`);
    }
    yield* this.#bytes(Number(length), take);
  }

  *#chunks(take: (piece: Uint8Array) => Routine): Routine {
    while (true) {
      const line = (yield* this.#line()) ?? "";
      const match = /^([0-9a-fA-F]{1,12})\s*(?:;.*)?\r?\n$/.exec(line);
      if (match === null) throw new ReplyError(56, "Bad chunk in the body");
      const size = parseInt(match[1]!, 16);
      if (size === 0) break;
      yield* this.#bytes(size, take);
      if (!/^\r?\n$/.test((yield* this.#line()) ?? "")) {
        throw new ReplyError(56, "Bad chunk in the body");
      }
    }
    for (let line = yield* this.#line(); line !== null;) { // trailers
      if (/^\r?\n$/.test(line)) return;
      line = yield* this.#line();
    }
  }

  /** So many bytes; Infinity: to the end of the stream. */
  *#bytes(count: number, take: (piece: Uint8Array) => Routine): Routine {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) yield* this.#more();
      if (this.#rest.length === 0) {
        if (left === Infinity) return;
        const why = `end of response with ${left} bytes missing`;
        throw new ReplyError(18, why);
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield* take(piece);
    }
  }

  /** The next line with its end, or what there is of it; null: the stream has ended. */
  *#line(): Routine<string | null> {
    const pieces: Uint8Array[] = [];
    for (let length = 0; length <= LINE_BYTES_MAX;) {
      if (this.#rest.length === 0) yield* this.#more();
      if (this.#rest.length === 0) {
        return length === 0 ? null : text(join(pieces));
      }
      const end = this.#rest.indexOf(NEWLINE);
      const piece = end < 0 ? this.#rest : this.#rest.subarray(0, end + 1);
      this.#rest = this.#rest.subarray(piece.length);
      pieces.push(piece);
      length += piece.length;
      if (end >= 0) return text(join(pieces));
    }
    throw new ReplyError(56, "a line is too long");
  }

  *#more(): Routine {
    if (this.#hasEnded) return;
    const limit = yield* this.limitNs();
    const request: Request<"read"> = read(this.fd, CHUNK_BYTES);
    this.#rest = yield* limit === Infinity ? request : within(limit, request);
    this.#hasEnded = this.#rest.length === 0;
    if (this.onFirstByte === null) return;
    yield* this.onFirstByte();
    this.onFirstByte = null;
  }
}
