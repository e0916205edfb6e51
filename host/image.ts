// The programs that come with Kettle, read from this checkout: a file of
// userland/bin is a command of /bin, the rooms beside it keep their names; and
// the books of the manual. Knows where the files are on the disk of the host, and
// nothing of the page.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Image, makeImage, OWN_PROGRAMS } from "./base_files.ts";

const USERLAND = new URL("../userland/", import.meta.url);

/** Room → whether its files are commands, named without ".ts". */
const ROOMS: Record<string, boolean> = {
  bin: true,
  lib: false,
  sh: false,
  servers: false,
};

/** Path in the machine → source, in the order of the names. */
export function readPrograms(): Record<string, string> {
  const programs = { ...OWN_PROGRAMS };
  for (const [room, areCommands] of Object.entries(ROOMS)) {
    const directory = new URL(`${room}/`, USERLAND);
    for (const file of readdirSync(fileURLToPath(directory)).sort()) {
      if (!file.endsWith(".ts")) continue;
      const name = areCommands ? file.slice(0, -".ts".length) : file;
      const source = readFileSync(new URL(file, directory), "utf8");
      programs[`/${room}/${name}`] = source;
    }
  }
  return programs;
}

/** The manual, a file for each section: path in the machine → text. No programs. */
export function readPages(): Record<string, string> {
  const pages: Record<string, string> = {};
  const directory = new URL("man/", USERLAND);
  for (const file of readdirSync(fileURLToPath(directory)).sort()) {
    if (!file.endsWith(".md")) continue;
    pages[`/man/${file}`] = readFileSync(new URL(file, directory), "utf8");
  }
  return pages;
}

/** Everything on a fresh disk. */
export function readImage(): Image {
  return makeImage({ ...readPrograms(), ...readPages() });
}
