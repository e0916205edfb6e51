// strace: its lines and its table against the trace; options, bad options, and who
// is traced while it runs.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { CALL_NAMES } from "../../kernel/abi.ts";
import {
  ms,
  pause,
  pipe,
  type Program,
  push,
  read,
  sigaction,
  sleep,
  submit,
  thread,
  wait,
} from "../../mod.ts";
import { callFilter, callNames } from "../../userland/lib/call_sets.ts";
import { Session, sh } from "./programs.ts";

function trace(command: string): string {
  const { stderr, status } = sh(command);
  assertEquals(status, 0, stderr);
  return stderr;
}

test("strace -c counts what the trace has, call by call", () => {
  const { stderr, world } = sh(
    "strace -f -c sh -c 'cat nofile /bin/ls | wc; sleep 0.1' > /dev/null",
  );
  const counts = new Map<string, [number, number]>();
  const pids = new Set<number>();
  for (const event of world.trace.events()) {
    if (event.kind === "process_spawn") {
      if (event.name === "strace") pids.add(-event.pid);
      const isChild = pids.has(-event.ppid) || pids.has(event.ppid);
      if (isChild) pids.add(event.pid);
    }
    if (event.kind === "process_exec" && event.name === "strace") {
      pids.add(-event.pid);
    }
    if (event.kind !== "sys_exit" || !pids.has(event.pid)) continue;
    const [calls, errors] = counts.get(event.call) ?? [0, 0];
    counts.set(event.call, [calls + 1, errors + (event.ok ? 0 : 1)]);
  }
  const table = new Map<string, [number, number]>();
  for (const line of stderr.split("\n")) {
    const row =
      /^ *[\d.]+ +(\d+\.\d{9}) +[\d.]+ +(\d+) +(?:(\d+) )? *([a-zA-Z]\w*)$/
        .exec(line);
    if (row === null || row[4] === "total") continue;
    table.set(row[4]!, [Number(row[2]), Number(row[3] ?? 0)]);
  }
  assertEquals(new Map([...table].sort()), new Map([...counts].sort()));
  assert(table.get("open")![1] >= 1 && table.size > 5);
});

test("strace -c: shares of all time, the most first, a total, other orders", () => {
  const table = trace("strace -c sleep 0.5");
  assertMatch(
    table,
    /^% time +seconds +usecs\/call +calls +errors syscall\n-+ [- ]+\n100\.00 0\.50000\d{4} +\d+\.\d +1 +sleep\n-+/,
  );
  assertMatch(table, /^100\.00 0\.50000\d{4}.* total\n$/m);
  const order = (by: string) =>
    trace(`strace -c -S ${by} cat /bin/ls > /dev/null`).split("\n")
      .slice(2, -3).map((line) => line.split(" ").at(-1)!);
  assertEquals(order("name"), [...order("name")].sort());
  assert(["read", "fstat"].includes(order("calls")[0]!));
  const both = trace("strace -C hello");
  assertMatch(both, /write\(1, .*\n% time/s);
});

test("each line can have the time before it, of day, or since 1970; -T adds its own", () => {
  const lines = (option: string) => trace(`strace ${option} sleep 0.5`);
  assertMatch(lines(""), /^ +0\.000 us {2}sleep\(500000000\) = 0\n/);
  assertMatch(lines("-r"), /^ +0\.0{9} sleep.*\n +0\.5000\d+ \+\+\+ exited/);
  assertMatch(lines("-t"), /^10:00:00 sleep/);
  assertMatch(lines("-tt"), /^10:00:00\.0\d{5} sleep.*\n10:00:00\.5\d{5} \+/);
  assertMatch(lines("-ttt"), /^1347962400\.0\d{5} sleep/);
  assertMatch(lines("-T"), /= 0 <0\.50000\d{4}>\n/);
});

test("strace -e shows calls by name or by what they are about; -z and -Z by their end", () => {
  const calls = (options: string) =>
    trace(`strace ${options} sh -c 'cat nofile; true' 2>&1 | cat >&2`)
      .split("\n").flatMap((line) =>
        /us {2}(?:\[pid \d+\] )?(\w+)\(/.exec(line)?.[1] ?? []
      );
  assertEquals(new Set(calls("-f -e trace=read,open")).size > 0, true);
  assert(calls("-e open,pipe").every((call) => /open|pipe/.test(call)));
  assert(calls("-e '!waitpid'").length > 0);
  assert(!calls("-e '!waitpid'").includes("waitpid"));
  assert(calls("-e %process").every((c) => /spawn|exec|exit|waitpid/.test(c)));
  assertEquals(calls("-e none"), []);
  assertStringIncludes(
    trace("strace -Z cat nofile 2>&1 | cat >&2"),
    "= -1 ENOENT (No such file or directory)",
  );
  assert(!trace("strace -z cat nofile 2>&1 | cat >&2").includes("open("));
});

test("what strace -e knows are the calls there are, all of them", () => {
  assertEquals(callNames().sort(), [...CALL_NAMES].sort());
  assertEquals(callFilter("read,foo"), { unknown: "foo" });
  const all = callFilter("all");
  assert("test" in all && CALL_NAMES.every(all.test));
});

test("strace -f follows children and threads; a call that another's line cuts goes on below", () => {
  const lines = trace("strace -f sh -c 'sleep 0.2 | cat'").split("\n");
  const cut = lines.findIndex((line) =>
    /\] sleep\(200000000 <unfinished \.\.\.>$/.test(line)
  );
  const resumed = lines.findIndex((line) =>
    /\] <\.\.\. sleep resumed>\) = 0$/.test(line)
  );
  assert(cut >= 0 && resumed > cut, lines.join("\n"));
  const { stderr } = sh("strace -f ./threads", {
    files: { "/home/threads": "" },
    programs: {
      *"/home/threads"(): Program {
        yield* thread(function* (): Program {
          yield* sleep(1 * ms);
        });
        yield* sleep(5 * ms);
      },
    },
  });
  assertEquals(new Set(stderr.match(/\[pid \d+\]/g)).size, 2);
});

test("requests of doors 2 and 3 are shown when they complete, callbacks when they run", () => {
  const { stderr } = sh("strace ./doors", {
    files: { "/home/doors": "" },
    programs: {
      *"/home/doors"(): Program {
        const [from] = yield* pipe();
        yield* submit(sleep(1 * ms));
        yield* push(sleep(2 * ms), () => {});
        yield* push(read(from, 4), () => {});
        yield* wait();
        yield* pause();
      },
    },
  });
  assertMatch(stderr, /us {2}submit\(sleep\(1000000\)\) = #1\n/);
  assertMatch(stderr, /us {2}push\(sleep\(2000000\), .*\) = #2\n/);
  assertMatch(stderr, /us {2}#1 sleep\(1000000\) = 0\n/);
  assertMatch(
    stderr,
    /--- callback of #2 begins ---\n.*--- callback of #2 ends/,
  );
});

test("signals and endings are told as Linux tells them; signal=none leaves them out", () => {
  const setting = {
    files: { "/home/catch": "" },
    programs: {
      *"/home/catch"(): Program {
        yield* sigaction("USR1", { fn() {} });
        yield* pause();
        yield* pause();
      },
    },
  };
  const command = "{ sleep 0.1; pkill -USR1 -x catch; sleep 0.1; " +
    "pkill -KILL -x catch; } & ";
  const { stderr } = sh(command + "strace ./catch", setting);
  assertMatch(stderr, /us {2}--- SIGUSR1 ---\n/);
  assertMatch(
    stderr,
    /us {2}pause\(\) = \?\n.*\+\+\+ killed by SIGKILL \+\+\+\n/,
  );
  const options = "-e signal=none -e trace=pause";
  const quiet = sh(`${command}strace ${options} ./catch`, setting).stderr;
  assert(!quiet.includes("---") && !quiet.includes("sigaction"), quiet);
  assertMatch(quiet, /pause\(\) = 0\n/);
});

test("strace -o writes into a file, and leaves standard error to the command", () => {
  const { stdout, stderr } = sh("strace -o log cat nofile; cat log");
  assertEquals(stderr, "cat: nofile: No such file or directory\n");
  assertMatch(stdout, /us {2}open\("nofile", "r"\) = -1 ENOENT/);
});

test("strace -p shows what a running program does, until it ends", () => {
  const { stderr, status } = sh(
    "sh -c 'sleep 0.3; cat /etc/x; true' 2> /dev/null & strace -f -p $!",
  );
  assertEquals(status, 0);
  assertMatch(stderr, /^strace: Process \d+ attached\n/);
  assertMatch(stderr, /<\.\.\. waitpid resumed>\) = /);
  assertMatch(stderr, /open\("\/etc\/x", "r"\) = -1 ENOENT/);
  assertMatch(stderr, /\+\+\+ exited with 0 \+\+\+\n$/);
});

test("^C ends strace -p with a table, and leaves the program alone", () => {
  const session = new Session();
  session.type("{ while :; do sleep 0.1; done; } &\r", 1e9);
  const shown = session.type("strace -c -p $!\r", 1e9) +
    session.type("\x03", 1e9);
  assertMatch(shown, /Process \d+ attached/);
  assertMatch(shown, /Process \d+ detached/);
  assertMatch(shown, /waitpid\n/);
  assertMatch(session.type("jobs\r", 1e9), /Running/);
});

test("strace says what it does not understand, with Linux's words", () => {
  const cases: [string, RegExp, number][] = [
    ["strace", /^strace: must have PROG \[ARGS\] or -p PID\n/, 1],
    ["strace -p x", /^strace: Invalid process id: 'x'\n/, 1],
    ["strace -p 999", /^strace: attach: pid 999: No such process\n/, 1],
    ["strace -e foo true", /^strace: invalid system call 'foo'\n/, 1],
    ["strace -S x true", /^strace: invalid sortby: 'x'\n/, 1],
    ["strace -Q true", /^strace: invalid option -- 'Q'\n/, 1],
    ["strace nosuch", /^strace: nosuch: No such file or directory\n/, 127],
  ];
  for (const [command, message, wanted] of cases) {
    const { stderr, status } = sh(command);
    assertMatch(stderr, message);
    assertEquals(status, wanted);
  }
  const { status } = sh("strace yes 2>&1 | head -n 2");
  assertEquals(status, 0);
});
