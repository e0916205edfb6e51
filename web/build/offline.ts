// Makes a built page one that works without a network after the first visit: the
// list of its files goes into a service worker, with a version that follows from
// what is in them.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "../../host/checksum.ts";
import { bundle } from "./build.ts";

const WORKER = "service_worker.js";
const PAGES = ["index.html"];

/** Gives the version. */
export async function makeOffline(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name !== WORKER)
    .sort();
  let all = "";
  for (const name of names) {
    const bytes = new Uint8Array(await readFile(join(directory, name)));
    all += `${name} ${crc32(bytes)}\n`;
  }
  const version = crc32(new TextEncoder().encode(all)).toString(16)
    .padStart(8, "0");
  const files = names.map((name) => name === "index.html" ? "./" : name);
  const code = await bundle("web/offline/service_worker.ts", "iife", {
    OFFLINE_FILES: JSON.stringify(files),
    OFFLINE_VERSION: JSON.stringify(version),
  });
  await writeFile(join(directory, WORKER), code);
  for (const page of PAGES) {
    const path = join(directory, page);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("<html ", "<html data-offline "));
  }
  return version;
}
