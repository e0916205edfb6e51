// The messages of an embed, version 1: what a page may ask of it, checked field by
// field, for they are a stranger's. Pure: who sends them and what is done is
// elsewhere. docs/embed.md tells the same to those who write such a page.

export const VERSION = 1;

export type Asked =
  & { id: number | string | null }
  & (
    | { do: "load"; link: string }
    | { do: "load"; files: Record<string, string>; command: string }
    | { do: "run" }
    | { do: "pause" }
    | { do: "seek"; atNs: number }
    | { do: "events"; on: boolean }
    | { do: "state" }
  );

const LINK_LETTERS_MAX = 16 * 1024 * 1024;
const FILES_MAX = 100;
const FILES_LETTERS_MAX = 2 * 1024 * 1024;
const COMMAND_LETTERS_MAX = 1000;
const NAMES = ["load", "run", "pause", "seek", "events", "state"];

/** Not for us: null. For us and wrong: what is wrong with it. */
export function readMessage(
  data: unknown,
): Asked | { id: number | string | null; error: string } | null {
  if (!isRecord(data) || data.kettle === undefined) return null;
  const id = typeof data.id === "number" || typeof data.id === "string"
    ? data.id
    : null;
  if (data.kettle !== VERSION) {
    return {
      id,
      error: `kettle must be ${VERSION}: this embed knows no other`,
    };
  }
  const what = contentOf(data);
  return typeof what === "string"
    ? { id, error: what }
    : { id, ...what } as Asked;
}

type Content = Record<string, unknown>;

/** The checked fields, or a sentence. */
function contentOf(data: Content): Content | string {
  switch (data.do) {
    case "load":
      return loadOf(data);
    case "seek":
      return isTime(data.atNs)
        ? { do: "seek", atNs: data.atNs }
        : "atNs must be a time in whole nanoseconds";
    case "events":
      return typeof data.on === "boolean"
        ? { do: "events", on: data.on }
        : "on must be true or false";
    case "run":
    case "pause":
    case "state":
      return { do: data.do };
    default:
      return `do must be one of ${NAMES.join(", ")}`;
  }
}

function loadOf({ link, files, command = "" }: Content): Content | string {
  if (link !== undefined) {
    if (typeof link !== "string") return "link must be text";
    if (link.length > LINK_LETTERS_MAX) return "link is too long";
    return { do: "load", link: link.slice(link.indexOf("#") + 1) };
  }
  if (!isRecord(files)) return "load needs a link, or files { path: text }";
  const all = Object.entries(files);
  if (all.length === 0) return "files holds nothing";
  if (all.length > FILES_MAX) return `files holds more than ${FILES_MAX}`;
  let letters = 0;
  for (const [path, text] of all) {
    if (!isPath(path)) return "a path of files must begin with /home/";
    if (typeof text !== "string") return "what is in files must be text";
    letters += text.length;
  }
  if (letters > FILES_LETTERS_MAX) return "files holds more than 2 MiB";
  if (!isCommand(command)) return "command must be one line of text";
  return { do: "load", files: { ...files }, command };
}

function isPath(path: string): boolean {
  return /^\/home\/[^\0]+$/.test(path) && !/\/(\.\.?)?(\/|$)/.test(path);
}

function isCommand(value: unknown): boolean {
  return typeof value === "string" && value.length <= COMMAND_LETTERS_MAX &&
    !/\p{Cc}/u.test(value);
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
