// curl URL…: asks an HTTP server for what is at http://HOST[:PORT]/PATH and writes
// it to standard output, or to a file. Exit codes are curl's: 3 a URL that is none,
// 6 no such host, 7 no connection, 18 a body cut short, 22 (-f) an error of the
// server, 23 a write that failed, 28 too slow, 52 no answer, 56 broken off.

import {
  bytes,
  clock,
  close,
  connect,
  open,
  type Program,
  readAll,
  type Request,
  type RequestName,
  type Routine,
  s,
  socket,
  SysError,
  within,
  write,
} from "kettle";
import { type Options, options, usageError } from "../lib/args.ts";
import { type Head, Reply, ReplyError } from "../lib/curl_reply.ts";
import { join } from "../lib/text.ts";

const USAGE = {
  name: "curl",
  synopsis: "[-fiIsSv] [-o FILE] [-X METHOD] [-d DATA] [-H HEADER]… URL…",
  about: "Gets what an HTTP server has at http://HOST[:PORT]/PATH.",
  trouble: 2,
  options: {
    "-d, --data DATA": "send this, by POST; @FILE sends a file, @- the input",
    "-f, --fail":
      "print nothing and end with 22 if the server says 400 or more",
    "-H, --header HEADER": "a header of the request, as Name: value",
    "-i, --include": "the headers of the answer, too",
    "-I, --head": "only the headers",
    "-m, --max-time SECONDS": "longest time for all of it",
    "--connect-timeout SECONDS": "longest time for the connection",
    "-o, --output FILE": "where to write; - is standard output",
    "-s, --silent": "no word about errors",
    "-S, --show-error": "but about them with -s as well",
    "-v, --verbose": "what is sent and what comes back",
    "-w, --write-out FORMAT": "say this at the end: %{http_code} and the like",
    "-X, --request METHOD": "this method",
  },
};

interface Target {
  host: string;
  port: number;
  path: string;
}

/** What the user asked for, but for the URL. */
interface Settings {
  given: Options["given"];
  headers: string[];
  data: Uint8Array | null;
}

/** When what happened, ns after the beginning; −1: not yet. */
interface Times {
  startNs: number;
  connectNs: number;
  firstByteNs: number;
  totalNs: number;
}

interface Transfer extends Times {
  target: Target;
  method: string;
  sizeDownload: number;
  sizeHeader: number;
  sizeUpload: number;
  head: Head | null;
}

/** A way to fail that has a number. */
class CurlError extends Error {
  constructor(readonly exitCode: number, message: string) {
    super(message);
  }
}

export default function* main(args: string[]): Program {
  const { rest, headers } = yield* headersOf(args);
  const { given, operands } = yield* options(rest, USAGE);
  if (typeof given.H === "string") headers.push(given.H); // as in -sH
  if (operands.length === 0) yield* usageError(USAGE, "no URL specified");
  let code = 0;
  const isLoud = given.s === undefined || given.S !== undefined;
  try {
    const data = yield* dataOf(given.d);
    for (const url of operands) {
      code = yield* attempt(url, { given, headers, data }, isLoud);
    }
  } catch (error) {
    code = yield* complainOf(error, isLoud);
  }
  return code;
}

/** -H may come several times, which the table of options does not know. */
function* headersOf(
  args: string[],
): Routine<{ rest: string[]; headers: string[] }> {
  const rest: string[] = [], headers: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const [, glued] = /^(?:-H|--header=)(.+)$/s.exec(arg) ?? [];
    const header = arg === "-H" || arg === "--header" ? args[++at] : glued;
    if (header === undefined) rest.push(arg);
    else headers.push(header);
    if (at >= args.length) {
      yield* usageError(USAGE, `option '${arg}' requires an argument`);
    }
  }
  return { rest, headers };
}

function* dataOf(value: string | true | undefined): Routine<Uint8Array | null> {
  if (value === undefined) return null;
  const data = String(value);
  if (!data.startsWith("@")) return bytes(data);
  if (data === "@-") return yield* readAll(0);
  const fd = yield* open(data.slice(1));
  const all = yield* readAll(fd);
  yield* close(fd);
  return all;
}

function targetOf(url: string): Target {
  const match =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#:]*)(?::([^/?#]*))?([/?][^#]*)?(?:#.*)?$/i
      .exec(url);
  const [, scheme = "http", host = "", port = "80", path = "/"] = match ?? [];
  if (scheme.toLowerCase() !== "http") {
    throw new CurlError(1, `Protocol "${scheme}" not supported`);
  }
  const number = Number(port);
  const isPort = /^\d+$/.test(port) && number >= 1 && number <= 65_535;
  if (match === null || host === "" || /[^!-~]/.test(url)) {
    throw new CurlError(3, "URL using bad/illegal format or missing URL");
  }
  if (!isPort) {
    throw new CurlError(
      3,
      `Port number was not a decimal number between 1 and 65535: '${port}'`,
    );
  }
  return { host, port: number, path: path.startsWith("/") ? path : `/${path}` };
}

// ------------------------------------------------------------- one URL

function* attempt(
  url: string,
  settings: Settings,
  isLoud: boolean,
): Routine<number> {
  const { given } = settings;
  let transfer: Transfer | null = null, code = 0;
  try {
    const startNs = yield* clock();
    const target = targetOf(url);
    const asked = given.X ??
      (given.I !== undefined
        ? "HEAD"
        : settings.data !== null
        ? "POST"
        : "GET");
    transfer = {
      target,
      method: String(asked),
      startNs,
      connectNs: 0,
      firstByteNs: 0,
      totalNs: 0,
      sizeDownload: 0,
      sizeHeader: 0,
      sizeUpload: 0,
      head: null,
    };
    yield* perform(transfer, settings);
  } catch (error) {
    code = yield* complainOf(error, isLoud);
  }
  if (transfer !== null) {
    transfer.totalNs = (yield* clock()) - transfer.startNs;
    if (given.w !== undefined) {
      yield* write(1, written(String(given.w), transfer, url, code));
    }
  }
  return code;
}

function* complainOf(error: unknown, isLoud: boolean): Routine<number> {
  const problem = error instanceof SysError ? problemOf(error) : error;
  if (!(problem instanceof CurlError) && !(problem instanceof ReplyError)) {
    throw problem;
  }
  const { exitCode, message } = problem;
  if (isLoud) yield* write(2, `curl: (${exitCode}) ${message}\n`);
  return exitCode;
}

/** What a failed call means to curl. */
function problemOf(error: SysError): CurlError {
  const { code, call, message } = error;
  if (code === "ETIME") return new CurlError(28, "Operation timed out");
  if (call === "open") return new CurlError(26, message);
  const why = message.slice(message.indexOf(code));
  return new CurlError(56, `Recv failure: ${why}`);
}

/** Connects, asks, takes the answer. */
function* perform(transfer: Transfer, settings: Settings): Routine {
  const { given } = settings;
  const maxNs = yield* secondsOf(given.m);
  const left = function* () {
    const now = yield* clock();
    return Math.max(1, transfer.startNs + maxNs - now);
  };
  const fd = yield* connected(transfer, settings, yield* left());
  transfer.connectNs = (yield* clock()) - transfer.startNs;
  const request = requestOf(transfer, settings);
  if (given.v !== undefined) yield* write(2, marked(">", request.head));
  const asked = join([bytes(request.head), request.body]);
  yield* limited(yield* left(), write(fd, asked));
  transfer.sizeUpload = request.body.length;
  const reply = new Reply(fd, left);
  reply.onFirstByte = function* () {
    transfer.firstByteNs = (yield* clock()) - transfer.startNs;
  };
  yield* answer(reply, transfer, settings);
  yield* close(fd);
  if (given.v !== undefined) yield* write(2, "* Closing connection\n");
}

function* connected(
  { target }: Transfer,
  { given }: Settings,
  leftNs: number,
): Routine<number> {
  const { host, port } = target;
  const fd = yield* socket();
  const isVerbose = given.v !== undefined;
  if (isVerbose) yield* write(2, `*   Trying ${host}:${port}...\n`);
  const connectNs = yield* secondsOf(given["connect-timeout"]);
  try {
    yield* limited(Math.min(leftNs, connectNs), connect(fd, { host, port }));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const { code, message } = error;
    if (code === "ENETUNREACH") {
      throw new CurlError(6, `Could not resolve host: ${host}`);
    }
    if (code === "ETIME") {
      throw new CurlError(28, `Connection to ${host} port ${port} timed out`);
    }
    const why = message.slice(message.indexOf(code));
    throw new CurlError(7, `Failed to connect to ${host} port ${port}: ${why}`);
  }
  if (isVerbose) {
    yield* write(2, `* Connected to ${host} port ${port}\n`);
  }
  return fd;
}

function limited<C extends RequestName>(
  limitNs: number,
  request: Request<C>,
): Request<C> {
  return limitNs === Infinity ? request : within(limitNs, request);
}

function* secondsOf(value: string | true | undefined): Routine<number> {
  if (value === undefined) return Infinity;
  const seconds = Number(value);
  if (seconds > 0 && Number.isFinite(seconds)) return Math.round(seconds * s);
  return yield* usageError(USAGE, `invalid time: '${value}'`);
}

/** The request's head, and what follows it. */
function requestOf(
  { target, method }: Transfer,
  { headers, data }: Settings,
): { head: string; body: Uint8Array } {
  const { host, port, path } = target;
  const fields = new Map<string, string>([
    ["host", `Host: ${port === 80 ? host : `${host}:${port}`}`],
    ["user-agent", "User-Agent: curl/kettle"],
    ["accept", "Accept: */*"],
    ["connection", "Connection: close"],
  ]);
  if (data !== null) {
    fields.set("content-length", `Content-Length: ${data.length}`);
    fields.set(
      "content-type",
      "Content-Type: application/x-www-form-urlencoded",
    );
  }
  for (const header of headers) {
    const [name = "", ...value] = header.split(":");
    const key = name.trim().toLowerCase();
    // `Name:` alone takes a header away.
    if (value.join(":").trim() === "") fields.delete(key);
    else fields.set(key, header);
  }
  const lines = [`${method} ${path} HTTP/1.1`, ...fields.values()];
  return {
    head: lines.map((line) => `${line}\r\n`).join("") + "\r\n",
    body: data ?? new Uint8Array(0),
  };
}

// ------------------------------------------------------------- the answer

function* answer(
  reply: Reply,
  transfer: Transfer,
  { given }: Settings,
): Routine {
  const head = yield* reply.head();
  transfer.head = head;
  transfer.sizeHeader = head.text.length;
  if (given.v !== undefined) yield* write(2, marked("<", head.text));
  if (given.f !== undefined && head.status >= 400) {
    const why = `The requested URL returned error: ${head.status}`;
    throw new CurlError(22, why);
  }
  const out = yield* outputOf(given.o);
  const isHead = given.I !== undefined;
  if (isHead || given.i !== undefined) yield* put(out, bytes(head.text));
  if (!isHead && transfer.method !== "HEAD") {
    yield* reply.body(head, function* (piece) {
      transfer.sizeDownload += piece.length;
      yield* put(out, piece);
    });
  }
  if (out !== 1) yield* close(out);
}

function* outputOf(value: string | true | undefined): Routine<number> {
  if (value === undefined || value === "-") return 1;
  try {
    return yield* open(String(value), "w");
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new CurlError(23, `Failed to open the file ${error.message}`);
  }
}

function* put(fd: number, piece: Uint8Array): Routine {
  try {
    yield* write(fd, piece);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const { message, code } = error;
    const why = message.slice(message.indexOf(code));
    throw new CurlError(23, `Failed writing the output: ${why}`);
  }
}

/** Each line with a mark, for -v. */
function marked(mark: string, head: string): string {
  return head.replace(/\r?\n$/, "").split(/\r?\n/)
    .map((line) => `${mark} ${line}`.trimEnd() + "\n").join("");
}

/** What -w asks for: `%{name}`, \\n, \\t. */
function written(
  format: string,
  transfer: Transfer,
  url: string,
  code: number,
): string {
  const seconds = (ns: number) => (ns / 1e9).toFixed(6);
  const { head, totalNs, sizeDownload } = transfer;
  const status = String(head?.status ?? 0).padStart(3, "0");
  const values: Record<string, string> = {
    time_connect: seconds(transfer.connectNs),
    time_namelookup: seconds(0),
    time_starttransfer: seconds(transfer.firstByteNs),
    time_total: seconds(totalNs),
    http_code: status,
    response_code: status,
    http_version: head?.version ?? "0",
    size_download: String(sizeDownload),
    size_header: String(transfer.sizeHeader),
    size_upload: String(transfer.sizeUpload),
    speed_download: String(
      totalNs === 0 ? 0 : Math.floor(sizeDownload * 1e9 / totalNs),
    ),
    content_type: head?.headers.get("content-type") ?? "",
    method: transfer.method,
    url,
    exitcode: String(code),
  };
  return format.replace(/%%|%\{(\w+)\}|\\[ntr\\]/g, (match, name) => {
    if (match === "%%") return "%";
    if (name !== undefined) return values[name] ?? match;
    return { "\\n": "\n", "\\t": "\t", "\\r": "\r" }[match] ?? "\\";
  });
}
