/// <reference lib="webworker" />
// Where the worker begins: it takes the port to the page, waits for the word to
// boot, and hands what comes after to the session. The programs are given by
// the build, compiled.

import { type Image, makeImage } from "../../host/base_files.ts";
import { type LateFile, placeholders } from "../../host/late_files.ts";
import type { EarlyFile, PrecompiledFile } from "../../host/loader.ts";
import type { FromRunner, ToRunner } from "../protocol.ts";
import { Session } from "./session.ts";

/** Path → source, or what is known of one that comes later. */
type Programs = Record<string, string | LateFile>;

/** The source of a file compiled ahead of time may come later, too. */
type Precompiled = Omit<PrecompiledFile, "source"> & {
  source: string | LateFile;
};

export function start(
  programs: Programs,
  precompiled: readonly Precompiled[],
): void {
  addEventListener("message", ({ data }: MessageEvent<MessagePort>) => {
    connect(data, programs, precompiled);
  }, { once: true });
}

function connect(
  port: MessagePort,
  programs: Programs,
  precompiled: readonly Precompiled[],
): void {
  // Bound now: a program that gets at the prototype does not get at the port.
  const post: (message: FromRunner) => void = port.postMessage.bind(port);
  const { known, early, late } = sorted(programs, precompiled);
  // In the order of the programs: where a file lies on the disk follows from it.
  const image = makeImage({ ...programs, ...placeholders(late) } as Image);
  let session: Session | null = null;
  port.onmessage = ({ data }: MessageEvent<ToRunner>) => {
    if (data.kind === "ping") post({ kind: "pong", number: data.number });
    else if (data.kind === "boot") {
      try {
        const files = { image, late, early, precompiled: known };
        session = new Session({ ...files, send: post }, data);
      } catch (error) {
        if (data.disk === null && data.shared == null) throw error;
        post({ kind: "refused", text: (error as Error).message });
      }
    } else session?.handle(data);
  };
}

/** What is there whole, what as code only, and what comes later. */
function sorted(programs: Programs, precompiled: readonly Precompiled[]) {
  const known: PrecompiledFile[] = [];
  const early = new Map<string, EarlyFile>();
  const late = new Map<string, LateFile>();
  for (const { source, ...file } of precompiled) {
    if (typeof source === "string") known.push({ ...file, source });
    else {
      early.set(file.path, file);
      late.set(file.path, source);
    }
  }
  for (const [path, source] of Object.entries(programs)) {
    if (typeof source !== "string") late.set(path, source);
  }
  return { known, early, late };
}
