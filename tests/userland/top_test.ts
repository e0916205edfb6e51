// top and watch: what they draw, the keys, the size of the window, and that the
// terminal is as it was before, however they end.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compute, type Program, s, sleep, thread } from "../../mod.ts";
import { Session, sh } from "./programs.ts";

const SECOND_NS = 1_000_000_000;
const ENTER = "\x1b[?1049h", LEAVE = "\x1b[?1049l", SHOW_CURSOR = "\x1b[?25h";
const TITLES = /^ +PID +NI S +%CPU +%MEM +TIME\+ COMMAND +WAITS FOR *$/m;

const SETTING = {
  files: { "/home/busy": "", "/home/half": "" },
  programs: {
    *"/home/busy"(): Program {
      yield* thread(function* helper(): Program {
        yield* sleep(900 * s);
      });
      yield* compute(900 * s);
    },
    *"/home/half"(): Program {
      while (true) {
        yield* compute(50_000_000);
        yield* sleep(50_000_000);
      }
    },
  },
};

function batch(command: string): string {
  const { stdout, stderr, status } = sh(command, SETTING);
  assertEquals({ stderr, status }, { stderr: "", status: 0 });
  return stdout;
}

/** The rows below the titles: name → its cells. */
function rows(list: string): Map<string, string[]> {
  const lines = list.split("\n");
  const first = lines.findIndex((line) => TITLES.test(line));
  return new Map(
    lines.slice(first + 1).filter((line) => line !== "").map((line) => {
      const cells = line.trim().split(/ +/);
      return [cells[6]!, cells];
    }),
  );
}

test("top -b lists the machine and its processes, by the CPU time since the list before", () => {
  const lists = batch("./busy & ./half & top -b -d 2 -n 3; kill %1 %2")
    .split(/(?=^top - )/m);
  assertEquals(lists.length, 3);
  assertMatch(
    lists[0]!,
    /^top - 10:00:00 up 0\.\d{3} s, {2}load average: 0\.00, 0\.00, 0\.00\nTasks: {3}4 total, {3}\d running, .* zombie\n%Cpu\(s\): /,
  );
  assertMatch(lists[2]!, /^MiB Mem : +64\.0 total, +6\d\.\d free/m);
  assertMatch(lists[2]!, /^a second: +\d+ traps, +\d+ switches/m);
  const last = rows(lists[2]!);
  assertEquals([...last.keys()].slice(0, 2), ["busy", "half"]);
  const percent = (name: string) => Number(last.get(name)![3]);
  assert(percent("busy") > 60 && percent("half") > 20, lists[2]);
  assert(percent("busy") + percent("half") <= 100.1);
  assertMatch(lists[2]!, /^ +\d+ +0 S .* sh +child: busy \(pid \d+\)/m);
});

test("top -b: threads, whole commands, the busy only, some pids, other orders", () => {
  const list = (options: string) =>
    batch(`sleep 99 & ./busy & sleep 1; top -b -n 1 ${options}; kill %1 %2`);
  assertMatch(
    list("-H"),
    /^Threads: .*\n[^]* busy\/helper +timer: 89\d\.\d s/m,
  );
  assertMatch(list("-c"), / sleep 99 +timer: /);
  const busy = batch("sleep 99 & ./busy & top -b -n 2 -i; kill %1 %2");
  assert(!busy.slice(busy.lastIndexOf("top -")).includes("timer:"));
  assertEquals([...rows(list("-p 3")).keys()], ["sleep"]);
  const times = list("-o time").split("\n").flatMap((line) =>
    /(\d+:[\d.]+) \w+/.exec(line.slice(20))?.[1] ?? []
  );
  assertEquals(times, [...times].sort().reverse());
  const first = [...rows(list("-o pid")).keys()];
  assertEquals(first.at(-1), "sh");
});

/** A session whose raw output can be looked at. */
function terminal() {
  const session = new Session({ ...SETTING, machine: { cpus: 2 } });
  const decoder = new TextDecoder();
  const { console } = session.machine;
  const tidy = console.onOutput!;
  let raw = "";
  console.onOutput = (bytes) => {
    raw += decoder.decode(bytes, { stream: true });
    tidy(bytes);
  };
  return {
    session,
    type: (keys: string, ns = SECOND_NS / 10) => session.type(keys, ns),
    raw() {
      const taken = raw;
      raw = "";
      return taken;
    },
    /** The last screen that was drawn. */
    screen(text: string) {
      return text.slice(text.lastIndexOf("top - "));
    },
  };
}

test("top takes the other screen, draws every second, and q gives everything back", () => {
  const { type, raw, screen, session } = terminal();
  type("./busy &\r");
  raw();
  const first = screen(type("top\r", 0.5 * SECOND_NS));
  assertMatch(first, TITLES);
  const begin = raw();
  assert(begin.includes(ENTER) && !begin.includes(LEAVE));
  assertEquals(session.machine.tty.mode, "raw");
  const drawn = type("", 3 * SECOND_NS).match(/top - /g)!.length;
  assertEquals(drawn, 3);
  raw();
  const end = type("q");
  assertMatch(end, /kettle\$ $/);
  const left = raw();
  assert(left.includes(LEAVE) && left.includes(SHOW_CURSOR));
  assertMatch(type("echo $?\r"), /^echo \$\?\n0\n/);
});

test("^C, and a signal from elsewhere, end top and give the terminal back", () => {
  const { type, raw } = terminal();
  type("top\r", SECOND_NS);
  raw();
  assertMatch(type("\x03"), /kettle\$ $/);
  assert(raw().includes(LEAVE));
  type("(sleep 2; pkill -TERM top) &\r", SECOND_NS / 10);
  type("top\r", SECOND_NS);
  raw();
  assertMatch(type("", 3 * SECOND_NS), /kettle\$ $/);
  const left = raw();
  assert(left.includes(LEAVE) && left.includes(SHOW_CURSOR));
  assertMatch(type("echo still here\r"), /\nstill here\n/);
});

test("^Z stops top and gives the terminal back; fg goes on with it", () => {
  const { type, raw, screen, session } = terminal();
  type("top\r", SECOND_NS);
  raw();
  assertMatch(type("\x1a", SECOND_NS), /Stopped +top\nkettle\$ $/);
  assert(raw().includes(LEAVE));
  assertMatch(type("echo prompt\r"), /\nprompt\n/);
  raw();
  assertMatch(screen(type("fg\r", SECOND_NS)), TITLES);
  assert(raw().includes(ENTER));
  assertEquals(session.machine.tty.mode, "raw");
  assertMatch(type("q"), /kettle\$ $/);
});

test("keys of top: orders, threads, commands, help, a look now", () => {
  const { type, screen } = terminal();
  type("./busy &\r./half &\r");
  type("top\r", 2.5 * SECOND_NS);
  assertEquals([...rows(screen(type("P"))).keys()][0], "busy");
  assertEquals([...rows(screen(type("N"))).keys()].at(-1), "sh");
  assertMatch(screen(type("H")), /^Threads: /m);
  assertMatch(screen(type("H")), /^Tasks: /m);
  assertMatch(type("h"), /Keys:\n\nq {2}end/);
  assertMatch(screen(type("h")), TITLES);
  assert(!screen(type("i")).includes("sh "));
  assertMatch(type(" ", 1000_000), /top - /);
  assertMatch(screen(type("d0.5\r")), TITLES);
  const drawn = type("", 2 * SECOND_NS).match(/top - /g)!.length;
  assertEquals(drawn, 4);
  type("q");
});

test("k asks for a process and a signal, and sends it", () => {
  const { type, screen } = terminal();
  const [, pid] = /\[1\] (\d+)/.exec(type("sleep 99 &\r"))!;
  type("top\r", SECOND_NS);
  assertMatch(screen(type(`k${pid}`)), new RegExp(`PID to signal: ${pid}`));
  assertMatch(screen(type("\r")), /Send pid \d+ signal \[15\/TERM\]:/);
  type("9\r", 2 * SECOND_NS);
  assertMatch(screen(type("k999\r\r")), /Failed signal pid '999'.*No such/);
  assertMatch(screen(type("kx\r")), /Unacceptable integer/);
  assertMatch(screen(type("dx\r")), /Unacceptable floating point/);
  assertMatch(screen(type("k12\x7f\x7f\x1b")), TITLES);
  assertMatch(type("q", SECOND_NS), /Killed +sleep 99/);
});

test("another size of the window is taken up at once", () => {
  const { type, screen, session } = terminal();
  type("top -d 60\r", SECOND_NS);
  session.machine.resize(40, 9);
  const lines = screen(type("")).split("\n");
  assert(lines.length <= 9 && lines.every((line) => [...line].length <= 40));
  session.machine.resize(132, 43);
  assertMatch(screen(type("")), TITLES);
  type("q");
});

test("top says what it does not understand, and ends when nobody reads", () => {
  const cases: [string, RegExp][] = [
    ["top -d x", /^top: bad delay interval 'x'\n/],
    ["top -d 0", /^top: bad delay interval '0'\n/],
    ["top -b -n x", /^top: invalid iterations argument: 'x'\n/],
    ["top -b -o size", /^top: unrecognized field name 'size'\n/],
    ["top -p x", /^top: bad pid 'x'\n/],
    ["top -Q", /^top: invalid option -- 'Q'\n/],
    ["top now", /^top: extra operand 'now'\n/],
  ];
  for (const [command, message] of cases) {
    const { stderr, status } = sh(command);
    assertMatch(stderr, message);
    assertEquals(status, 1);
  }
  assertEquals(batch("top -b | head -n 1").split("\n").length, 2);
});

test("watch runs a command again and again, and draws its first screen", () => {
  const { type, raw, session } = terminal();
  session.machine.resize(60, 5);
  raw();
  const shown = type("watch -n 1 'seq 9; uptime'\r", 2.5 * SECOND_NS);
  assertEquals(shown.match(/Every 1\.0s: seq 9; uptime +10:00:0/g)!.length, 3);
  assertMatch(shown, /\n\n1\n2\n3Every/);
  assert(raw().includes(ENTER));
  assertMatch(type("\x03"), /kettle\$ $/);
  assert(raw().includes(LEAVE));
});

test("^C ends watch while its command runs, and the command with it", () => {
  const { type, raw } = terminal();
  type("watch 'sleep 99; cat'\r", SECOND_NS);
  assert(raw().includes(ENTER));
  assertMatch(type("x\x03", SECOND_NS), /kettle\$ $/);
  assert(raw().includes(LEAVE));
  assertMatch(type("pgrep sleep; echo $?\r", SECOND_NS), /\n1\nkettle/);
});

test("watch where there is no terminal: screens one after the other, and when it ends", () => {
  const print = (command: string) => sh(command).stdout;
  assertEquals(print("watch -t -n 0.1 -q 2 echo same"), "same\nsame\nsame\n");
  assertEquals(
    print("watch -t -n 0.1 -g 'echo x >> n; wc -l < n'"),
    "1\n2\n",
  );
  assertEquals(sh("watch -t -e 'exit 7'").status, 7);
  assertMatch(
    print("watch uptime | head -n 1"),
    /^Every 2\.0s: uptime +10:00:00\n$/,
  );
  assertMatch(sh("watch").stderr, /^watch: missing command\n/);
  assertMatch(
    sh("watch -n x ls").stderr,
    /^watch: failed to parse argument: 'x'/,
  );
});
