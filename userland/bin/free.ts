// free: how much memory the machine has and how much its processes use.

import { open, print, type Program, readAll, text } from "kettle";

export default function* main(): Program {
  const fd = yield* open("/proc/meminfo");
  const memory = JSON.parse(text(yield* readAll(fd))) as {
    totalBytes: number;
    usedBytes: number;
  };
  const { totalBytes, usedBytes } = memory;
  const row = [totalBytes, usedBytes, totalBytes - usedBytes].map((bytes) =>
    String(bytes / 1024).padStart(10)
  );
  yield* print(`${"total".padStart(14)}       used       free`);
  yield* print(`KiB ${row.join(" ")}`);
}
