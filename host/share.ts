// What was seen, as a link: files, world, seed, everything that came from outside,
// and where to look. A fragment of a URL: a version, then JSON, deflated, in
// base64url. Whoever opens it gets the same run (replay.ts); the hash says whether
// it was. A link is a stranger's: every field is checked, and a wrong one is a
// sentence. It knows no page and no storage.

import type { Input } from "../kernel/world.ts";

export interface Shared {
  /** Path → text, of the console's machine, where it differs from the image. */
  files: Record<string, string>;
  /** A world file's content (world_file.ts checks it); null: the first world. */
  world: unknown;
  /** Of a scenario: name → value. */
  params: Record<string, number>;
  seed: number;
  log: readonly Input[];
  /** Virtual time per real time; Infinity: as fast as it goes. */
  speed: number;
  /** What the timeline shows, ns. */
  view: readonly [fromNs: number, toNs: number] | null;
  /** The instant to open at. */
  atNs: number;
  /** Of the trace at that instant; "" if it is not known. */
  hash: string;
  /** Inputs of the log that had come by then; not given: those up to that instant. */
  done?: number;
  /** Which Kettle made it; not given: it does not say. */
  kettle?: string;
}

/** A link that cannot be opened: its message is for the visitor. */
export class LinkError extends Error {}

const VERSION = "1";
/** What a link may hold when it is unpacked. */
export const UNPACKED_BYTES_MAX = 8 * 1024 * 1024;
const INPUTS_MAX = 100_000;
const LIST_BEGINS = 0x5b, LIST_ENDS = 0x5d;
const FIELDS = 9, FIELDS_WITH_MORE = 11;

// ------------------------------------------------------------- making one

/** The fragment, without `#`. The same twice for the same. */
export async function linkOf(shared: Shared): Promise<string> {
  const { files, world, params, seed, speed, view, atNs, hash } = shared;
  const packed = [
    sorted(files),
    world,
    sorted(params),
    seed,
    packLog(shared.log),
    speed === Infinity ? null : speed,
    view,
    atNs,
    hash,
    ...more(shared),
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(packed));
  return VERSION + base64url(await through(bytes, "deflate"));
}

/** What a link need not say. */
function more({ done, kettle }: Shared): unknown[] {
  const isPlain = done === undefined && kettle === undefined;
  return isPlain ? [] : [done ?? null, kettle ?? ""];
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  const names = Object.keys(record).sort();
  return Object.fromEntries(names.map((name) => [name, record[name]!]));
}

/** Times and steps as what is added to those before. */
function packLog(log: readonly Input[]): unknown[] {
  let atNs = 0, step = 0;
  return log.map((input) => {
    const { atNs: at, step: at2, ...what } = input;
    const row = [at - atNs, at2 - step, shortened(what)];
    atNs = at;
    step = at2;
    return row;
  });
}

/** Keys for the first machine, which is nearly all there is, as the text alone. */
function shortened(what: Omit<Input, "atNs" | "step">): unknown {
  const isKeys = what.machine === 0 && Object.keys(what).length === 2 &&
    what.keys !== undefined;
  return isKeys ? what.keys : what;
}

// ------------------------------------------------------------- opening one

/** What a fragment holds. Throws a LinkError that says what is wrong with it. */
export async function openLink(fragment: string): Promise<Shared> {
  if (!/^\d/.test(fragment)) {
    throw new LinkError("This is no link of Kettle's.");
  }
  if (!fragment.startsWith(VERSION)) {
    throw new LinkError(
      "This link was made by another version of Kettle, which says more than this one understands.",
    );
  }
  const bytes = await unpacked(fragment.slice(VERSION.length));
  // Deno's stream does not mind a missing end.
  const isCut = bytes[0] === LIST_BEGINS && bytes.at(-1) !== LIST_ENDS;
  if (isCut) throw cutOff(fragment.length);
  return sharedOf(parsed(bytes));
}

async function unpacked(text: string): Promise<Uint8Array> {
  if (!/^[\w-]*$/.test(text)) throw damaged("it has letters no link has");
  try {
    return await through(bytesOf(text), "inflate");
  } catch (error) {
    if (error instanceof LinkError) throw error;
    if (await isCutOff(text)) throw cutOff(text.length + VERSION.length);
    throw damaged("a part of it is missing or changed");
  }
}

/** So far there is nothing wrong with it: only its end is missing. */
async function isCutOff(text: string): Promise<boolean> {
  if (text.length % 4 === 1) text = text.slice(0, -1);
  const stream = new DecompressionStream("deflate-raw");
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const drained = (async () => {
    while (!(await reader.read()).done);
    return true;
  })().catch(() => false);
  const bytes = bytesOf(text) as Uint8Array<ArrayBuffer>;
  const taken = await writer.write(bytes).then(() => true, () => false);
  const closed = await writer.close().then(() => true, () => false);
  const ended = await drained;
  return taken && !(closed && ended);
}

function cutOff(letters: number): LinkError {
  const count = String(letters).replace(/\B(?=(\d{3})+$)/g, ",");
  return new LinkError(`This link is cut off after ${count} characters.`);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged("a part of it is missing or changed");
  }
}

function sharedOf(value: unknown): Shared {
  const isWhole = Array.isArray(value) &&
    (value.length === FIELDS || value.length === FIELDS_WITH_MORE);
  if (!isWhole) throw damaged("it does not hold what a link holds");
  const [files, world, params, seed, log, speed, view, atNs, hash] = value;
  const shared: Shared = {
    files: recordOf("files", files, isText),
    world: world ?? null,
    params: recordOf("params", params, Number.isFinite),
    seed: checked("seed", seed, Number.isSafeInteger),
    log: unpackLog(log),
    speed: speed === null ? Infinity : checked("speed", speed, isPositive),
    view: view === null ? null : checked("view", view, isSpan),
    atNs: checked("time", atNs, isTime),
    hash: checked("hash", hash, isHash),
  };
  if (value.length === FIELDS_WITH_MORE) addMore(shared, value.slice(FIELDS));
  return shared;
}

function addMore(shared: Shared, [done, kettle]: unknown[]): void {
  const { length } = shared.log;
  const isCount = (value: unknown) => isTime(value) && Number(value) <= length;
  if (done !== null) shared.done = checked("log", done, isCount);
  checked("version", kettle, isVersion);
  if (kettle !== "") shared.kettle = kettle as string;
}

function unpackLog(rows: unknown): Input[] {
  const isList = Array.isArray(rows) && rows.length <= INPUTS_MAX;
  if (!isList) throw damaged("its log is wrong");
  let atNs = 0, step = 0;
  return rows.map((row) => {
    if (!Array.isArray(row) || row.length !== 3) {
      throw damaged("its log is wrong");
    }
    atNs = checked("log", atNs + row[0], isTime);
    step = checked("log", step + row[1], isTime);
    if (row[0] < 0 || row[1] < 0) throw damaged("its log goes back in time");
    return { atNs, step, ...inputOf(row[2]) };
  });
}

function inputOf(what: unknown): Omit<Input, "atNs" | "step"> {
  if (isText(what)) return { machine: 0, keys: what };
  if (!isRecord(what)) throw damaged("its log is wrong");
  for (const [name, value] of Object.entries(what)) {
    const isFine = Object.hasOwn(INPUT_FIELDS, name) &&
      INPUT_FIELDS[name as keyof typeof INPUT_FIELDS](value);
    if (!isFine) throw damaged(`its log has a wrong ${name}`);
  }
  if (what.machine === undefined) throw damaged("its log names no machine");
  return what as unknown as Omit<Input, "atNs" | "step">;
}

const INPUT_FIELDS = {
  machine: isTime,
  stalled: (value: unknown) => value === true,
  keys: isText,
  columns: isCells,
  rows: isCells,
  kill: isTime,
  path: (value: unknown) => isText(value) && value.startsWith("/"),
  text: isText,
  movedTo: (value: unknown) => isText(value) && value.startsWith("/"),
  removed: (value: unknown) => value === true,
  power: (value: unknown) => value === "off" || value === "on",
  login: isLogin,
  host: (value: unknown) => value === true,
  answer: isAnswer,
} satisfies Record<
  keyof Omit<Input, "atNs" | "step">,
  (value: unknown) => boolean
>;

function isLogin(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { path, args, name, cwd, env, ...more } = value;
  return isText(path) && Array.isArray(args) && args.every(isText) &&
    [name, cwd].every((text) => text === undefined || isText(text)) &&
    (env === undefined || isRecord(env) && Object.values(env).every(isText)) &&
    Object.keys(more).length === 0;
}

function isAnswer(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { id, text, ...more } = value;
  return isTime(id) && isText(text) && !text.includes("\n") &&
    Object.keys(more).length === 0;
}

// ------------------------------------------------------------- checks

function checked<T>(
  name: string,
  value: unknown,
  isFine: (value: unknown) => boolean,
): T {
  if (!isFine(value)) throw damaged(`its ${name} is wrong`);
  return value as T;
}

function recordOf<T>(
  name: string,
  value: unknown,
  isFine: (value: unknown) => boolean,
): Record<string, T> {
  const isAll = isRecord(value) && Object.values(value).every(isFine);
  if (!isAll) throw damaged(`its ${name} are wrong`);
  return value as Record<string, T>;
}

function damaged(how: string): LinkError {
  return new LinkError(`This link is damaged: ${how}.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPositive(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) > 0;
}

function isCells(value: unknown): boolean {
  return isTime(value) && (value as number) >= 1 && (value as number) <= 1000;
}

function isSpan(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 &&
    value.every(Number.isFinite) && value[0] < value[1];
}

function isVersion(value: unknown): boolean {
  return isText(value) && /^[\w.+-]{0,40}$/.test(value);
}

function isHash(value: unknown): boolean {
  return isText(value) && /^([0-9a-f]{16})?$/.test(value);
}

// ------------------------------------------------------------- bytes

/** Throws when more than a link may hold comes out. */
async function through(
  bytes: Uint8Array,
  way: "deflate" | "inflate",
): Promise<Uint8Array> {
  const stream = way === "deflate"
    ? new CompressionStream("deflate-raw")
    : new DecompressionStream("deflate-raw");
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(stream).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > UNPACKED_BYTES_MAX) {
      await reader.cancel();
      throw new LinkError("This link holds more than a link may hold.");
    }
    parts.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function base64url(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function bytesOf(text: string): Uint8Array {
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
