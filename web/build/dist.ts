// `deno task build`: the page in dist/, for any static host and any path. It works
// without special headers, and without a network after the first visit.

import process from "node:process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./build.ts";
import { makeOffline } from "./offline.ts";
import { overBudget, sizesOf, sizeTable } from "./sizes.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

async function main([directory = join(ROOT, "dist")]: string[]): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await build(directory);
  const version = await makeOffline(directory);
  const sizes = await sizesOf(directory);
  console.log(sizeTable(sizes));
  console.log(`\n${directory}, version ${version}`);
  const over = overBudget(sizes);
  for (const sentence of over) console.error(`Over budget: ${sentence}`);
  if (over.length > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
