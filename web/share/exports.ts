// What can be taken out of a machine as a file: its trace for Perfetto, its
// packets for Wireshark, its files as a zip. The page fetches this code when it
// is wanted and hands it to the worker, where the world is. It knows no page.

import { zipSync } from "fflate";
import type { Machine, World } from "../../kernel/mod.ts";
import { chromeTrace } from "../../kernel/trace_chrome.ts";
import { homeFiles } from "../runner/home_files.ts";
import { pcapOf } from "../../host/pcap_file.ts";

/** fflate wants a date that zip can hold; it is always the same. */
const ZIP_DATE = "2012-09-18T10:00:00";

/** `what`: "trace", "pcap" or "files". */
export default function make(
  what: string,
  world: World,
  machine: Machine,
): Uint8Array {
  switch (what) {
    case "trace":
      return new TextEncoder().encode(chromeTrace(world));
    case "pcap":
      return pcapOf(world);
    case "files":
      return zipOf(homeFiles(machine));
    default:
      throw new Error(`nothing is exported as ${what}`);
  }
}

/** Absolute paths become paths in the zip. */
export function zipOf(files: Record<string, Uint8Array>): Uint8Array {
  const entries = Object.entries(files)
    .map(([path, bytes]) => [path.replace(/^\//, ""), bytes] as const);
  if (entries.length === 0) throw new Error("there are no files in /home");
  return zipSync(Object.fromEntries(entries), { mtime: ZIP_DATE });
}
