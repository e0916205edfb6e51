// What is in a link, in words: for whoever makes one, and for whoever got one and
// has not run it. Pure functions of what was shared.

import type { Shared } from "../../host/share.ts";
import type { LeftOut } from "../protocol.ts";
import { grouped, moment } from "../parts/units.ts";

/** A link of this many letters goes through everywhere. */
export const SHORT_LETTERS = 2_000;
/** A longer one is given as a file. */
export const LINK_LETTERS_MAX = 32_000;
const TYPED_LETTERS_MAX = 120;
const TYPED_HEAD = 60, TYPED_TAIL = 50;
const NAMES_MAX = 6;
const LARGE_PARTS = 3;

export type Row = [term: string, value: string];

/** What a link holds, a row each. */
export function contentsOf(shared: Shared): Row[] {
  const { seed, speed, view, atNs, hash, params } = shared;
  const given = Object.entries(params)
    .map(([name, value]) => `${name} ${value}`);
  const rows: (Row | null)[] = [
    ["Files", filesText(filesIn(shared))],
    ["World", worldText(shared.world)],
    given.length === 0 ? null : ["Parameters", given.join(", ")],
    ["Seed", String(seed)],
    ["Typed", typedText(shared)],
    ["Opens at", moment(atNs)],
    ["Speed", speedText(speed)],
    view === null
      ? null
      : ["Shows", `${moment(Math.max(0, view[0]))} to ${moment(view[1])}`],
    hash === "" ? null : ["Trace hash", hash],
  ];
  return rows.filter((row) => row !== null);
}

/** Those it begins with, and those that were saved later, as they were last. */
export function filesIn({ files, log }: Shared): Record<string, string> {
  const all = { ...files };
  for (const { path, text } of log) {
    if (path !== undefined && text !== undefined) all[path] = text;
  }
  return all;
}

/** `tea.ts (4 lines), cup (1 line)` */
export function filesText(files: Shared["files"]): string {
  const all = Object.entries(files);
  if (all.length === 0) return "none but those that come with Kettle";
  const shown = all.slice(0, NAMES_MAX)
    .map(([path, text]) => `${shortName(path)} (${lines(text)})`);
  return listed(shown, all.length);
}

export function shortName(path: string): string {
  return path.replace(/^\/home\//, "");
}

export function lines(text: string): string {
  const count = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return `${grouped(count)} line${count === 1 ? "" : "s"}`;
}

function worldText(world: unknown): string {
  if (world === null) return "the playground: kettle, mirror, clients, www";
  const { machines } = world as { machines?: { name?: unknown }[] };
  const names = Array.isArray(machines)
    ? machines.map((machine) => String(machine?.name))
    : [];
  if (names.length === 0) return "one of its own";
  return `its own: ${listed(names.slice(0, NAMES_MAX), names.length)}`;
}

function listed(shown: string[], count: number): string {
  const more = count - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${grouped(more)} more` : "");
}

/** The keys, as one would read them. */
export function typedText({ log }: Shared): string {
  const keys = log.map(({ keys = "" }) => keys).join("");
  if (keys === "") return "nothing";
  const text = readable(keys);
  if (text.length <= TYPED_LETTERS_MAX) return text;
  const [head, tail] = [text.slice(0, TYPED_HEAD), text.slice(-TYPED_TAIL)];
  return `${head} … ${tail} (${grouped(keys.length)} keys in all)`;
}

const ESC = "\x1b";
/** Keys that are more than one letter, or none; a paste's marks are no keys. */
const SIGNS: readonly [keys: string, sign: string][] = [
  [`${ESC}[200~`, ""],
  [`${ESC}[201~`, ""],
  ["\r\n", " ↵ "],
  ["\r", " ↵ "],
  ["\n", " ↵ "],
  [`${ESC}[A`, "↑"],
  [`${ESC}[B`, "↓"],
  [`${ESC}[C`, "→"],
  [`${ESC}[D`, "←"],
  ["\x7f", "⌫"],
  [ESC, "Esc "],
];

function readable(keys: string): string {
  let text = keys;
  for (const [key, sign] of SIGNS) text = text.replaceAll(key, sign);
  return text.replace(/\p{Cc}/gu, (key) => {
    return `^${String.fromCharCode(key.charCodeAt(0) + 64)}`;
  }).trim();
}

export function speedText(speed: number): string {
  if (speed === Infinity) return "as fast as it goes";
  if (speed >= 1) return `×${grouped(Math.round(speed))}`;
  return `slowed ${grouped(Math.round(1 / speed))}×`;
}

/** What a link does not carry, a sentence each. */
export function notCarried(
  leftOut: readonly LeftOut[],
  isAsSeen: boolean,
): string[] {
  const sentences = isAsSeen
    ? [
      "Your disk stays here. The link begins with the disk that Kettle comes with.",
    ]
    : [
      "This machine began from your own disk, which stays here. The link begins with the disk that Kettle comes with and your files of /home as they were then; the same was typed there. So a time may differ from what you saw.",
    ];
  for (const { path, bytes, why } of leftOut.slice(0, NAMES_MAX)) {
    sentences.push(`${path} is left out: ${whyText(bytes, why)}.`);
  }
  const more = leftOut.length - NAMES_MAX;
  if (more > 0) sentences.push(`${grouped(more)} more files are left out.`);
  return sentences;
}

function whyText(bytes: number, why: LeftOut["why"]): string {
  return why === "too large"
    ? `it has ${grouped(bytes)} bytes, and a link takes files of up to 262,144`
    : "it is no text";
}

/** The largest parts of what is too large for a link. */
export function largeParts({ files, log, world }: Shared): string {
  const size = (value: unknown) => JSON.stringify(value)?.length ?? 0;
  const saved = log.filter(({ text }) => text !== undefined);
  const parts: [string, number][] = [
    ...Object.entries(files)
      .map(([path, text]): [string, number] => [shortName(path), text.length]),
    ["what was saved from the editor", size(saved)],
    ["what was typed and answered", size(log) - size(saved)],
    ["the world", size(world)],
  ];
  return parts.sort(([, a], [, b]) => b - a).slice(0, LARGE_PARTS)
    .map(([name, letters]) => `${name}: ${grouped(letters)} letters`)
    .join("; ");
}

/** What the hash says about a run, when it is there. */
export function verdict(
  wanted: string,
  found: string,
  versions: { link: string; here: string },
): { isSame: boolean; text: string } {
  if (wanted === found) {
    return {
      isSame: true,
      text: `The same run, to the last event: trace hash ${found}.`,
    };
  }
  const { link, here } = versions;
  const why = link !== "" && link !== here
    ? `It was made with Kettle ${link}, this is ${here}: programs or the kernel may have changed between.`
    : "A program of it may ask the browser for something that differs, as Math.sin does in its last digit; or the link was changed.";
  return {
    isSame: false,
    text:
      `This run differs from the one that was shared: its trace hash is ${found}, the link says ${wanted}. ${why}`,
  };
}
