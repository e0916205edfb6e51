// How large the built page is, packed as a host sends it, and how large it may
// be: what a visitor waits for has a budget, and the build fails over it.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

export interface Size {
  name: string;
  bytes: number;
  packed: number;
}

export interface Budget {
  /** What the visitor waits for. */
  about: string;
  files: string[];
  packedKiB: number;
}

export const BUDGETS: readonly Budget[] = [
  { about: "to the prompt", files: ["main.js", "runner.js"], packedKiB: 320 },
  { about: "the page itself", files: ["index.html"], packedKiB: 12 },
  { about: "all styles", files: ["style.css"], packedKiB: 20 },
  {
    about: "an embed before the click",
    files: ["embed.html", "embed.css", "embed.js"],
    packedKiB: 24,
  },
  {
    about: "an embed after it, without runner.js",
    files: ["embed_machine.js"],
    packedKiB: 150,
  },
  { about: "sharing", files: ["share.js"], packedKiB: 16 },
  { about: "files to take out", files: ["exports.js"], packedKiB: 16 },
];

export async function sizesOf(directory: string): Promise<Size[]> {
  const names = (await readdir(directory)).sort();
  return await Promise.all(names.map(async (name) => {
    const content = await readFile(join(directory, name));
    const isPacked = name.endsWith(".gz");
    const { length } = isPacked
      ? content
      : await promisify(gzip)(content, { level: 9 });
    return { name, bytes: content.length, packed: length };
  }));
}

export interface Spent extends Budget {
  packed: number;
}

export function spent(sizes: readonly Size[]): Spent[] {
  return BUDGETS.map((budget) => {
    const packed = budget.files.reduce((sum, name) => {
      const found = sizes.find((size) => size.name === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      return sum + found.packed;
    }, 0);
    return { ...budget, packed };
  });
}

export function overBudget(sizes: readonly Size[]): string[] {
  return spent(sizes)
    .filter(({ packed, packedKiB }) => packed > packedKiB * 1024)
    .map(({ about, files, packed, packedKiB }) =>
      `${about} (${files.join(" + ")}): ${
        kib(packed)
      } packed, and it may be ${packedKiB} KiB`
    );
}

/** A table for whoever builds. */
export function sizeTable(sizes: readonly Size[]): string {
  const rows = sizes.map(({ name, bytes, packed }) =>
    `${name.padEnd(22)} ${kib(bytes).padStart(12)} ${kib(packed).padStart(12)}`
  );
  const budgets = spent(sizes).map(({ about, packed, packedKiB }) =>
    `${about.padEnd(38)} ${kib(packed).padStart(12)} of ${packedKiB} KiB`
  );
  return [
    `${"".padEnd(22)} ${"bytes".padStart(12)} ${"packed".padStart(12)}`,
    ...rows,
    "",
    ...budgets,
  ].join("\n");
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
