// Why a thread is not running: each kind of wait, brought about by a program that
// does nothing else, and what ps says of it.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  accept,
  bind,
  bytes,
  cell,
  chain,
  compute,
  connect,
  futexWait,
  join,
  listen,
  mask,
  ms,
  open,
  pause,
  pipe,
  type Program,
  push,
  read,
  ready,
  recvfrom,
  s,
  sleep,
  socket,
  spawn,
  submit,
  thread,
  wait,
  waitpid,
  within,
  write,
} from "../../mod.ts";
import type { Main } from "../../kernel/abi.ts";
import type { Machine } from "../../kernel/mod.ts";
import { binFiles, newMachine, sh } from "./programs.ts";

const KIB = 1024;

/** Starts them, lets 20 ms pass, and asks ps: name → why, of each thread. */
function whys(
  programs: Record<string, Main>,
  setting: { network?: boolean; cpus?: number } = {},
): Map<string, string> {
  const { world, machine } = newMachine({
    machine: { cpus: setting.cpus ?? 4 },
    files: { "/home/large": new Uint8Array(4 * KIB * KIB) },
  });
  if (setting.network) {
    const mirror = world.boot({ name: "mirror", files: binFiles() });
    world.cable(machine, mirror, { latencyNs: 1 * s });
  }
  const started = Object.entries(programs).map(([name, main]) =>
    machine.spawn(main, [], { name, cwd: "/home" })
  );
  world.run({ untilNs: world.now + 30 * ms });
  const table = psOf(machine);
  assertEquals(started.map(({ stderr }) => stderr).join(""), "");
  return table;
}

function psOf(machine: Machine): Map<string, string> {
  const ps = machine.spawn(
    "/bin/ps",
    ["-L", "--no-headers", "-o", "comm,state,wchan"],
  );
  machine.world.run({ until: ps, budgetNs: 1 * s });
  const rows = ps.stdout.trimEnd().split("\n").map((line) => {
    const [, name = "", rest = ""] = /^(\S+) +(.*)$/.exec(line.trim()) ?? [];
    return [name, rest] as [string, string];
  });
  return new Map(rows);
}

test("files, pipes, children, threads, time: each wait is told by what it waits for", () => {
  const found = whys({
    *emptyPipe(): Program {
      const [from] = yield* pipe();
      yield* read(from, 10);
    },
    *fullPipe(): Program {
      const [, to] = yield* pipe();
      yield* write(to, new Uint8Array(70_000));
    },
    *readyPipe(): Program {
      const [from] = yield* pipe();
      yield* ready(from, "in");
    },
    *sleeper(): Program {
      yield* sleep(5 * s);
    },
    *limited(): Program {
      const [from] = yield* pipe();
      yield* within(9 * s, read(from, 10));
    },
    *parent(): Program {
      const child = yield* spawn(function* nap(): Program {
        yield* sleep(5 * s);
      }, []);
      yield* waitpid(child);
    },
    *joiner(): Program {
      yield* join(
        yield* thread(function* (): Program {
          yield* sleep(5 * s);
        }),
      );
    },
    *futex(): Program {
      const word = cell(7);
      yield* thread(function* holder(): Program {
        yield* sleep(5 * s);
      });
      yield* futexWait(word, 7);
    },
    *chained(): Program {
      yield* chain(sleep(1 * ms), sleep(8 * s));
    },
  });
  const expected: Record<string, RegExp> = {
    emptyPipe: /^S +pipe: nobody has written, pipe \d+ is empty$/,
    fullPipe: /^S +pipe: nobody reads, pipe \d+ is full$/,
    readyPipe: /^S +ready: pipe \d+.* is not ready for in$/,
    sleeper: /^S +timer: 4\.9 s of its sleep left$/,
    limited: /^S +pipe: nobody has written.*\(within a time limit\)$/,
    parent: /^S +child: nap \(pid \d+\) has not ended$/,
    joiner: /^S +thread: \d+ has not ended$/,
    futex: /^S +futex: held by thread \d+ of pid \d+, its cell is 7$/,
    chained: /^S +event: member 2 of 2 of a chain: time to pass$/,
  };
  for (const [name, words] of Object.entries(expected)) {
    assertMatch(found.get(name) ?? "", words, name);
  }
});

test("doors 2 and 3: a wait names the requests it waits for", () => {
  const found = whys({
    *waiter(): Program {
      const [from] = yield* pipe();
      yield* submit(read(from, 10));
      yield* submit(sleep(5 * s));
      yield* submit(sleep(6 * s));
      yield* wait();
    },
    *oneHandle(): Program {
      const handle = yield* submit(sleep(5 * s));
      yield* wait(handle, { timeout: 4 * s });
    },
    *pushed(): Program {
      const [from] = yield* pipe();
      yield* push(read(from, 10), () => {});
      yield* pause();
    },
    *signalled(): Program {
      yield* pause();
    },
    *masked(): Program {
      yield* mask(["io"]);
      yield* push(sleep(1 * ms), () => {});
      yield* sleep(5 * s);
    },
  });
  const expected: Record<string, RegExp> = {
    waiter:
      /^S +event: read\(3, 10\) \(pipe: nobody has written.*\), sleep\(5000000000\) \(timer: 4\.9 s of its sleep left\) and 1 more$/,
    oneHandle: /^S +event: sleep\(5000000000\) \(timer: 4\.9 s/,
    pushed: /^S +pause: callback of read\(3, 10\) \(pipe: nobody has written/,
    signalled: /^S +pause: a signal has not come$/,
    masked: /^S +timer: 4\.9 s of its sleep left; 1 callback is masked$/,
  };
  for (const [name, words] of Object.entries(expected)) {
    assertMatch(found.get(name) ?? "", words, name);
  }
});

test("the network: who waits for a connection, an answer, bytes, room, a datagram", () => {
  const found = whys({
    *acceptor(): Program {
      const fd = yield* socket();
      yield* bind(fd, { port: 80 });
      yield* listen(fd, 4);
      yield* accept(fd);
    },
    *connector(): Program {
      yield* connect(yield* socket(), { host: "mirror", port: 80 });
    },
    *reader(): Program {
      const fd = yield* socket();
      yield* bind(fd, { port: 81 });
      yield* listen(fd, 4);
      const client = yield* socket();
      yield* connect(client, { host: "localhost", port: 81 });
      yield* read(client, 10);
    },
    *writer(): Program {
      const fd = yield* socket();
      yield* bind(fd, { port: 82 });
      yield* listen(fd, 4);
      const client = yield* socket();
      yield* connect(client, { host: "localhost", port: 82 });
      yield* write(client, new Uint8Array(4 * KIB * KIB));
    },
    *datagrams(): Program {
      const fd = yield* socket("datagram");
      yield* bind(fd, { port: 53 });
      yield* recvfrom(fd, 100);
    },
  }, { network: true });
  const expected: Record<string, RegExp> = {
    acceptor: /^S +net: nobody connects to socket \S*:80 \(listening\)$/,
    connector: /^S +net: an answer to socket kettle:\d+ to mirror:80$/,
    reader: /^S +net: bytes from socket/,
    writer: /^S +net: room in socket/,
    datagrams: /^S +net: a datagram at/,
  };
  for (const [name, words] of Object.entries(expected)) {
    assertMatch(found.get(name) ?? "", words, name);
  }
});

test("the disk: state D, and where its arm is", () => {
  const { world, machine } = newMachine({
    files: { "/home/large": new Uint8Array(64 * KIB) },
  });
  machine.spawn("/bin/ps", []); // its source is in the page cache from now on
  world.run({ budgetNs: 1 * s });
  machine.spawn(
    function* reader(): Program {
      yield* read(yield* open("/home/large"), 4096);
    },
    [],
    { name: "reader" },
  );
  const seen = new Set<string>();
  for (let i = 0; i < 12; i++) {
    const row = psOf(machine).get("reader");
    if (row !== undefined) seen.add(row.replace(/[\d.]+/g, "N"));
    world.run({ untilNs: world.now + 1 * ms });
  }
  const all = [...seen].join("\n");
  assertMatch(all, /^D +disk: read, seek to cylinder N, N ms left$/m);
  assertMatch(all, /^D +disk: read, waiting for the platter to turn/m);
});

test("who is ready says who has the CPU; who is stopped and who has ended say so", () => {
  const { world, machine } = newMachine();
  const busy = function* (): Program {
    yield* compute(10 * s);
  };
  machine.spawn(busy, [], { name: "one" });
  machine.spawn(busy, [], { name: "two" });
  machine.spawn(
    function* parent(): Program {
      yield* spawn(function* ended(): Program {}, []);
      yield* sleep(9 * s);
    },
    [],
    { name: "parent" },
  );
  const stopped = machine.spawn(busy, [], { name: "held" });
  machine.spawn("/bin/kill", ["-STOP", String(stopped.pid)]);
  world.run({ untilNs: world.now + 100 * ms });
  const ps = machine.spawn("/bin/ps", ["-o", "comm,state,wchan"]);
  world.run({ until: ps, budgetNs: 1 * s });
  assertMatch(ps.stdout, /^(one|two) +R +cpu: .*behind ps \(pid \d+\)$/m);
  assertMatch(ps.stdout, /^held +T +stopped by SIGSTOP: waits for SIGCONT$/m);
  assertMatch(
    ps.stdout,
    /^ended +Z +ended: its parent has not collected it$/m,
  );
  assertMatch(ps.stdout, /^ps +R +-$/m);
});

test("who reads the console waits for keys, and who writes a lot for the terminal", () => {
  const { world, machine } = newMachine();
  machine.spawn("/bin/cat", [], { console: true, name: "cat" });
  world.run({ untilNs: world.now + 1 * s });
  assertMatch(psOf(machine).get("cat")!, /^S +keys: nobody has typed$/);
  machine.spawn(
    function* loud(): Program {
      yield* write(1, bytes("x".repeat(100_000)));
    },
    [],
    { console: true, name: "loud" },
  );
  world.run({ untilNs: world.now + 10 * ms });
  assertMatch(
    psOf(machine).get("loud")!,
    /^S +event: the terminal to keep up$/,
  );
});

test("/proc/PID/requests lists what the kernel does for a program meanwhile", () => {
  const { stdout } = sh("./many & sleep 0.1; cat /proc/$!/requests; kill $!", {
    files: { "/home/many": "" },
    programs: {
      *"/home/many"(): Program {
        const [from] = yield* pipe();
        yield* submit(read(from, 10));
        yield* push(sleep(5 * s), () => {});
        yield* submit(sleep(1));
        yield* sleep(9 * s);
      },
    },
  });
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 4);
  assertMatch(
    lines[0]!,
    /^call {2}thread \d+ {2}sleep\(9000000000\) {2}timer: 8/,
  );
  assertMatch(lines[1]!, /^submit {2}#1 {2}read\(3, 10\) {2}pipe: nobody has/);
  assertMatch(lines[2]!, /^push {2}#2 {2}sleep\(5000000000\) {2}timer: 4\.9 s/);
  assertMatch(
    lines[3]!,
    /^submit {2}#3 {2}sleep\(1\) {2}done: its event is not/,
  );
  assert(!stdout.includes("undefined"));
});

test("arguments that throw when they are looked at do no harm", () => {
  const found = whys({
    *hostile(): Program {
      const word = cell(7);
      yield* thread(function* (): Program {
        yield* sleep(1 * ms);
        Object.defineProperty(word, "value", {
          get() {
            throw new Error("hands off");
          },
        });
        yield* sleep(9 * s);
      });
      yield* futexWait(word, 7);
    },
    *odd(): Program {
      const word = cell(7);
      yield* thread(function* (): Program {
        yield* sleep(1 * ms);
        Object.assign(word, { value: Symbol("odd") });
        yield* sleep(9 * s);
      });
      yield* futexWait(word, 7);
    },
  });
  assertMatch(
    found.get("hostile")!,
    /something that throws when it is looked at/,
  );
  assertMatch(found.get("odd")!, /futex: held by thread \d+ .* cell is symbol/);
});
