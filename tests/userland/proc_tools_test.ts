// ps, pgrep, pkill, kill, free, uptime, nproc, nice, dmesg, time, uname: options,
// bad options, who is not there, and nobody who reads.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { compute, ms, type Program, sleep, thread } from "../../mod.ts";
import { Session, type Setting, sh } from "./programs.ts";

function output(command: string, setting: Setting = {}): string {
  const { stdout, stderr, status } = sh(command, setting);
  assertEquals({ stderr, status }, { stderr: "", status: 0 }, command);
  return stdout;
}

function failure(command: string) {
  const { stderr, status } = sh(command);
  return { stderr, status };
}

const THREE = "sleep 97 & cat /dev/zero | sleep 98 & sleep 0.1; ";
const END = "; kill %1 %2";

const WORK: Setting = {
  files: { "/home/work": "" },
  programs: {
    *"/home/work"(): Program {
      yield* thread(function* helper(): Program {
        yield* sleep(999 * ms);
      });
      yield* compute(120 * ms);
    },
  },
};

test("ps has columns of one's choice, under titles of one's choice", () => {
  const list = output(`${THREE} ps -o pid=,comm,args=WHAT -C sleep${END}`);
  assertEquals(
    list,
    "   COMMAND  WHAT\n3  sleep    sleep 97\n5  sleep    sleep 98\n",
  );
  assertEquals(output("ps -o pid= -C nosuch; true"), "");
  assertEquals(output(`${THREE} ps -o pid= -o comm= -p 5${END}`), "sleep\n");
  const all =
    "pid,ppid,pgid,tid,thr,nlwp,requests,state,tty,time,utime,stime," +
    "queued,etime,start,pcpu,pmem,rss,size,nvcsw,nivcsw,psr,comm,args,call,wchan";
  const [titles, row] = output(`ps -o ${all} | head -n 2`).split("\n");
  assertMatch(titles!, /^PID {2}PPID {2}PGID .* WAITS FOR$/);
  assert(!/undefined|NaN/.test(row!), row);
  assertMatch(output("ps -o user 2>&1; true"), /format specifier "user"/);
});

test("ps -f, -l, aux and -L have what their names promise", () => {
  const list = (options: string) => output(`${THREE} ps ${options}${END}`);
  assertMatch(
    list("-ef"),
    /^ *PID +PPID +PGID +ST +START +TIME +WAITS FOR +COMMAND\n/,
  );
  assertMatch(list("-f"), / 10:00:00 +0:00\.0\d+ +timer: .* left +sleep 97\n/);
  assertMatch(list("-l"), /RSS +VCSW +IVCSW/);
  assertMatch(list("aux"), /^ *PID +%CPU +%MEM +RSS +TTY +ST +START +TIME/);
  assertMatch(list("ax"), /^ *PID +PPID/);
  const { stdout } = sh("./work & sleep 0.05; ps -L; wait", WORK);
  assertMatch(stdout, /^ *(\d+) +\1 +R .* work /m);
  assertMatch(stdout, /^ *\d+ +\d+ +S .* work\/helper +timer: /m);
});

test("ps tells niceness as nice gives it, and so does stat", () => {
  for (const niceness of [-10, -7, -3, -1, 0, 1, 2, 5, 9]) {
    const shown = output(
      `nice -n ${niceness} sleep 9 & sleep 0.1; p=$(pgrep -x sleep); ` +
        "ps -o ni=,pri= -p $p; cut -d ' ' -f 18,19 /proc/$p/stat; kill $p",
    );
    const want = [20 + niceness, niceness];
    const [ps = "", stat = ""] = shown.split("\n");
    assertEquals(stat.split(" ").map(Number), want);
    assertEquals(ps.trim().split(/ +/).map(Number), [...want].reverse());
  }
});

test("ps chooses by pid, name and parent; sorts; leaves out the titles", () => {
  const pids = (options: string) =>
    output(`${THREE} ps --no-headers -o pid ${options}${END}`)
      .trim().split(/\s+/).map(Number);
  assertEquals(pids("-p 3,4"), [3, 4]);
  assertEquals(pids("-p '4 3'"), [3, 4]);
  assertEquals(pids("-C sleep,cat"), [3, 4, 5]);
  assertEquals(pids("--ppid 2 --sort -pid").slice(-3), [5, 4, 3]);
  assertEquals(pids("-C sleep --sort pid"), [3, 5]);
  const { stdout, status } = sh("ps -p 999");
  assertEquals([stdout.split("\n").length, status], [2, 1]);
  for (
    const [options, message] of [
      ["-p x", /^error: process ID list syntax error\n/],
      ["--sort x", /^error: unknown sort specifier "x"\n/],
      ["-o x", /^error: unknown user-defined format specifier "x"\n/],
      ["-Q", /^ps: invalid option -- 'Q'\n/],
      ["now", /^ps: error: unsupported option 'now'\n/],
    ] as [string, RegExp][]
  ) {
    const { stderr, status } = failure(`ps ${options}`);
    assertMatch(stderr, message);
    assertEquals(status, 1);
  }
});

test("on a terminal ps cuts its lines, unless -w says not to", () => {
  const session = new Session();
  session.machine.resize(40, 24);
  const lines = session.type("ps\r", 1e9).split("\n").slice(1, -1);
  assert(lines.every((line) => [...line].length <= 40), lines.join("\n"));
  const wide = session.type("ps -w\r", 1e9).split("\n").slice(1, -1);
  assert(wide.some((line) => [...line].length > 40), wide.join("\n"));
});

test("whoever stops listening ends these tools without a word", () => {
  const commands = [
    "ps",
    "dmesg",
    "vmstat 1",
    "free -s 1",
    "kill -l",
    "uptime",
  ];
  for (const command of commands) {
    assertEquals(failure(`${command} | head -c 1`), { stderr: "", status: 0 });
  }
});

test("pgrep finds by name, by the whole command, exactly, by parent, the newest", () => {
  const found = (options: string) =>
    output(`${THREE} pgrep ${options}${END}`).trim().split("\n");
  assertEquals(found("sleep"), ["3", "5"]);
  assertEquals(found("-f '^sleep 9[8]'"), ["5"]);
  assertEquals(found("-x sle || echo none"), ["none"]);
  assertEquals(found("-x sleep"), ["3", "5"]);
  assertEquals(found("-l -n sleep"), ["5 sleep"]);
  assertEquals(found("-a -o sleep"), ["3 sleep 97"]);
  assertEquals(found("-i -d , SLEEP"), ["3,5"]);
  assertEquals(found("-c sleep"), ["2"]);
  assertEquals(found("-P 2 'cat|zz'"), ["4"]);
  assert(!found("-v sleep").includes("3"));
  for (
    const [options, message] of [
      ["", /^pgrep: no matching criteria specified\n/],
      ["a b", /^pgrep: only one pattern can be provided\n/],
      ["'('", /^pgrep: regex error: /],
      ["-Q x", /^pgrep: invalid option -- 'Q'\n/],
    ] as [string, RegExp][]
  ) {
    const { stderr, status } = failure(`pgrep ${options}`);
    assertMatch(stderr, message);
    assertEquals(status, 2);
  }
  assertEquals(failure("pgrep nosuch"), { stderr: "", status: 1 });
});

test("pkill and kill send signals; who is not there is named", () => {
  const { stdout } = sh(
    "sleep 97 & sleep 98 & pkill -e -f '^sleep 97'; pkill -STOP sleep; " +
      "ps -o state,args -C sleep --no-headers; pkill -9 sleep; " +
      "pgrep sleep; echo $?",
  );
  assertEquals(
    stdout,
    "sleep killed (pid 3)\nT   sleep 98\n1\n",
  );
  assertEquals(failure("pkill nosuch"), { stderr: "", status: 1 });
  assertMatch(
    failure("pkill -s FOO x").stderr,
    /^pkill: unknown signal "FOO"\n/,
  );
  const kill = (args: string) => failure(`/bin/kill ${args}`);
  assertEquals(kill("999"), {
    stderr: "kill: (999): No such process\n",
    status: 1,
  });
  assertMatch(kill("x").stderr, /^kill: \(x\): arguments must be process ids/);
  assertMatch(kill("-FOO 2").stderr, /^kill: -FOO: no such signal\n$/);
  assertMatch(kill("-9").stderr, /^kill: not enough arguments\n$/);
  assertEquals(kill("").status, 1);
  assertEquals(output("sleep 9 & /bin/kill -s KILL $!; /bin/kill -0 2"), "");
  assertMatch(output("/bin/kill -l"), /^HUP INT QUIT KILL /);
  assertEquals(output("/bin/kill -l 9 TERM 137"), "KILL\n15\nKILL\n");
  assertMatch(output("/bin/kill -L"), /^ 1 HUP\n 2 INT\n/);
  assertEquals(failure("/bin/kill -l 99").status, 1);
});

test("free counts in the unit that is asked for, and again and again", () => {
  const total = (options: string) =>
    /^Mem: +(\S+)/m.exec(output(`free ${options}`))![1];
  assertEquals(
    ["", "-k", "-b", "-m", "-g", "-h"].map(total),
    ["65536", "65536", "67108864", "64", "0", "64M"],
  );
  assertEquals(output("free -s 0.5 -c 3").match(/^Mem:/gm)!.length, 3);
  assertMatch(output("free -t"), /^Swap: +0 +0 +0\nTotal: +65536 /m);
  assertMatch(
    failure("free -s x").stderr,
    /^free: seconds argument 'x' failed/,
  );
  assertMatch(failure("free -c x").stderr, /^free: invalid number: 'x'/);
});

test("uptime tells the time, how long, and the load", () => {
  assertMatch(
    output("sleep 75; uptime", { budgetNs: 1e11 }),
    /^ 10:01:15 up 75\.\d{3} s, {2}1 process, {2}load average: 0\.00, 0\.00, 0\.00\n$/,
  );
  assertEquals(output("uptime -s"), "2012-09-18 10:00:00\n");
  const long = { budgetNs: 1e15 };
  assertEquals(
    output("sleep 93784; uptime -p", long),
    "up 1 day, 2 hours, 3 minutes\n",
  );
  assertMatch(output("sleep 7500; uptime", long), / up 2:05, /);
});

test("nproc, nice and uname answer as they do elsewhere", () => {
  assertEquals(output("nproc", { machine: { cpus: 3 } }), "3\n");
  assertEquals(output("nproc --ignore=9; nproc --all"), "1\n1\n");
  assertEquals(output("nice; nice echo a; nice -n 5 echo b"), "0\na\nb\n");
  assertEquals(failure("nice -n x true"), {
    stderr: "nice: invalid adjustment 'x'\n",
    status: 125,
  });
  assertEquals(failure("nice -n 5").status, 125);
  assertEquals(failure("nice nosuch").status, 127);
  assertEquals(sh("nice sh -c 'exit 4'").status, 4);
  assertEquals(
    output("uname; uname -n; uname -sr; uname -a"),
    "Kettle\nkettle\nKettle 1.0\nKettle kettle 1.0 virtual-time generator Kettle\n",
  );
});

test("dmesg tells what the kernel found, and who was killed since", () => {
  const text = output("sleep 9 & kill -9 $!; wait; dmesg");
  assertMatch(text, /^\[ {4}0\.000000\] Kettle version 1\.0, 1 CPU/);
  assertMatch(text, /\] hda: mounted on \/, journal clean\n/);
  assertMatch(text, /\] sleep\[3\]: killed by SIGKILL\n$/);
  assertMatch(output("dmesg -T"), /^\[Tue Sep 18 10:00:00 2012\] Kettle/);
  assertMatch(output("dmesg -t"), /^Kettle version/);
  assertMatch(output("dmesg -r"), /^<6>\[ {4}0\.000000\] Kettle/);
  const last = sh("./wrong 2> /dev/null; dmesg | tail -n 1", {
    files: { "/home/wrong": "" },
    programs: {
      // deno-lint-ignore require-yield -- it is wrong before it could
      *"/home/wrong"(): Program {
        throw new Error("nothing is right");
      },
    },
  }).stdout;
  assertMatch(last, /\] wrong\[\d+\]: nothing is right\n$/);
  const { stdout } = sh(
    "dmesg -w & sleep 2.5; sleep 9 & kill -9 $!; sleep 2; kill %1",
  );
  assertEquals(stdout.match(/Kettle version/g)!.length, 1);
  assertMatch(stdout, /sleep\[\d+\]: killed by SIGKILL\n$/);
});

test("time tells how long a command took and whose CPU time it was", () => {
  const { stderr, status } = sh("/bin/time ./work", WORK);
  assertEquals(status, 0);
  assertMatch(
    stderr,
    /^real \d+\.\d{3} ms\nuser 120\.000 ms\nsys 0\.0\d\d ms\n$/,
  );
  assertMatch(
    sh("/bin/time -p sleep 1").stderr,
    /^real 1\.0\d\nuser 0\.00\nsys 0\.00\n$/,
  );
  assertEquals(sh("/bin/time sh -c 'exit 3'").status, 3);
  const missing = failure("/bin/time nosuch");
  assertEquals(missing.status, 127);
  assertStringIncludes(
    missing.stderr,
    "time: nosuch: No such file or directory",
  );
});

test("timeline is as wide as it is told, or as the terminal, and goes into a file", () => {
  const widths = (text: string) =>
    Math.max(...text.split("\n").map((line) => [...line].length));
  const { stderr } = sh("timeline -w 120 cat /bin/ls > /dev/null");
  assert(widths(stderr) > 80 && widths(stderr) <= 120, stderr);
  const file = output("timeline -o chart cat /bin/ls > /dev/null; cat chart");
  assertMatch(file, /^disk +-*S*O+T+/m);
  const session = new Session();
  session.machine.resize(60, 24);
  const shown = session.type("timeline cat /bin/ls > /dev/null\r", 1e9);
  const chart = shown.split("\n").filter((line) =>
    /^(cpu 0|disk|cat) /.test(line)
  );
  assert(chart.length >= 3 && widths(chart.join("\n")) <= 60, shown);
  assertMatch(failure("timeline").stderr, /^timeline: must have a command\n/);
  assertMatch(
    failure("timeline -w x ls").stderr,
    /^timeline: invalid width: 'x'/,
  );
  assertEquals(failure("timeline nosuch").status, 127);
});

test("each tool tells how it is used, and which option it does not know", () => {
  const tools = "dmesg free kill nice nproc perf pgrep pkill ps strace time " +
    "timeline top uname uptime vmstat watch mount iostat";
  for (const tool of tools.split(" ")) {
    assertMatch(output(`/bin/${tool} --help`), new RegExp(`^Usage: ${tool} `));
    const { stderr, status } = failure(`/bin/${tool} --nosuch`);
    assertMatch(stderr, new RegExp(`^${tool}: `));
    assert(status !== 0, tool);
  }
});
