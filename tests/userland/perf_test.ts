// perf: its counts and its tables of who ran and who waited, against the trace,
// added up here in another way; options, bad options, and what there is not.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  compute,
  getpid,
  kill,
  ms,
  type Program,
  push,
  sigaction,
  sleep,
  submit,
  thread,
  wait,
} from "../../mod.ts";
import type { World } from "../../kernel/mod.ts";
import type { TraceEvent } from "../../kernel/trace.ts";
import { Session, sh } from "./programs.ts";

const WORK = {
  files: { "/home/work": "", "/home/late": "" },
  programs: {
    *"/home/late"(): Program {
      yield* sleep(200 * ms);
      yield* push(sleep(1 * ms), () => {});
      yield* push(sleep(2 * ms), () => {});
      yield* sleep(50 * ms);
    },
    *"/home/work"(): Program {
      yield* thread(function* (): Program {
        for (let i = 0; i < 3; i++) yield* compute(5 * ms);
      });
      yield* submit(sleep(2 * ms));
      yield* push(sleep(3 * ms), () => {});
      yield* sigaction("USR1", { fn() {} });
      yield* kill(yield* getpid(), "USR1");
      yield* compute(20 * ms);
      yield* wait();
      yield* sleep(30 * ms);
    },
  },
};

/** The pid of a program that was started under a name, and those it started. */
function family(events: TraceEvent[], name: string): Set<number> {
  const pids = new Set<number>();
  for (const event of events) {
    if (event.kind !== "process_spawn") continue;
    if (event.name === name || pids.has(event.ppid)) pids.add(event.pid);
  }
  return pids;
}

/** Between the first and the second time that perf asked for the time. */
function window(events: TraceEvent[]): [number, number] {
  const perf = family(events, "perf").values().next().value ??
    events.find((event) =>
      event.kind === "process_exec" && event.name === "perf"
    )!.pid;
  const [from, to] = events.flatMap((event) =>
    event.kind === "sys_exit" && event.call === "clock" && event.pid === perf
      ? [Number(event.result)]
      : []
  );
  return [from!, to!];
}

/** How long threads of these processes had a CPU. */
function onCpu(events: TraceEvent[], pids: Set<number>): number {
  const owners = new Map<number, number>();
  const since = new Map<number, number>();
  let sum = 0;
  for (const event of events) {
    if (event.kind === "thread_create") owners.set(event.tid, event.pid);
    if (event.kind !== "sched_switch") continue;
    if (since.has(event.tid)) {
      sum += event.at - since.get(event.tid)!;
      since.delete(event.tid);
    }
    if (pids.has(owners.get(event.next) ?? 0)) since.set(event.next, event.at);
  }
  return sum;
}

/** How often one of their threads got another CPU than the time before. */
function migrations(events: TraceEvent[], pids: Set<number>): number {
  const turns = new Map<number, number[]>();
  for (const event of events) {
    if (event.kind === "thread_create" && pids.has(event.pid)) {
      turns.set(event.tid, []);
    }
    if (event.kind === "sched_switch") turns.get(event.next)?.push(event.cpu);
  }
  return [...turns.values()].flatMap((cpus) =>
    cpus.filter((cpu, i) => i > 0 && cpu !== cpus[i - 1])
  ).length;
}

function counted(text: string): Record<string, number> {
  return Object.fromEntries(
    text.trimEnd().split("\n").map((line) => {
      const [value, , name] = line.split(",");
      return [name!, Number(value)];
    }),
  );
}

function allOf(world: World): TraceEvent[] {
  return [...world.trace.events()];
}

test("perf stat counts what the trace has of a program, and of the machine meanwhile", () => {
  for (const cpus of [1, 2]) {
    const { stderr, world } = sh(
      "perf stat -x , sh -c './work; cat /bin/ls /bin/ls | wc > n; sync; true'; true",
      { ...WORK, machine: { cpus } },
    );
    const events = allOf(world);
    const [from, to] = window(events);
    const perf = [...family(events, "perf")];
    const pids = new Set(perf.slice(1)); // all that perf started
    const own = events.filter(({ pid }) => pids.has(pid));
    const during = events.filter(({ at }) => at >= from && at <= to);
    const count = (list: TraceEvent[], kind: string) =>
      list.filter((event) => event.kind === kind).length;
    const blocks = (kind: "page_hit" | "page_miss") =>
      own.reduce(
        (sum, event) => sum + (event.kind === kind ? event.count : 0),
        0,
      );
    const counts = counted(stderr);
    const taskNs = Math.round(counts["task-clock"]! * 1e6);
    assertEquals(
      { ...counts, "task-clock": taskNs },
      {
        "task-clock": onCpu(events, pids),
        "context-switches": own.filter((event) =>
          event.kind === "sched_switch" && event.tid !== event.next
        ).length,
        "cpu-migrations": migrations(events, pids),
        "traps": count(own, "sys_enter"),
        "requests": count(own, "request_submit"),
        "callbacks": count(own, "callback_enter"),
        "signals": count(own, "signal_deliver"),
        "cache-hits": blocks("page_hit"),
        "cache-misses": blocks("page_miss"),
        "interrupts": count(during, "irq_enter"),
        "softirqs": count(during, "softirq_enter"),
        "disk-requests": count(during, "block_issue"),
        "packets-sent": 0,
        "packets-received": 0,
        "packets-dropped": 0,
      },
    );
    if (cpus === 2) {
      assert(counts["cpu-migrations"]! > 0);
    }
    assertEquals([counts.requests, counts.callbacks, counts.signals], [
      2,
      2,
      1,
    ]);
    assert(counts["cache-hits"]! > 0 && counts["disk-requests"]! > 0);
  }
});

test("perf stat prints numbers, rates, time and CPU time as Linux's does", () => {
  const { stderr, status } = sh("perf stat ./work", WORK);
  assertEquals(status, 0);
  assertMatch(
    stderr,
    /^\n Performance counter stats for '.\/work':\n\n +\d+\.\d{4} msec task-clock +# +0\.\d{3} CPUs utilized\n +\d+ +context-switches +# +[\d.]+ K?\/sec\n/,
  );
  assertMatch(stderr, /^ +0\.0[67]\d{7} seconds time elapsed\n\n/m);
  const user = Number(/([\d.]+) seconds user/.exec(stderr)![1]);
  assertEquals(Math.round(user * 1e9), 35 * ms); // 3 · 5 ms and 20 ms
  const one = sh("perf stat -e traps,interrupts sleep 1").stderr;
  assertMatch(one, / 1 +traps +# .*\n +\d+ +interrupts +# .*whole machine/);
});

test("perf stat -r runs it again and again and tells the mean and its error", () => {
  const { stderr } = sh("perf stat -r 4 -e traps,task-clock sleep 0.1");
  assertMatch(stderr, /for 'sleep 0\.1' \(4 runs\):/);
  assertMatch(stderr, / 1 +traps +# .*\( \+- {2}0\.00% \)/);
  assertMatch(stderr, /seconds time elapsed {2}\( \+- +[\d.]+% \)/);
});

test("perf stat -a is of all, -p of one that runs already, -o goes into a file", () => {
  const everything = sh(
    "./work & perf stat -a -x , -e traps sleep 0.2; wait",
    WORK,
  );
  const alone = sh("./work & perf stat -x , -e traps sleep 0.2; wait", WORK);
  assertEquals(counted(alone.stderr), { traps: 1 });
  assert(counted(everything.stderr).traps! > 10);
  const one = sh(
    "./late & perf stat -p $! -x , -e callbacks sleep 0.5; wait",
    WORK,
  );
  assertEquals(counted(one.stderr), { callbacks: 2 });
  const { stdout, stderr } = sh("perf stat -o log true; cat log");
  assertEquals(stderr, "");
  assertStringIncludes(stdout, "Performance counter stats for 'true'");
});

test("^C ends perf stat -a, which then tells what it counted", () => {
  const session = new Session();
  session.type("perf stat -a -e traps\r", 1e9);
  assertMatch(
    session.type("\x03", 1e9),
    /stats for 'system wide':\n\n +\d+ +traps/,
  );
});

/** `sh[2]` → the numbers of its row. */
function rows(text: string): Map<string, number[]> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const row = /^(\S+\[[\d/]+\]) +(\d+ +[\d. ]+)$/.exec(line);
      return row === null ? [] : [
        [row[1]!, row[2]!.trim().split(/ +/).map(Number)] as [
          string,
          number[],
        ],
      ];
    }),
  );
}

test("perf sched timehist -s: run, wait and delay of each thread add up to its life", () => {
  const { stdout, world } = sh("perf sched timehist -s ./work; true", WORK);
  const events = allOf(world);
  const table = rows(stdout);
  const created = events.filter((event) =>
    event.kind === "thread_create" && family(events, "work").has(event.pid)
  );
  assertEquals(created.length, 2);
  for (const { tid, pid, at } of created) {
    const end = events.find((event) =>
      event.kind === "thread_exit" && event.tid === tid
    )!.at;
    const name = [...table.keys()].find((key) =>
      key.includes(tid === pid ? `[${tid}]` : `[${tid}/${pid}]`)
    )!;
    const [turns, run, wait, delay] = table.get(name)!;
    const sum = run! + wait! + delay!;
    assert(Math.abs(sum * 1e6 - (end - at)) <= 150, `${name} ${sum}`);
    const got = events.filter((event) =>
      event.kind === "sched_switch" && event.next === tid
    );
    assertEquals(turns, got.length);
  }
});

test("perf sched timehist has a line for each turn: waited, was ready, ran, and why it left", () => {
  const { stdout, world } = sh("perf sched timehist ./work; true", WORK);
  const turns = stdout.split("\n").filter((line) =>
    /\] +(work|thread)\[/.test(line)
  );
  const events = allOf(world);
  const pids = family(events, "work");
  const left = events.filter((event) =>
    event.kind === "sched_switch" && pids.has(event.pid) &&
    event.prevState !== ""
  );
  assertEquals(turns.length, left.length);
  assertMatch(turns.at(-1)!, /exited$/);
  assert(turns.some((line) => /its turn was over$/.test(line)));
  assertMatch(stdout, /time to pass\n/);
  const both = sh("perf sched timehist -S true").stdout;
  assertMatch(both, /then\n.*Runtime summary/s);
});

test("perf sched latency: the most delayed first, and the sum of all run times", () => {
  const { stdout } = sh("perf sched latency ./work; true", WORK);
  const lines = stdout.split("\n").filter((line) => /avg:/.test(line));
  const averages = lines.map((line) => Number(/avg: +([\d.]+)/.exec(line)![1]));
  assertEquals(averages, [...averages].sort((a, b) => b - a));
  const sum = lines.reduce(
    (total, line) => total + Number(/\| +([\d.]+) ms/.exec(line)![1]),
    0,
  );
  const total = Number(/TOTAL: +\| +([\d.]+) ms/.exec(stdout)![1]);
  assert(Math.abs(sum - total) < 0.001 && total > 35);
});

test("perf sched map and timeline draw who has the CPUs", () => {
  const map = sh("perf sched map ./work; true", {
    ...WORK,
    machine: { cpus: 2 },
  });
  assertMatch(
    map.stdout,
    /^ {2}[* ][A-Z.][\d ] [* ][A-Z.][\d ] {2}0\.\d{9} secs/m,
  );
  assertMatch(map.stdout, /secs [A-Z]\d => work\[\d+\]$/m);
  const { stdout } = sh("perf sched timeline ./work; true", WORK);
  assert(stdout.split("\n").every((line) => [...line].length <= 80));
  assertMatch(stdout, /^work\[\d+\] +[#=]+.*\.+#?$/m);
  assertMatch(stdout, /^thread\[\d+\/\d+\] +[#=]+ *$/m);
});

test("perf sched record remembers a time, and the views look at that", () => {
  const { stdout, stderr, status } = sh(
    "perf sched record ./work; sleep 0.2; perf sched -s; perf sched -s -i none",
    WORK,
  );
  assertMatch(
    stderr,
    /^\[ perf sched: 0\.\d{6} s to 0\.\d{6} s, written to perf\.data/,
  );
  assertMatch(stdout, /^work\[\d+\] +\d/m);
  assert(!stdout.includes("sleep["));
  assertMatch(stderr, /perf: none: No such file or directory\n$/);
  assertEquals(status, 127);
});

test("perf trace is strace; perf list tells what can be counted", () => {
  const traced = sh("perf trace hello");
  assertMatch(traced.stderr, /\[pid \d+\] write\(1, "hello, kettle\\n"\) = 14/);
  assertMatch(sh("perf list").stdout, /^ {2}task-clock +CPU time, in ms$/m);
});

test("perf says what it does not understand, and what is not there and why", () => {
  const cases: [string, RegExp, number][] = [
    ["perf", /^Usage: perf /, 1],
    [
      "perf foo",
      /^perf: 'foo' is not a perf-command\. See 'perf --help'\.\n/,
      1,
    ],
    ["perf stats", /Did you mean stat\?\n/, 1],
    ["perf record true", /^perf record: there are no samples\. /, 1],
    ["perf report", /^perf report: there are no samples\. /, 1],
    ["perf top", /^perf top: there are no samples; top shows/, 1],
    ["perf stat", /^perf stat: must have a command, -p or -a\n/, 129],
    ["perf stat -e foo true", /^perf stat: event syntax error: 'foo'/, 129],
    ["perf stat -p x", /^perf stat: Problems finding threads: 'x'\n/, 129],
    ["perf stat -p 999", /^perf stat: pid 999: No such process\n/, 129],
    ["perf stat -r x true", /^perf stat: invalid number: 'x'\n/, 129],
    ["perf stat nosuch", /^perf: nosuch: No such file or directory\n/, 127],
    ["perf sched record", /^perf sched: needs a command\n/, 129],
    ["perf sched -Q", /^perf sched: invalid option -- 'Q'\n/, 129],
  ];
  for (const [command, message, wanted] of cases) {
    const { stderr, status } = sh(command);
    assertMatch(stderr, message);
    assertEquals(status, wanted, command);
  }
  assertEquals(sh("perf stat sh -c 'exit 3'").status, 3);
  const { stderr } = sh("perf sched timehist | head -n 1");
  assertEquals(stderr, "");
});
