// HTTP/1.1 as bytes (RFC 9112): takes one request or response off the front of
// what has arrived, and writes them. Knows no socket: who reads keeps what is
// left over and asks again when more has come. Bodies have a Content-Length, or
// go on to the end of the stream; chunked ones are refused.

import { text } from "kettle";

/** Request line or status line, with all headers. */
export const HEAD_BYTES_MAX = 8192;
export const HEADERS_MAX = 100;
export const BODY_BYTES_MAX = 1024 * 1024;

export type Headers = Map<string, string>;

export interface HttpRequest {
  method: string;
  /** As sent: a path, perhaps with a question mark and more. */
  target: string;
  headers: Headers;
  body: Uint8Array;
  /** Another request may follow on this connection. */
  keepAlive: boolean;
}

export interface HttpResponse {
  status: number;
  reason: string;
  headers: Headers;
  body: Uint8Array;
  keepAlive: boolean;
}

/** What is at the front of the bytes; null: not all of it is there yet. */
export type Parsed<T> = { message: T; used: number } | { bad: Bad } | null;

/** Why this is no message, and the status that says so to the client. */
export interface Bad {
  status: number;
  why: string;
}

const REASONS: Record<number, string> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  505: "HTTP Version Not Supported",
};
export const NOTHING: Uint8Array = new Uint8Array(0);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const REQUEST_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\/[!-~]*) (HTTP\/1\.[01])$/;

export function parseRequest(data: Uint8Array): Parsed<HttpRequest> {
  const head = parseHead(data);
  if (head === null || "bad" in head) return head;
  const line = REQUEST_LINE.exec(head.start);
  if (line === null) return badLine(head.start);
  const method = line[1]!, target = line[2]!, version = line[3]!;
  if (version === "HTTP/1.1" && !head.headers.has("host")) {
    return bad(400, "there is no Host header");
  }
  const body = parseBody(data, head, 0);
  if (body === null || "bad" in body) return body;
  const keepAlive = keepsAlive(version, head.headers);
  const { headers } = head;
  return {
    message: { method, target, headers, body: body.bytes, keepAlive },
    used: body.end,
  };
}

/** What is wrong with a request line. */
function badLine(line: string): { bad: Bad } {
  const words = line.split(" ");
  const [method = "", target = "", version = ""] = words;
  if (words.length !== 3 || !TOKEN.test(method)) {
    return bad(400, "the first line is not METHOD TARGET HTTP/1.1");
  }
  if (!/^\/[!-~]*$/.test(target)) {
    return bad(400, "the target does not begin with /, or is not plain text");
  }
  if (!/^HTTP\/\d\.\d$/.test(version)) {
    return bad(400, "the first line does not end with HTTP/1.1");
  }
  return bad(505, `${version} is not spoken here`);
}

/** `ended`: the stream has ended, so a body without a length is whole. */
export function parseResponse(
  data: Uint8Array,
  ended = false,
): Parsed<HttpResponse> {
  const head = parseHead(data);
  if (head === null || "bad" in head) return head;
  const line = /^(HTTP\/1\.[01]) (\d{3})(?: (.*))?$/.exec(head.start);
  if (line === null) return bad(502, "the first line is not a status line");
  const [, version = "", status = "", reason = ""] = line;
  const body = parseBody(data, head, ended ? data.length - head.end : null);
  if (body === null || "bad" in body) return body;
  const { headers } = head;
  const keepAlive = headers.has("content-length") &&
    keepsAlive(version, headers);
  return {
    message: {
      status: Number(status),
      reason,
      headers,
      body: body.bytes,
      keepAlive,
    },
    used: body.end,
  };
}

interface Head {
  start: string;
  headers: Headers;
  /** Where the body begins. */
  end: number;
}

function parseHead(data: Uint8Array): Head | { bad: Bad } | null {
  const end = headEnd(data);
  if (end < 0 ? data.length > HEAD_BYTES_MAX : end > HEAD_BYTES_MAX) {
    return bad(431, `the headers are longer than ${HEAD_BYTES_MAX} bytes`);
  }
  if (end < 0) return null;
  const lines = text(data.subarray(0, end - 4)).split("\r\n");
  const start = lines.shift()!;
  if (lines.length > HEADERS_MAX) {
    return bad(431, `there are more than ${HEADERS_MAX} headers`);
  }
  const headers: Headers = new Map();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!TOKEN.test(name)) return bad(400, "a header is not NAME: VALUE");
    const before = headers.get(name);
    if (before !== undefined && name === "content-length" && before !== value) {
      return bad(400, "there are two Content-Lengths");
    }
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
    if (before === value) headers.set(name, value);
  }
  return { start, headers, end };
}

/** Where the bytes after the empty line begin, or −1. */
function headEnd(data: Uint8Array): number {
  for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) {
    if (data[at - 1] === 13 && data[at - 2] === 10 && data[at - 3] === 13) {
      return at + 1;
    }
    if (at > HEAD_BYTES_MAX) break;
  }
  return -1;
}

/** `otherwise`: how long it is if no header says; null: nobody knows yet. */
function parseBody(
  data: Uint8Array,
  { headers, end }: Head,
  otherwise: number | null,
): { bytes: Uint8Array; end: number } | { bad: Bad } | null {
  if (headers.has("transfer-encoding")) {
    return bad(501, "Transfer-Encoding is not spoken here");
  }
  const given = headers.get("content-length");
  if (given !== undefined && !/^\d{1,15}$/.test(given)) {
    return bad(400, "Content-Length is not a number");
  }
  const length = given === undefined ? otherwise : Number(given);
  if (length === null) return null;
  if (length > BODY_BYTES_MAX) {
    return bad(413, `the body is longer than ${BODY_BYTES_MAX} bytes`);
  }
  if (data.length < end + length) return null;
  if (length === 0) return { bytes: NOTHING, end };
  return { bytes: data.subarray(end, end + length), end: end + length };
}

function keepsAlive(version: string, headers: Headers): boolean {
  const connection = (headers.get("connection") ?? "").toLowerCase();
  if (connection.includes("close")) return false;
  return version === "HTTP/1.1" || connection.includes("keep-alive");
}

function bad(status: number, why: string): { bad: Bad } {
  return { bad: { status, why } };
}

/** A GET as bytes. */
export function requestBytes(
  host: string,
  target: string,
  keepAlive: boolean,
): Uint8Array {
  const connection = keepAlive ? "" : "Connection: close\r\n";
  return encoded(
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${connection}\r\n`,
  );
}

/** A response as bytes. */
export function responseBytes(
  status: number,
  body: Uint8Array | string,
  keepAlive: boolean,
  type = "text/plain",
): Uint8Array {
  const content = typeof body === "string" && !isAscii(body)
    ? encoded(body)
    : body;
  const head = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n` +
    `Content-Type: ${type}\r\nContent-Length: ${content.length}\r\n` +
    (keepAlive ? "\r\n" : "Connection: close\r\n\r\n");
  if (typeof content === "string") return encoded(head + content);
  return joined(encoded(head), content);
}

// Small messages are windows on a slab, each given out once: a fresh array for
// each costs V8 four times as much.
const SLAB_BYTES = 65_536, SMALL_BYTES = 2048, BYTES_OF_LETTER_MAX = 3;
const encoder = new TextEncoder();
let slab = NOTHING;
let taken = 0;

/** Text as bytes. */
function encoded(text: string): Uint8Array {
  const most = text.length * BYTES_OF_LETTER_MAX;
  if (most > SMALL_BYTES) return encoder.encode(text);
  if (taken + most > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    taken = 0;
  }
  const start = taken;
  taken += encoder.encodeInto(text, slab.subarray(start)).written;
  return slab.subarray(start, taken);
}

/** As many bytes as letters. */
function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 127) return false;
  }
  return true;
}

/** What follows the first `used` bytes. If that is nothing, it keeps no memory. */
export function after(data: Uint8Array, used: number): Uint8Array {
  return used === data.length ? NOTHING : data.subarray(used);
}

/** What was left over, and what has come since. */
export function joined(rest: Uint8Array, more: Uint8Array): Uint8Array {
  if (rest.length === 0) return more;
  if (more.length === 0) return rest;
  const both = new Uint8Array(rest.length + more.length);
  both.set(rest);
  both.set(more, rest.length);
  return both;
}
