// What a machine tells programs about itself: the files of /proc. Those that
// Linux has are laid out as Linux's (proc(5)); Kettle's own are JSON, one line
// an object, with times in ns: processes, counters, trace (what was recorded before
// it was opened) and trace_pipe (what comes after). The file system that holds them
// is fs/procfs.ts; the files of each process are in proc_pid.ts.
//
// Divergence from Linux: uptime has all nine digits of a second. Sums of CPU
// time, switches and interrupts come from the trace: without one they are 0.

import { Accounting } from "./accounting.ts";
import { BLOCK_BYTES } from "./fs/layout.ts";
import type { Machine } from "./kernel.ts";
import { BOOT_EPOCH_S } from "./params.ts";
import { addNetFiles } from "./proc_net.ts";
import { pidFiles, pidStreams, processRow, TICK_NS } from "./proc_pid.ts";
import { READY, RUNNING } from "./thread.ts";
import type { TraceEvent } from "./trace.ts";

/** Most events given to one read of a trace file. */
const EVENTS_PER_READ = 512;

/** Registers them all. */
export function addProcFiles(machine: Machine): void {
  const { proc } = machine.files;
  const sums = new Accounting(machine);
  for (const [name, text] of Object.entries(FILES)) {
    proc.add(name, () => text(machine, sums));
  }
  addNetFiles(machine);
  const isPacket = ({ kind }: TraceEvent) => kind.startsWith("net_");
  proc.addPipe(
    "net/packets",
    () => traceReader(machine, isPacket, machine.trace.length),
  );
  const { trace } = machine;
  proc.addStream(
    "trace", // it ends, or reading it would make more of it for ever
    () => traceReader(machine, () => true, trace.firstSeq, trace.length),
  );
  proc.addPipe(
    "trace_pipe",
    () => traceReader(machine, () => true, trace.length),
  );
  proc.pids = () => [...machine.processes.keys()];
  proc.ofPid = (pid) => pidFiles(machine, sums, pid);
  proc.streamsOfPid = (pid) =>
    pidStreams(machine, pid, (wanted, reader) => {
      const from = sums.update().firstSeq(pid);
      const until = reader === pid ? trace.length : Infinity; // as above
      return traceReader(machine, wanted, from, until);
    });
}

/** The text files, by name. */
const FILES: Record<string, (machine: Machine, sums: Accounting) => string> = {
  processes: processLines,
  counters: countersText,
  uptime: uptimeText,
  loadavg: loadText,
  stat: statText,
  interrupts: interruptsText,
  softirqs: softirqsText,
  meminfo: memoryText,
  vmstat: vmstatText,
  cpuinfo: cpuText,
  diskstats: diskText,
  kmsg: messagesText,
  mounts: () => MOUNTS,
  filesystems: () => "nodev\tproc\nnodev\tdev\n\tdisk\n",
  version: ({ name }) =>
    `Kettle version ${VERSION} (virtual time) on ${name}\n`,
};

const VERSION = "1.0";

function processLines(machine: Machine, sums: Accounting): string {
  sums.update();
  return [...machine.processes.values()].map((process) =>
    JSON.stringify(processRow(process, sums)) + "\n"
  ).join("");
}

// ------------------------------------------------------------- time and CPUs

/** All there is, unrounded, in one line: what vmstat and top subtract. */
function countersText(machine: Machine, sums: Accounting): string {
  const { counts, cpus, loads, blocked } = sums.update();
  const { cache } = machine.files.disk;
  const { read, write } = machine.files.device.stats;
  return JSON.stringify({
    atNs: machine.clock.now,
    bootNs: sums.bootNs,
    cpus: cpus.map((cpu) => ({
      userNs: cpu.userNs,
      systemNs: cpu.systemNs,
      ioWaitNs: cpu.ioWaitNs,
      idleNs: cpu.idleNs,
      irqNs: cpu.irqNs,
      softirqNs: cpu.softirqNs,
    })),
    loads,
    running: runningCount(machine),
    blocked,
    ...counts,
    memory: {
      ...memoryOf(machine),
      dirtyBytes: cache.dirtyCount * BLOCK_BYTES,
    },
    diskReads: read.count,
    diskWrites: write.count,
    sectorsRead: read.sectors,
    sectorsWritten: write.sectors,
  }) + "\n";
}

/** Since boot, and how much of that the CPUs were idle, in s. */
function uptimeText(machine: Machine, sums: Accounting): string {
  const { cpus } = sums.update();
  const idleNs = cpus.reduce(
    (sum, cpu) => sum + cpu.idleNs + cpu.ioWaitNs,
    0,
  );
  const upNs = machine.clock.now - sums.bootNs;
  return `${seconds(upNs)} ${seconds(idleNs)}\n`;
}

function seconds(ns: number): string {
  const rest = String(ns % 1e9).padStart(9, "0");
  return `${Math.floor(ns / 1e9)}.${rest}`;
}

/** The loads, threads that run or could of all there are, and the last pid. */
function loadText(machine: Machine, sums: Accounting): string {
  const loads = sums.update().loads.map((load) => load.toFixed(2));
  let threads = 0, lastPid = 0;
  for (const process of machine.processes.values()) {
    threads += process.threads.size;
    lastPid = Math.max(lastPid, process.pid);
  }
  return `${loads.join(" ")} ${runningCount(machine)}/${threads} ${lastPid}\n`;
}

function runningCount({ processes }: Machine): number {
  let count = 0;
  for (const { threads } of processes.values()) {
    for (const { state, stopped } of threads.values()) {
      if (!stopped && (state === RUNNING || state === READY)) count++;
    }
  }
  return count;
}

/** In ticks of 10 ms; nice, steal and guest time there is none. */
function statText(machine: Machine, sums: Accounting): string {
  const { cpus, counts, interrupts, blocked, bootNs } = sums.update();
  const line = (name: string, parts: typeof cpus) => {
    const ticks = (of: (cpu: (typeof cpus)[0]) => number) =>
      Math.floor(parts.reduce((sum, cpu) => sum + of(cpu), 0) / TICK_NS);
    return [
      name,
      ticks((cpu) => cpu.userNs),
      0,
      ticks((cpu) => cpu.systemNs),
      ticks((cpu) => cpu.idleNs),
      ticks((cpu) => cpu.ioWaitNs),
      ticks((cpu) => cpu.irqNs),
      ticks((cpu) => cpu.softirqNs),
      "0 0 0",
    ].join(" ");
  };
  const all = [...interrupts.values()];
  return [
    line("cpu ", cpus),
    ...cpus.map((cpu, i) => line(`cpu${i}`, [cpu])),
    ["intr", counts.interrupts, ...all].join(" "),
    `ctxt ${counts.switches}`,
    `btime ${BOOT_EPOCH_S + Math.floor(bootNs / 1e9)}`,
    `processes ${counts.processes}`,
    `procs_running ${runningCount(machine)}`,
    `procs_blocked ${blocked}`,
    `softirq ${counts.softirqs}`,
    "",
  ].join("\n");
}

/** A row for each device; all of them interrupt CPU 0. */
function interruptsText({ cpus }: Machine, sums: Accounting): string {
  const { interrupts } = sums.update();
  const cells = (texts: string[]) =>
    texts.map((text) => text.padStart(11)).join("");
  const rows = [...interrupts].map(([device, count], i) => {
    const numbers = cpus.map((_, cpu) => String(cpu === 0 ? count : 0));
    return `${String(i).padStart(3)}:${cells(numbers)}   ${device}\n`;
  });
  const head = cells(cpus.map((_, i) => `CPU${i}`));
  return `    ${head}\n${rows.join("")}`;
}

/** Work that interrupts left for later: frames taken from a card. */
function softirqsText({ cpus }: Machine, sums: Accounting): string {
  const { counts } = sums.update();
  const cells = (texts: string[]) =>
    texts.map((text) => text.padStart(11)).join("");
  const numbers = cpus.map((_, cpu) => String(cpu === 0 ? counts.softirqs : 0));
  const head = cells(cpus.map((_, i) => `CPU${i}`));
  return `            ${head}\n      NET_RX:${cells(numbers)}\n`;
}

/** What Linux calls the model, and what things cost here. */
function cpuText({ cpus, costs }: Machine): string {
  const row = (name: string, value: unknown) =>
    `${name.padEnd(15)} : ${String(value)}\n`;
  return cpus.map((_, i) =>
    row("processor", i) + row("vendor_id", "Kettle") +
    row("model name", "Kettle virtual CPU") +
    Object.entries(costs).map(([name, ns]) => row(name, ns)).join("") + "\n"
  ).join("");
}

// ------------------------------------------------------------- memory and disk

interface MemoryBytes {
  totalBytes: number;
  usedBytes: number;
  cachedBytes: number;
}

function memoryOf({ memory, files }: Machine): MemoryBytes {
  return {
    totalBytes: memory.sizeBytes,
    usedBytes: memory.usedBytes,
    cachedBytes: files.disk.cache.size * BLOCK_BYTES,
  };
}

/** In kB. What processes have is told as their stacks; the cache may have what they have not. */
function memoryText(machine: Machine): string {
  const { totalBytes, usedBytes, cachedBytes } = memoryOf(machine);
  const available = totalBytes - usedBytes;
  const rows: [string, number][] = [
    ["MemTotal", totalBytes],
    ["MemFree", Math.max(0, available - cachedBytes)],
    ["MemAvailable", available],
    ["Buffers", 0],
    ["Cached", cachedBytes],
    ["SwapTotal", 0],
    ["SwapFree", 0],
    ["Dirty", machine.files.disk.cache.dirtyCount * BLOCK_BYTES],
    ["AnonPages", usedBytes],
  ];
  return rows.map(([name, bytes]) => {
    const kilobytes = String(Math.floor(bytes / 1024));
    return `${`${name}:`.padEnd(15)} ${kilobytes.padStart(8)} kB\n`;
  }).join("");
}

/** Pages are blocks of 4 KiB; what goes in and out is counted in KiB. */
function vmstatText(machine: Machine, sums: Accounting): string {
  const { counts } = sums.update();
  const { totalBytes, usedBytes, cachedBytes } = memoryOf(machine);
  const { read, write } = machine.files.device.stats;
  const free = Math.max(0, totalBytes - usedBytes - cachedBytes);
  const rows: [string, number][] = [
    ["nr_free_pages", Math.floor(free / BLOCK_BYTES)],
    ["nr_anon_pages", usedBytes / BLOCK_BYTES],
    ["nr_file_pages", machine.files.disk.cache.size],
    ["nr_dirty", machine.files.disk.cache.dirtyCount],
    ["pgpgin", read.sectors / 2],
    ["pgpgout", write.sectors / 2],
    ["page_hits", counts.pageHits],
    ["page_misses", counts.pageMisses],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join("");
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

// ------------------------------------------------------------- messages

/** What the kernel has to say, as Linux's ring of messages: level, time, text. */
function messagesText(machine: Machine, sums: Accounting): string {
  const { messages, bootNs } = sums.update();
  const all = [
    ...bootMessages(machine).map((text) => ({ atNs: bootNs, text })),
    ...messages,
  ];
  return all.map(({ atNs, text }) => {
    const [whole, rest] = seconds(atNs - bootNs).split(".");
    return `<6>[${whole!.padStart(5)}.${rest!.slice(0, 6)}] ${text}\n`;
  }).join("");
}

/** What it found when it was switched on. */
function bootMessages(machine: Machine): string[] {
  const { cpus, memory, settings, network, files } = machine;
  const { geometry } = files.device.hdd;
  const { model } = geometry;
  const gigabytes = (geometry.capacity * 512 / 1e9).toFixed(0);
  const { replayed } = files.disk;
  const count = cpus.length === 1 ? "1 CPU" : `${cpus.length} CPUs`;
  return [
    `Kettle version ${VERSION}, ${count}, virtual time`,
    `Memory: ${memory.sizeBytes / 1024}K, stacks of ${
      memory.stackBytes / 1024
    }K`,
    `sched: ${settings.scheduler}, quantum ${settings.quantumNs / 1e6} ms`,
    `${files.device.name}: ${model.name}, ${model.rpm} rpm, ${gigabytes} GB, ` +
    `${geometry.capacity} sectors`,
    replayed === 0
      ? `${files.device.name}: mounted on /, journal clean`
      : `${files.device.name}: mounted on /, journal recovered: ${replayed} ` +
        `transaction${replayed === 1 ? "" : "s"} replayed`,
    ...network.nics.map(({ name, bitsPerSecond, peerName }) =>
      `${name}: link up, ${bitsPerSecond / 1e6} Mb/s, to ${peerName}`
    ),
  ];
}

// ------------------------------------------------------------- the trace

/** Gives the events that came since the last read; "" when there are none. */
function traceReader(
  machine: Machine,
  wanted: (event: TraceEvent) => boolean,
  from = machine.trace.firstSeq,
  until = Infinity,
): { read(): string } {
  const { trace } = machine;
  let next = from;
  return {
    read() {
      let text = "", count = 0;
      // What reading itself adds is for the next time.
      const end = Math.min(trace.length, until);
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
