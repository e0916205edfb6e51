/// <reference lib="webworker" />
// Where the worker begins: it takes the port to the page, waits for the word to
// boot, and hands what comes after to the session. The programs are given by
// the build, compiled.

import { type Image, makeImage } from "../host/base_files.ts";
import { type LateFile, placeholders } from "../host/late_files.ts";
import type { PrecompiledFile } from "../host/loader.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";
import { Session } from "./session.ts";

/** Path → source, or what is known of one that comes later. */
type Programs = Record<string, string | LateFile>;

export function start(
  programs: Programs,
  precompiled: readonly PrecompiledFile[],
): void {
  addEventListener("message", ({ data }: MessageEvent<MessagePort>) => {
    connect(data, programs, precompiled);
  }, { once: true });
}

function connect(
  port: MessagePort,
  programs: Programs,
  precompiled: readonly PrecompiledFile[],
): void {
  // Bound now: a program that gets at the prototype does not get at the port.
  const post: (message: FromRunner) => void = port.postMessage.bind(port);
  const late = new Map<string, LateFile>();
  for (const [path, source] of Object.entries(programs)) {
    if (typeof source !== "string") late.set(path, source);
  }
  // In the order of the programs: where a file lies on the disk follows from it.
  const image = makeImage({ ...programs, ...placeholders(late) } as Image);
  let session: Session | null = null;
  port.onmessage = ({ data }: MessageEvent<ToRunner>) => {
    if (data.kind === "ping") post({ kind: "pong", number: data.number });
    else if (data.kind === "boot") {
      try {
        session = new Session({ image, late, precompiled, send: post }, data);
      } catch (error) {
        if (data.disk === null) throw error;
        post({ kind: "refused", text: (error as Error).message });
      }
    } else session?.handle(data);
  };
}
