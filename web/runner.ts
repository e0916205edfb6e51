/// <reference lib="webworker" />
// Where the worker begins: it takes the port to the page, waits for the word to
// boot, and hands what comes after to the session. The programs are given by
// the build, compiled.

import { makeImage } from "../host/base_files.ts";
import type { PrecompiledFile } from "../host/loader.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";
import { Session } from "./session.ts";

export function start(
  programs: Record<string, string>,
  precompiled: readonly PrecompiledFile[],
): void {
  addEventListener("message", ({ data }: MessageEvent<MessagePort>) => {
    connect(data, programs, precompiled);
  }, { once: true });
}

function connect(
  port: MessagePort,
  programs: Record<string, string>,
  precompiled: readonly PrecompiledFile[],
): void {
  // Bound now: a program that gets at the prototype does not get at the port.
  const post: (message: FromRunner) => void = port.postMessage.bind(port);
  const image = makeImage(programs);
  let session: Session | null = null;
  port.onmessage = ({ data }: MessageEvent<ToRunner>) => {
    if (data.kind === "ping") post({ kind: "pong", number: data.number });
    else if (data.kind === "boot") {
      try {
        session = new Session({ image, precompiled, send: post }, data);
      } catch (error) {
        if (data.disk === null) throw error;
        post({ kind: "refused", text: (error as Error).message });
      }
    } else session?.handle(data);
  };
}
