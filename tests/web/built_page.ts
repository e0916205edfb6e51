// The page for the tests, built once: whoever comes first builds it, the others
// wait, and the next run takes it as it is if no source has changed since.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../web/build/build.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const ROOMS = ["kernel", "userland", "host", "web"];
const FILES = ["mod.ts", "package.json"];
const NAME = "kettle-page-";
const DAY_MS = 86_400_000;
const WAIT_MS = 100;
/** A build that takes longer was given up. */
const BUILD_MS_MAX = 120_000;

/** The directory with the page. Nobody writes into it. */
export async function builtPage(): Promise<string> {
  const directory = join(tmpdir(), `${NAME}${hashOfSources()}`);
  const lock = `${directory}.lock`;
  while (!existsSync(directory)) {
    if (takes(lock)) {
      try {
        await buildInto(directory);
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else await new Promise((done) => setTimeout(done, WAIT_MS));
  }
  return directory;
}

async function buildInto(directory: string): Promise<void> {
  forgetOld();
  const fresh = mkdtempSync(join(tmpdir(), "kettle-building-"));
  await build(fresh);
  if (existsSync(directory)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, directory);
}

/** True for whoever comes first. */
function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const found = statSync(lock, { throwIfNoEntry: false });
    const isStale = found !== undefined &&
      Date.now() - found.mtimeMs > BUILD_MS_MAX;
    if (isStale) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function hashOfSources(): string {
  const hash = createHash("sha1");
  const files = ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
      .map((name) => join(room, name)).sort()
  );
  for (const file of [...FILES, ...files]) {
    const path = join(ROOT, file);
    if (!statSync(path).isFile()) continue;
    hash.update(`${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Pages of earlier days. */
function forgetOld(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(NAME)) continue;
    const path = join(tmpdir(), name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || Date.now() - found.mtimeMs < DAY_MS) continue;
    rmSync(path, { recursive: true, force: true });
  }
}
