// What a machine tells programs about itself: the files of /proc. They are
// plain text made when they are opened, and streams of the trace, one JSON line
// an event. The file system that holds them is fs/procfs.ts.

import { BLOCK_BYTES } from "./fs/layout.ts";
import type { Machine } from "./kernel.ts";
import { addNetFiles } from "./proc_net.ts";
import type { Process } from "./process.ts";
import { WAITING } from "./thread.ts";
import type { TraceEvent } from "./trace.ts";

/** Most events given to one read of a trace file. */
const EVENTS_PER_READ = 512;

/** Registers them all. */
export function addProcFiles(machine: Machine): void {
  const { proc } = machine.files;
  proc.add("processes", () => processLines(machine));
  proc.add("uptime", () => `${machine.clock.now / 1e9}\n`);
  proc.add("meminfo", () => memoryText(machine));
  proc.add("diskstats", () => diskText(machine));
  proc.add("mounts", () => MOUNTS);
  addNetFiles(machine);
  const isPacket = ({ kind }: TraceEvent) => kind.startsWith("net_");
  proc.addStream(
    "net/packets",
    () => traceReader(machine, isPacket, machine.trace.length),
  );
  proc.addStream("trace", () => traceReader(machine, () => true));
  proc.pids = () => [...machine.processes.keys()];
  proc.ofPid = (pid) => ({
    status: () => statusOf(machine, pid),
  });
  proc.streamsOfPid = (pid) => ({
    trace: () => traceReader(machine, (event) => event.pid === pid),
  });
}

function processLines(machine: Machine): string {
  return [...machine.processes.values()].map((process) =>
    JSON.stringify(processRow(process)) + "\n"
  ).join("");
}

function statusOf(machine: Machine, pid: number): string {
  const process = machine.processes.get(pid);
  return process === undefined
    ? ""
    : JSON.stringify(processRow(process)) + "\n";
}

function processRow(process: Process): object {
  const threads = [...process.threads.values()];
  const waiting = threads.find((thread) => thread.state === WAITING);
  const target = waiting?.frame.waitsFor;
  return {
    pid: process.pid,
    ppid: process.parent!.pid,
    group: process.group,
    name: process.name,
    args: process.args,
    state: process.zombie
      ? "Z"
      : process.stoppedBy !== null
      ? "T"
      : threads.some((thread) => thread.state !== WAITING)
      ? "R"
      : "S",
    waits: target === null || target === undefined
      ? ""
      : `${target.kind}: ${target.describe()}`,
    cpuNs: threads.reduce((sum, thread) => sum + thread.usedNs, 0),
    threads: threads.length,
  };
}

function memoryText({ memory, files }: Machine): string {
  const { cache } = files.disk;
  return JSON.stringify({
    totalBytes: memory.sizeBytes,
    usedBytes: memory.usedBytes,
    cachedBytes: cache.size * BLOCK_BYTES,
    dirtyBytes: cache.dirtyCount * BLOCK_BYTES,
  }) + "\n";
}

/** One line, with the fields and units of Linux: sectors of 512 bytes, whole ms. */
function diskText({ clock, files }: Machine): string {
  const { stats, name } = files.device;
  const ms = (ns: number) => Math.floor(ns / 1e6);
  const fields = [stats.read, stats.write].flatMap(({ count, sectors, ns }) => [
    count,
    0, // merged: the cache joins what lies in a row before it is asked for
    sectors,
    ms(ns),
  ]);
  return [
    "   3       0",
    name,
    ...fields,
    stats.inFlight,
    ms(stats.busyNs(clock.now)),
    ms(stats.weightedNs(clock.now)),
    "0 0 0 0", // discards
    stats.flush.count,
    ms(stats.flush.ns),
  ].join(" ") + "\n";
}

/** As /proc/mounts has it: what, where, which file system. */
const MOUNTS = `/dev/hda / disk rw 0 0
dev /dev dev rw 0 0
proc /proc proc ro 0 0
`;

/** Gives the events that came since the last read; "" when there are none. */
function traceReader(
  machine: Machine,
  wanted: (event: TraceEvent) => boolean,
  from = machine.trace.firstSeq,
): { read(): string } {
  const { trace } = machine;
  let next = from;
  return {
    read() {
      let text = "", count = 0;
      const end = trace.length; // what reading itself adds is for the next time
      for (const event of trace.events(next)) {
        if (event.seq >= end || count >= EVENTS_PER_READ) break;
        next = event.seq + 1;
        if (event.machine !== machine.index || !wanted(event)) continue;
        text += JSON.stringify(event) + "\n";
        count++;
      }
      return text;
    },
  };
}
