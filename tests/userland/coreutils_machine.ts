// Where the cases of coreutils_cases.json run: the same files in a directory of
// its own for each case, in Kettle (one machine for all) and on a real system.

import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newMachine } from "./programs.ts";

/** A command and what the real tools made of it. */
export interface Case {
  command: string;
  stdout: string;
  stderr: string;
  status: number;
  /** It changes files, so it needs some of its own. */
  writes?: true;
  /** Where Kettle differs on purpose: why, and what it gives in place. */
  differs?: { why: string; stdout?: string; stderr?: string; status?: number };
}

export interface Cases {
  versions: string[];
  files: Files;
  cases: Case[];
}

export interface Result {
  stdout: string;
  stderr: string;
  status: number | undefined;
}

type Files = Record<string, string>;

export const PATH = new URL("coreutils_cases.json", import.meta.url);

export function readCases(): Cases {
  return JSON.parse(readFileSync(PATH, "utf8")) as Cases;
}

/** Runs every command in one machine; those that write have a directory each. */
export function runInKettle(cases: Case[], files: Files): Result[] {
  const homes = cases.map(({ writes }, at) => `/w/${writes ? at : "shared"}`);
  const all: Files = {};
  for (const home of new Set(homes)) {
    for (const [name, text] of Object.entries(files)) {
      all[`${home}/${name}`] = text;
    }
  }
  const { world, machine } = newMachine({ files: all });
  return cases.map(({ command }, at) => {
    const shell = machine.spawn("/bin/sh", ["-c", command], {
      cwd: homes[at],
    });
    const { reason } = world.run({ until: shell, budgetNs: 60e9 });
    const { stdout, stderr, exit } = shell;
    const status = exit !== null && "status" in exit ? exit.status : undefined;
    return { stdout, stderr: stderr + (exit === null ? reason : ""), status };
  });
}

/** Runs a command with the real tools; quotes of the UTF-8 locale as plain ones. */
export function runReal(command: string, files: Files): Case {
  const home = mkdtempSync(join(tmpdir(), "kettle-coreutils-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
    const before = fingerprint(home);
    const env = { PATH: "/usr/bin:/bin", HOME: home, LC_ALL: "C.UTF-8" };
    const { stdout, stderr, status } = spawnSync("dash", ["-c", command], {
      cwd: home,
      env: { ...env, TZ: "UTC" },
      encoding: "utf8",
      timeout: 5000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const writes = fingerprint(home) === before ? undefined : true as const;
    return {
      command,
      stdout,
      stderr: stderr.replace(/[‘’]/g, "'"),
      status: status ?? -1,
      writes,
    };
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** Names, contents and times of all files: the same if nothing was written. */
function fingerprint(home: string): string {
  const names = readdirSync(home, { recursive: true, encoding: "utf8" });
  return names.sort().map((name) => {
    const path = join(home, name);
    const { mtimeMs, ino, nlink } = statSync(path);
    const isFile = statSync(path).isFile();
    const content = isFile ? readFileSync(path, "latin1") : "";
    return `${name} ${mtimeMs} ${ino} ${nlink} ${content}`;
  }).join("\n");
}

/** First line of `--version` of each package. */
export function versions(): string[] {
  return ["ls", "grep", "sed", "find", "hexdump"].map((tool) =>
    execFileSync(tool, ["--version"], { encoding: "utf8" }).split("\n")[0]!
  );
}
