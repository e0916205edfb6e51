// Calls and results in words, as strace writes them: `read(3, 4096)`, `14`,
// `ENOENT, no such file or directory`. It knows nothing but the contract.

import {
  type Call,
  Cell,
  ERRNO,
  Handle,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_NONBLOCK,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  Queue,
  Request,
  type SysError,
} from "./abi.ts";

/** Bytes or characters of data shown before it is cut with `…`. */
const PREVIEW = 32;
/** Items of a list, fields of an object. */
const ITEMS = 4;

/** `read(3, 4096)` */
export function callText(call: Call<unknown>, depth = 0): string {
  try {
    return `${call.name}(${argumentsText(call, depth)})`;
  } catch {
    return "a call that throws when it is looked at";
  }
}

/** `3, 4096` */
export function argumentsText(call: Call<unknown>, depth = 0): string {
  try {
    return plainArgumentsText(call, depth);
  } catch {
    return "…"; // a proxy or getter of the program's that throws
  }
}

function plainArgumentsText(call: Call<unknown>, depth: number): string {
  if (call.name === "open" && typeof call.b === "number") {
    return `${valueText(call.a)}, ${openFlagsText(call.b)}`;
  }
  const values = [call.a, call.b, call.c, call.d];
  let count = values.length;
  while (count > 0 && isAbsent(values[count - 1])) count--;
  let text = count > 0 ? valueText(values[0], depth) : "";
  for (let i = 1; i < count; i++) text += ", " + valueText(values[i], depth);
  return text;
}

/** What came of it: a value, or an error with its sentence. */
export function resultText(
  _call: Call<unknown>,
  ok: boolean,
  result: unknown,
): string {
  if (!ok) {
    const { code, message } = result as SysError;
    return code === undefined
      ? String(result)
      : `${code}, ${
        message.slice(message.indexOf(`${code}, `) + code.length + 2) ||
        ERRNO[code][1]
      }`;
  }
  return result === undefined ? "0" : valueText(result);
}

function isAbsent(value: unknown): boolean {
  return value === undefined ||
    (typeof value === "object" && value !== null &&
      Object.getPrototypeOf(value) === Object.prototype &&
      Object.keys(value).length === 0);
}

/** Any value in few characters; never calls code of the program. */
export function valueText(value: unknown, depth = 0): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "function":
      return functionName(value) || "function";
    case "object":
      return value === null ? "null" : objectText(value, depth);
    case "symbol":
      return "symbol";
    default:
      return String(value);
  }
}

function objectText(value: object, depth: number): string {
  try {
    if (value instanceof Uint8Array) return bytesText(value);
    if (value instanceof Handle) return `#${String(value.id)}`;
    if (value instanceof Queue) return `queue ${String(value.id)}`;
    if (value instanceof Cell) return `cell ${String(value.value)}`;
    if (depth > 1) return "…";
    if (value instanceof Request) return callText(value, depth + 1);
    if (Array.isArray(value)) return listText(value, depth);
    return fieldsText(value, depth);
  } catch {
    return "{…}"; // a proxy or getter of the program's that throws
  }
}

function listText(list: unknown[], depth: number): string {
  const shown = list.slice(0, ITEMS).map((item) => valueText(item, depth + 1));
  if (list.length > ITEMS) shown.push("…");
  return `[${shown.join(", ")}]`;
}

function fieldsText(value: object, depth: number): string {
  const names = Object.keys(value);
  let shown = "";
  for (let i = 0; i < names.length && i < ITEMS; i++) {
    const name = names[i]!;
    const field = Object.getOwnPropertyDescriptor(value, name);
    if (i > 0) shown += ", ";
    shown += `${name}: ${valueText(field?.value, depth + 1)}`;
  }
  return names.length > ITEMS ? `{ ${shown}, … }` : `{ ${shown} }`;
}

/** A function's own name, "" if it has none that is plain text. */
export function functionName(fn: unknown): string {
  try {
    const field = Object.getOwnPropertyDescriptor(fn, "name");
    return typeof field?.value === "string" ? field.value : "";
  } catch {
    return "";
  }
}

function quoted(text: string): string {
  return text.length > PREVIEW
    ? JSON.stringify(text.slice(0, PREVIEW)) + "…"
    : JSON.stringify(text);
}

/** Bytes as text where they are ASCII, `\xff` where not. */
function bytesText(bytes: Uint8Array): string {
  let text = "";
  const length = Math.min(bytes.length, PREVIEW);
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    const character = String.fromCharCode(byte);
    text += byte >= 32 && byte < 127
      ? (character === '"' || character === "\\" ? "\\" : "") + character
      : byte === 10
      ? "\\n"
      : byte === 9
      ? "\\t"
      : byte === 13
      ? "\\r"
      : "\\x" + byte.toString(16).padStart(2, "0");
  }
  return `"${text}"${bytes.length > PREVIEW ? "…" : ""}`;
}

const FLAG_NAMES: [number, string][] = [
  [O_CREAT, "O_CREAT"],
  [O_EXCL, "O_EXCL"],
  [O_TRUNC, "O_TRUNC"],
  [O_APPEND, "O_APPEND"],
  [O_NONBLOCK, "O_NONBLOCK"],
  [O_DIRECT, "O_DIRECT"],
  [O_DIRECTORY, "O_DIRECTORY"],
  [O_CLOEXEC, "O_CLOEXEC"],
];

function openFlagsText(flags: number): string {
  const mode = (flags & O_RDWR) !== 0
    ? "O_RDWR"
    : (flags & O_WRONLY) !== 0
    ? "O_WRONLY"
    : "O_RDONLY";
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0);
  return [mode, ...names.map(([, name]) => name)].join("|");
}
