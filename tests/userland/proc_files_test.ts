// The files of /proc: laid out as Linux's, and their sums against the trace, added
// up here in another way.

import { test } from "node:test";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
} from "@std/assert";
import {
  compute,
  ms,
  open,
  type Program,
  read,
  s,
  sleep,
  thread,
} from "../../mod.ts";
import type { Main } from "../../kernel/abi.ts";
import { Accounting } from "../../kernel/accounting.ts";
import { WAITING } from "../../kernel/thread.ts";
import type { World } from "../../kernel/mod.ts";
import type { Counters, CpuTimes } from "../../userland/lib/proc.ts";
import { binFiles, newMachine, sh } from "./programs.ts";

function output(command: string): string {
  const { stdout, stderr, status } = sh(command);
  assertEquals({ stderr, status }, { stderr: "", status: 0 });
  return stdout;
}

const CHAOS =
  "for i in 1 2 3; do cat /bin/ls | sort | wc > n$i & done; wait; " +
  "sleep 0.02; yes | head -n 3000 > y & seq 2000 | tac > t; wait; sync; ";

function all(
  { userNs, systemNs, ioWaitNs, idleNs, irqNs, softirqNs }: CpuTimes,
) {
  return userNs + systemNs + ioWaitNs + idleNs + irqNs + softirqNs;
}

test("the parts of CPU time add up to the time since boot, on every CPU, to the ns", () => {
  for (const cpus of [1, 2, 4]) {
    const { stdout } = sh(CHAOS + "cat /proc/counters", { machine: { cpus } });
    const counters = JSON.parse(stdout) as Counters;
    assertEquals(counters.cpus.length, cpus);
    for (const cpu of counters.cpus) {
      assertEquals(all(cpu), counters.atNs - counters.bootNs);
    }
  }
});

test("so they do with a network, whose packets and soft interrupts are counted", () => {
  const { world, machine } = newMachine();
  const mirror = world.boot({ name: "mirror", files: binFiles() });
  world.cable(machine, mirror);
  mirror.spawn("/bin/nc", ["-l", "9"]);
  world.run({ untilNs: 100 * ms });
  const sender = machine.spawn("/bin/sh", [
    "-c",
    "head -c 300000 /dev/zero | nc -N mirror 9; cat /proc/counters",
  ]);
  world.run({ until: sender, budgetNs: 10 * s });
  const counters = JSON.parse(sender.stdout) as Counters;
  assertEquals(all(counters.cpus[0]!), counters.atNs - counters.bootNs);
  const seen: Record<string, number> = {};
  for (const { kind, machine, at } of world.trace.events()) {
    if (machine !== 0 || at > counters.atNs) continue;
    seen[kind] = (seen[kind] ?? 0) + 1;
  }
  const { packetsIn, packetsOut, softirqs, interrupts } = counters;
  assertEquals(
    [packetsIn, packetsOut, softirqs, interrupts],
    [seen.net_rx, seen.net_tx, seen.softirq_enter ?? 0, seen.irq_enter],
  );
  assert(packetsOut > 200 && packetsIn > 50);
});

test("counts are those of the trace: traps, switches, interrupts, pages, processes", () => {
  const { stdout, world } = sh(CHAOS + "cat /proc/counters");
  const counters = JSON.parse(stdout) as Counters;
  const until = lastRead(world, '"{\\"atNs');
  const seen: Record<string, number> = {};
  let hits = 0, misses = 0, switches = 0;
  for (const event of world.trace.events()) {
    if (event.seq > until) break;
    seen[event.kind] = (seen[event.kind] ?? 0) + 1;
    if (event.kind === "page_hit") hits += event.count;
    if (event.kind === "page_miss") misses += event.count;
    if (event.kind === "sched_switch" && event.tid !== event.next) switches++;
  }
  const { traps, interrupts, processes, pageHits, pageMisses } = counters;
  assertEquals(
    [traps, interrupts, processes, pageHits, pageMisses, counters.switches],
    [
      seen.sys_enter,
      seen.irq_enter,
      seen.process_spawn,
      hits,
      misses,
      switches,
    ],
  );
  assert(traps > 100 && interrupts > 3 && pageHits > 0 && pageMisses > 0);
});

/** The trap of the last read that gave such a text: what it says is of that moment. */
function lastRead(world: World, begins: string): number {
  let entered = 0, found = 0;
  for (const event of world.trace.events()) {
    if (event.kind === "sys_enter" && event.call === "read") {
      entered = event.seq;
    }
    if (event.kind !== "sys_exit" || event.call !== "read") continue;
    if (event.result.startsWith(begins)) found = entered;
  }
  return found;
}

test("a thread's CPU time is what the kernel charged it and what its switches cost, at any ns", () => {
  for (const cpus of [1, 3]) {
    const { world, machine } = newMachine({ machine: { cpus } });
    const sums = new Accounting(machine);
    for (let i = 0; i < 3; i++) {
      machine.spawn("/bin/sh", ["-c", CHAOS], { cwd: "/tmp" });
    }
    let compared = 0;
    for (let step = 0; step < 150; step++) {
      world.run({ untilNs: world.now + 700_001 });
      sums.update();
      for (const { threads } of machine.processes.values()) {
        for (const { tid, state, usedNs } of threads.values()) {
          const times = sums.thread(tid);
          if (state !== WAITING || times === undefined) continue;
          const switchesNs = times.userNs + times.systemNs - usedNs;
          const costs = switchesNs / machine.costs.contextSwitchNs;
          assert(Number.isInteger(costs) && costs >= 0);
          assert(costs <= times.turns);
          compared++;
        }
      }
    }
    assert(compared > 300, String(compared));
  }
});

test("a process's user time is what it computed, to the ns; its threads share it", () => {
  const { world, machine } = newMachine({ machine: { cpus: 2 } });
  const work = function* (): Program {
    for (let i = 0; i < 5; i++) {
      yield* compute(7 * ms + 1);
      yield* sleep(1 * ms);
    }
  };
  const process = machine.spawn(
    function* workers(): Program {
      for (let i = 0; i < 3; i++) yield* thread(work);
      yield* sleep(1 * s);
    },
    [],
    { name: "workers" },
  );
  world.run({ untilNs: 500 * ms });
  const cat = machine.spawn("/bin/cat", ["/proc/processes", "/proc/counters"]);
  world.run({ until: cat, budgetNs: 1 * s });
  const rows = cat.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const row = rows.find(({ pid }) => pid === process.pid);
  assertEquals(row.userNs, 15 * (7 * ms + 1));
  const { cpus } = rows.at(-1) as Counters;
  assertEquals(cpus[0]!.userNs + cpus[1]!.userNs, row.userNs);
  assert(row.involuntary > 0 && row.queuedNs > 0);
});

test("what a process's children used is its own once it has collected them", () => {
  const { stdout } = sh(
    "./work; ./work; cat /proc/$$/stat; cat /proc/processes",
    {
      files: { "/home/work": "" },
      programs: {
        *"/home/work"(): Program {
          yield* compute(20 * ms);
        },
      },
    },
  );
  const [stat = "", ...lines] = stdout.trimEnd().split("\n");
  assertEquals(stat.split(" ")[15], "4"); // cutime, in ticks of 10 ms
  const own = lines.map((line) => JSON.parse(line))[0];
  assertAlmostEquals(own.childUserNs, 40 * ms, 1);
});

test("the load rises to the number of threads that want the CPU, as Linux has it", () => {
  const { world, machine } = newMachine();
  const busy = function* (): Program {
    yield* compute(600 * s);
  };
  machine.spawn(busy, [], { name: "a" });
  machine.spawn(busy, [], { name: "b" });
  const loads: number[][] = [];
  for (const seconds of [60, 300]) {
    world.run({ untilNs: seconds * s + 1 });
    const cat = machine.spawn("/bin/cat", ["/proc/loadavg"]);
    world.run({ until: cat, budgetNs: 1 * s });
    loads.push(cat.stdout.split(" ").slice(0, 3).map(Number));
  }
  // 2 (1 − e^(−t/T)) for T of 1, 5 and 15 min.
  const [minute, five] = loads as [number[], number[]];
  assertAlmostEquals(minute[0]!, 1.264, 0.03);
  assertAlmostEquals(minute[1]!, 0.363, 0.02);
  assertAlmostEquals(five[0]!, 1.987, 0.02);
  assertAlmostEquals(five[1]!, 1.264, 0.02);
  assertAlmostEquals(five[2]!, 0.567, 0.02);
});

test("the files of the machine are laid out as Linux's", () => {
  const stat = output("cat /proc/stat");
  assertMatch(stat, /^cpu {2}(\d+ ){9}\d+\ncpu0 (\d+ ){9}\d+\nintr \d+/);
  assertMatch(
    stat,
    /^ctxt \d+\nbtime 1347962400\nprocesses \d+\nprocs_running \d+\nprocs_blocked 0\nsoftirq 0\n$/m,
  );
  assertMatch(output("cat /proc/meminfo"), /^MemTotal: +65536 kB\nMemFree: +/);
  assertMatch(output("cat /proc/uptime"), /^\d+\.\d{9} \d+\.\d{9}\n$/);
  assertMatch(
    output("cat /proc/loadavg"),
    /^(\d+\.\d\d ){3}\d+\/\d+ \d+\n$/,
  );
  assertMatch(output("cat /proc/interrupts"), /^ +CPU0\n +0: +\d+ +hda\n$/);
  assertMatch(output("cat /proc/softirqs"), /^ +CPU0\n +NET_RX: +0\n$/);
  assertMatch(output("cat /proc/cpuinfo"), /^processor +: 0\nvendor_id/);
  assertMatch(
    output("cat /proc/version"),
    /^Kettle version 1\.0 .*on kettle\n/,
  );
  assertMatch(output("cat /proc/vmstat"), /^pgpgin \d+\npgpgout 0\n/m);
  assertMatch(output("cat /proc/filesystems"), /^nodev\tproc\n/);
  assertMatch(
    output("cat /proc/mounts"),
    /^\/dev\/hda \/ disk rw 0 0\ndev \/dev/,
  );
});

test("a process has a directory as on Linux: texts, descriptors, threads", () => {
  const names = output("sleep 9 & ls /proc/$!; kill $!").trim().split("\n");
  assertEquals(names, [
    ...["cmdline", "comm", "cwd", "environ", "fd", "fdinfo", "requests"],
    ...["schedstat", "stat", "statm", "status", "syscall", "task", "trace"],
    "wchan",
  ]);
  const cat = (file: string) =>
    output(`sleep 9 < /bin/ls & cat /proc/$!/${file}; kill $!`);
  assertEquals(cat("cmdline"), "sleep\x009\0");
  assertEquals(cat("comm"), "sleep\n");
  assertEquals(cat("cwd"), "/home\n");
  assertMatch(cat("environ"), /^PATH=\/bin\0/);
  assertMatch(cat("wchan"), /^timer: \d\.\d s of its sleep left$/);
  assertEquals(cat("syscall"), "sleep(9000000000)\n");
  assertEquals(cat("fd/0"), "/bin/ls\n");
  assertMatch(cat("fdinfo/0"), /^pos:\t0\nflags:\t0\d+\n$/);
  assertMatch(cat("stat"), /^\d+ \(sleep\) S \d+ \d+ (\S+ ){46}\S+\n$/);
  assertEquals(cat("stat").trim().split(" ").length, 52);
  const status = cat("status");
  assertMatch(status, /^Name:\tsleep\nState:\tS \(sleeping\)\nTgid:\t\d+\n/);
  assertMatch(status, /^SigCgt:\t0{16}$/m);
  assertMatch(status, /^Threads:\t1$/m);
  assertMatch(status, /^voluntary_ctxt_switches:\t\d+$/m);
  assertMatch(cat("schedstat"), /^\d+ \d+ \d+\n$/);
  assertEquals(output("ls /proc/$$/task; echo $$"), "2\n2\n");
  assertMatch(
    output("cat /proc/$$/task/$$/wchan; true"),
    /^(child: cat|cpu: next to run)/,
  );
});

test("names in /proc that are not there, and writing there, are refused", () => {
  for (const path of ["99", "2/nofile", "2/fd/77", "2/task/9", "stat/x"]) {
    assertEquals(sh(`cat /proc/${path}`).status, 1, path);
  }
  assertEquals(sh("echo x > /proc/stat").status === 0, false);
  assertEquals(sh("echo x > /proc/2/comm").status === 0, false);
  const { stderr } = sh("cat /proc/2/fd");
  assertMatch(stderr, /directory/i);
});

test("reading /proc changes nothing but by its own traps", () => {
  const steady = function* (): Program {
    for (let i = 0; i < 50; i++) yield* sleep(1 * ms);
  };
  const reader = function* (): Program {
    for (const name of ["stat", "processes", "counters", "2/status"]) {
      const fd = yield* open(`/proc/${name}`);
      while ((yield* read(fd, 65_536)).length > 0);
    }
  };
  const endsWith = (others: Main[]) => {
    const { world, machine } = newMachine({ machine: { cpus: 2 } });
    const process = machine.spawn(steady);
    for (const other of others) machine.spawn(other);
    world.run({ budgetNs: 1 * s });
    const ends: number[] = [];
    for (const { kind, pid, at } of world.trace.events()) {
      if (kind === "sys_exit" && pid === process.pid) ends.push(at);
    }
    return ends;
  };
  assertEquals(endsWith([]).length, 50);
  assertEquals(endsWith([reader]), endsWith([]));
});

test("/proc/trace ends where it was opened", () => {
  const { stdout, world } = sh("sleep 1; cat /proc/trace");
  const lines = stdout.trimEnd().split("\n");
  const last = JSON.parse(lines.at(-1)!);
  assertEquals([last.kind, last.call], ["sys_enter", "open"]);
  assertEquals(lines.length, last.seq + 1);
  assert(world.trace.length > lines.length);
});

test("/proc/PID/trace begins with the process; trace_pipe with its opening", () => {
  const first = output("sleep 0.1 & cat /proc/$!/trace | head -n 1; kill $!");
  assertMatch(first, /"kind":"process_spawn"/);
  const { stdout } = sh("sleep 1; cat /proc/trace_pipe | head -n 1");
  const event = JSON.parse(stdout.split("\n")[0]!) as { at: number };
  assert(event.at > 1 * s);
});

test("the kernel's messages: what was found, who was killed, what was recovered", () => {
  const { machine, world } = sh(
    "sleep 9 & kill -9 $!; wait; echo x > f; sync f",
  );
  machine.pullPlug();
  machine.powerOn();
  const cat = machine.spawn("/bin/cat", ["/proc/kmsg"]);
  world.run({ until: cat, budgetNs: 1 * s });
  assertMatch(
    cat.stdout,
    /^<6>\[ {4}0\.000000\] hda: mounted on \/, journal recovered: [1-9]\d* transactions? replayed$/m,
  );
  const { stdout } = sh("sleep 9 & kill -9 $!; wait; cat /proc/kmsg");
  assertMatch(stdout, /^<6>\[ +0\.\d{6}\] sleep\[\d+\]: killed by SIGKILL$/m);
  assertMatch(stdout, /^<6>\[ {4}0\.000000\] hda: nearline-4tb, 7200 rpm/m);
});

test("a world that records no trace has the files all the same, with sums of 0", () => {
  const { world, machine } = newMachine();
  world.trace.on = false;
  const cat = machine.spawn("/bin/cat", ["/proc/stat", "/proc/processes"]);
  world.run({ until: cat, budgetNs: 1 * s });
  assertMatch(cat.stdout, /^ctxt 0$/m);
  assertMatch(cat.stdout, /"name":"cat"/);
});
