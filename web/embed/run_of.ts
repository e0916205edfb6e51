// What an embed plays, as a run: a link's, or files and a command. Pure.

import type { Shared } from "../../host/share.ts";
import type { Input } from "../../kernel/mod.ts";
import { filesIn } from "../share/contents.ts";

const LOGIN: Input = {
  atNs: 0,
  step: 0,
  machine: 0,
  login: {
    path: "/bin/sh",
    args: ["--login"],
    name: "sh",
    cwd: "/home",
    env: { TERM: "xterm-256color" },
  },
};

/** A fresh machine with a shell and these files, before anything ran. */
export function runOfFiles(files: Record<string, string>): Shared {
  return {
    files,
    world: null,
    params: {},
    seed: 1,
    log: [LOGIN],
    speed: 1,
    view: null,
    atNs: 1,
    hash: "",
  };
}

/** The same run, opened at another instant. */
export function openedAt(shared: Shared, atNs: number | null): Shared {
  if (atNs === null || atNs === shared.atNs) return shared;
  const { done: _, ...rest } = shared;
  return { ...rest, atNs, hash: "" };
}

/** The same run with another text in a file, where it was said last. */
export function withFile(shared: Shared, path: string, text: string): Shared {
  if (filesIn(shared)[path] === text) return shared;
  const log = [...shared.log];
  const last = log.findLastIndex((input) =>
    input.path === path && input.text !== undefined
  );
  if (last >= 0) log[last] = { ...log[last]!, text };
  const files = last >= 0 ? shared.files : { ...shared.files, [path]: text };
  return { ...shared, files, log, hash: "" };
}
