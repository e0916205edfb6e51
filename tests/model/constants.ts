// The constants of the machine as rows of the model card: name, value with its
// unit, and the reason that stands above it in the code. Read from the modules
// themselves (values) and their text (reasons), so that the card cannot say
// anything else.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as params from "../../kernel/params.ts";
import * as net from "../../kernel/net/params.ts";
import { HDD_MODELS, type HddModel } from "../../kernel/dev/hdd_model.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Constant {
  name: string;
  value: string;
  /** The reason, and the source. */
  about: string;
  /** Its section in the file. */
  section: string;
}

type Values = Readonly<Record<string, unknown>>;

export const MACHINE = (): Constant[] =>
  constantsOf("kernel/params.ts", { ...params, ...params.DEFAULT_COSTS });
export const NETWORK = (): Constant[] =>
  constantsOf("kernel/net/params.ts", net);

/** Constants of the disk and the file system that are no options: file, name, and the reason where none stands above it. */
const FILE_CONSTANTS: readonly [file: string, name: string, about?: string][] =
  [
    ["kernel/dev/hdd.ts", "QUEUE_DEPTH_MAX"],
    ["kernel/dev/hdd_policy.ts", "READ_EXPIRE_NS"],
    ["kernel/dev/hdd_policy.ts", "WRITE_EXPIRE_NS"],
    ["kernel/dev/hdd_policy.ts", "BATCH"],
    ["kernel/dev/hdd_policy.ts", "WRITES_STARVED"],
    ["kernel/dev/hdd_write_cache.ts", "WINDOW"],
    ["kernel/dev/platter.ts", "SECTOR_BYTES", "Written whole or not at all."],
    ["kernel/fs/layout.ts", "BLOCK_BYTES", "As ext4 on a disk of 1 GiB."],
    [
      "kernel/fs/layout.ts",
      "GROUPS",
      "Evenly over the whole drive: going from one directory to another moves the arm.",
    ],
    [
      "kernel/fs/layout.ts",
      "GROUP_BLOCKS",
      "8 MiB each; with 128 of them 1 GiB.",
    ],
    ["kernel/fs/layout.ts", "INODE_BYTES", "As ext4."],
    ["kernel/fs/layout.ts", "GROUP_INODES", "One for each 8 KiB."],
    ["kernel/fs/layout.ts", "LINKS_MAX"],
    ["kernel/fs/block.ts", "REQUEST_BLOCKS_MAX"],
    ["kernel/fs/journal.ts", "TRANSACTION_BLOCKS_MAX"],
    ["kernel/fs/read_ahead.ts", "FIRST_BLOCKS"],
    ["kernel/fs/read_ahead.ts", "MOST_BLOCKS"],
    ["kernel/net/congestion.ts", "DUPLICATES"],
  ];

export function FILES(): Constant[] {
  return FILE_CONSTANTS.map(([file, name, own]) => {
    const text = readFileSync(ROOT + file, "utf8");
    const found = new RegExp(`\\b${name} = ([\\d_]+)`).exec(text);
    if (found === null) throw new Error(`${file} has no ${name}`);
    const before = text.slice(0, found.index).split("\n");
    const about = own ?? /^\/\*\* (.*) \*\/$/.exec(before.at(-2)!)?.[1];
    if (about === undefined) throw new Error(`${file}: ${name} has no reason`);
    const value = Number(found[1]!.replaceAll("_", ""));
    const section = file.replace(/^kernel\//, "");
    return { name, value: valueText(name, value), about, section };
  });
}

/** Each name after a comment is a row; names without one share that above them. */
function constantsOf(file: string, values: Values): Constant[] {
  const rows: Constant[] = [];
  let about = "", section = "";
  for (const line of readFileSync(ROOT + file, "utf8").split("\n")) {
    const comment = /^\s*\/\*\* (.*) \*\/$/.exec(line);
    if (comment !== null) about = comment[1]!;
    section = /^\/\/ -+ (.*)$/.exec(line)?.[1] ?? section;
    const [, name] = /^export const (\w+)/.exec(line) ??
      /^ {2}(\w+Ns): number;$/.exec(line) ?? [];
    if (name === undefined || name === "DEFAULT_COSTS") continue;
    const value = values[name];
    if (value === undefined) throw new Error(`${file} exports no ${name}`);
    rows.push({ name, value: valueText(name, value), about, section });
  }
  return rows;
}

function valueText(name: string, value: unknown): string {
  if (Array.isArray(value)) {
    return `${value.map((ns) => ns / 1e9).join(", ")} s`;
  }
  const number = Number(value);
  if (name === "TIME_MAX_NS") return "2⁵³ − 1 ns";
  if (/ns$/i.test(name)) return timeText(number);
  if (/bytes$|bytes_m(ax|in)$/i.test(name)) return bytesText(number);
  if (/_S$/.test(name)) return `${grouped(number)} s`;
  if (/BITS_PER_SECOND/.test(name)) return `${number / 1e6} Mb/s`;
  if (/PERCENT/.test(name)) return `${number} %`;
  if (number >= 2 ** 20 && Number.isInteger(Math.log2(number))) {
    return `2^${Math.log2(number)}`;
  }
  return grouped(number);
}

export function timeText(ns: number): string {
  if (ns >= 1e9 && ns % 1e8 === 0) return `${ns / 1e9} s`;
  if (ns >= 1e6) return `${ns / 1e6} ms`;
  if (ns >= 1e3) return `${ns / 1e3} µs`;
  return `${ns} ns`;
}

function bytesText(bytes: number): string {
  for (const [unit, size] of [["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const) {
    const count = bytes / size;
    if (Number.isInteger(count) && count >= 1 && count < 1024) {
      return `${count} ${unit}`;
    }
  }
  return `${grouped(bytes)} bytes`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

// ------------------------------------------------------------- drives

/** What a drive is made of, a row each; a column for each drive. */
export function driveRows(): string[][] {
  const row = (name: string, of: (model: HddModel) => string) => [
    name,
    ...HDD_MODELS.map(of),
  ];
  return [
    ["", ...HDD_MODELS.map(({ name }) => `\`${name}\``)],
    row("turns a minute", ({ rpm }) => grouped(rpm)),
    row("cylinders", ({ cylinders }) => grouped(cylinders)),
    row("heads", ({ heads }) => String(heads)),
    row(
      "sectors a track, outer to inner",
      ({ zones }) =>
        `${zones[0]!.sectorsPerTrack} to ${zones.at(-1)!.sectorsPerTrack}`,
    ),
    row("seek a, b, k, c, e", seekText),
    row("controller", ({ overheadNs }) => timeText(overheadNs)),
    row("head switch", ({ headSwitchNs }) => timeText(headSwitchNs)),
    row("write settle", ({ writeSettleNs }) => timeText(writeSettleNs)),
    row("read found in the buffer", ({ readHitNs }) => timeText(readHitNs)),
    row("write into the buffer", ({ writeHitNs }) => timeText(writeHitNs)),
    row("a sector over the bus", ({ busSectorNs }) => timeText(busSectorNs)),
    row("reads on, sectors", ({ segmentSectors }) => grouped(segmentSectors)),
    row("write cache, sectors", (it) => grouped(it.writeCacheSectors)),
    row(
      "skew, track and cylinder, turns",
      ({ trackSkew, cylinderSkew }) =>
        `${trackSkew / 1e6}, ${cylinderSkew / 1e6}`,
    ),
  ];
}

function seekText({ seek }: HddModel): string {
  if ("length" in seek) return `a table of ${seek.length} points`;
  const { aNs, bNs, k, cNs, eNs } = seek;
  return [
    timeText(aNs),
    timeText(bNs),
    grouped(k),
    timeText(cNs),
    timeText(eNs),
  ].join(", ");
}

export function driveSources(): string[] {
  return HDD_MODELS.map(({ name, source }) => `\`${name}\`: ${source}.`);
}
