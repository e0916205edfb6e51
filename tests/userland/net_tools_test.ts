// nc, curl, netstat, ss, tcpdump and /proc/net: two machines and a cable, both
// with the programs of userland/bin. What each option does, what is said when
// nobody is there, and bytes that pass untouched.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  accept,
  bind,
  close,
  connect,
  listen,
  ms,
  type Program,
  read,
  s,
  setsockopt,
  sleep,
  socket,
  text,
  write,
} from "../../mod.ts";
import type { CableOptions } from "../../kernel/net/mod.ts";
import { binFiles, newMachine, type Setting } from "./programs.ts";

const SECOND_NS = 1_000_000_000;

/** Machines kettle and mirror on one cable. */
function network(setting: Setting = {}, options: CableOptions = {}) {
  const { world, machine } = newMachine(setting);
  const mirror = world.boot({ name: "mirror", files: binFiles() });
  const cable = world.cable(machine, mirror, options);
  /** Starts a shell command and does not wait for it. */
  const start = (command: string, on = machine, stdin?: string | Uint8Array) =>
    on.spawn("/bin/sh", ["-c", command], { cwd: "/home", stdin });
  const settle = (ns = SECOND_NS) => world.run({ untilNs: world.now + ns });
  /** Runs a shell command to its end. */
  const run = (command: string, on = machine, stdin?: string | Uint8Array) => {
    const process = start(command, on, stdin);
    const { reason, report } = world.run({
      until: process,
      budgetNs: 300 * SECOND_NS,
    });
    const { stdout, stderr, exit } = process;
    assert(
      exit !== null && "status" in exit,
      `${command}: ${reason} ${report}`,
    );
    return { stdout, stderr, status: exit.status };
  };
  const file = (path: string, on = machine) => {
    run("sync", on);
    return on.files.peek(path)!;
  };
  return { world, machine, mirror, cable, start, settle, run, file };
}

/** Every byte value, not UTF-8, longer than any buffer on the way. */
function noise(length: number): Uint8Array {
  const data = new Uint8Array(length);
  let state = 4711;
  for (let at = 0; at < length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    data[at] = state >>> 24;
  }
  return data;
}

// ------------------------------------------------------------- nc

test("nc carries bytes both ways at once, and each end's end of input ends its half", () => {
  const [there, back] = [noise(300_000), noise(200_001)];
  const net = network({ files: { "/home/there": there } });
  const server = net.mirror.spawn("/bin/sh", ["-c", "nc -l 9 >got"], {
    cwd: "/tmp",
    stdin: back,
  });
  net.settle();
  const client = net.run("nc mirror 9 <there >back");
  assertEquals(client, { stdout: "", stderr: "", status: 0 });
  net.world.run({ until: server });
  assertEquals(server.exit, { status: 0 });
  assertEquals(net.file("/tmp/got", net.mirror), there);
  assertEquals(net.file("/home/back"), back);
});

test("nc -l serves one client, -k one after another, -v says who", () => {
  const net = network();
  const once = net.start("nc -lv 9", net.mirror);
  net.settle();
  assertEquals(net.run("echo one | nc mirror 9").status, 0);
  net.settle();
  assertEquals(once.exit, { status: 0 });
  assertEquals(once.stdout, "one\n");
  assertMatch(
    once.stderr,
    /^Listening on \* 9\nConnection received on kettle 32768\n$/,
  );
  assertStringIncludes(
    net.run("echo two | nc mirror 9").stderr,
    "nc: connect to mirror port 9 (tcp) failed: ECONNREFUSED",
  );
  const server = net.start("nc -lk 9", net.mirror);
  net.settle();
  for (const word of ["one", "two", "three"]) {
    assertEquals(net.run(`echo ${word} | nc mirror 9`).status, 0);
  }
  net.settle();
  assertEquals(server.stdout, "one\ntwo\nthree\n");
  assertEquals(server.exit, null);
});

test("nc -z tells by its status whether a port answers, and with -v which", () => {
  const net = network();
  net.start("nc -lk 21", net.mirror);
  net.settle();
  assertEquals(net.run("nc -z mirror 21"), {
    stdout: "",
    stderr: "",
    status: 0,
  });
  assertEquals(net.run("nc -z mirror 22").status, 1);
  const { stderr, status } = net.run("nc -zv mirror 20-22");
  assertEquals(status, 0);
  assertEquals(stderr.split("\n"), [
    "nc: connect to mirror port 20 (tcp) failed: ECONNREFUSED, connection refused",
    "Connection to mirror 21 port [tcp/*] succeeded!",
    "nc: connect to mirror port 22 (tcp) failed: ECONNREFUSED, connection refused",
    "",
  ]);
});

test("nc says when a host is unknown, does not answer, or falls silent for -w seconds", () => {
  const net = network();
  assertEquals(net.run("nc nowhere 9"), {
    stdout: "",
    stderr:
      "nc: connect to nowhere port 9 (tcp) failed: ENETUNREACH, no cable leads there\n",
    status: 1,
  });
  net.start("sleep 5 | nc -l 9", net.mirror);
  net.settle();
  const before = net.world.now;
  const silent = net.run("echo hello | nc -w 2 mirror 9");
  assertEquals(silent, { stdout: "", stderr: "", status: 0 });
  const tookNs = net.world.now - before;
  assert(tookNs > 2 * SECOND_NS && tookNs < 2.2 * SECOND_NS);
  net.cable.isCut = true;
  const { stderr, status } = net.run("nc -w 3 mirror 10");
  assertMatch(stderr, /^nc: connect to mirror port 10 .* failed: ETIME, /);
  assertEquals(status, 1);
});

test("nc at a keyboard ends with its peer, and not before", () => {
  const net = network();
  net.start("{ sleep 4; echo bye; } | nc -l 9", net.mirror);
  net.settle();
  const client = net.machine.spawn("/bin/nc", ["mirror", "9"], {
    console: true,
  });
  net.settle();
  net.machine.type("hello\r");
  net.settle(0.5 * SECOND_NS);
  assertEquals(client.exit, null);
  net.settle(3 * SECOND_NS);
  assertEquals(client.exit, { status: 0 });
});

test("nc dies of SIGPIPE when nobody reads its output, and complains when the peer breaks off", () => {
  const net = network({ files: { "/home/f": noise(500_000) } });
  net.start("yes | nc -l 9", net.mirror);
  net.settle();
  const { stdout, stderr, status } = net.run(
    "nc mirror 9 </dev/null | head -n 2",
  );
  assertEquals([stdout, stderr, status], ["y\ny\n", "", 0]);
  net.mirror.spawn(deaf, []);
  net.settle();
  const broken = net.run("nc mirror 10 <f");
  assertMatch(broken.stderr, /^nc: (ECONNRESET|EPIPE), /);
  assertEquals(broken.status, 1);
});

/** Takes a connection on port 10 and closes it unread. */
function* deaf(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 10 });
  yield* listen(listener);
  const fd = yield* accept(listener);
  yield* sleep(10 * ms);
  yield* close(fd);
}

test("nc -u sends datagrams and gets them, and ends after -w seconds of silence", () => {
  const data = noise(5_000);
  const net = network({ files: { "/home/f": data } });
  const server = net.mirror.spawn(
    "/bin/sh",
    ["-c", "nc -luv -w 3 53 >/tmp/got"],
    { stdin: "an answer\n" },
  );
  net.settle();
  const client = net.run("nc -uv -w 2 mirror 53 <f");
  assertEquals(client, {
    stdout: "an answer\n",
    stderr: "Connection to mirror 53 port [udp/*] succeeded!\n",
    status: 0,
  });
  net.world.run({ until: server, budgetNs: 5 * SECOND_NS });
  assertMatch(
    server.stderr,
    /^Listening on \* 53\nConnection received on kettle /,
  );
  assertEquals(server.exit, { status: 0 });
  assertEquals(net.file("/tmp/got", net.mirror), data);
  const everybody = net.start("nc -luk 54", net.mirror);
  net.settle();
  assertEquals(net.run("echo one | nc -u -w 1 mirror 54").status, 0);
  assertEquals(net.run("echo two | nc -u -w 1 mirror 54").status, 0);
  assertEquals(everybody.stdout, "one\ntwo\n");
  assertMatch(
    net.run("ss -lu", net.mirror).stdout,
    /\nUNCONN 0 +0 +mirror:54 +\*:\*\n/,
  );
  assertMatch(net.run("echo | nc -u nowhere 53").stderr, /nc: .*ENETUNREACH/);
});

test("nc names what is wrong with how it was called, and a port that is taken", () => {
  const net = network();
  const complaints: [string, string][] = [
    ["nc", "must have a host and a port"],
    ["nc mirror", "must have a host and a port"],
    ["nc mirror http", "port number invalid: http"],
    ["nc mirror 0", "port number invalid: 0"],
    ["nc mirror 70000", "port number invalid: 70000"],
    ["nc mirror 9-8", "port number invalid: 9-8"],
    ["nc -l", "-l takes [HOST] PORT"],
    ["nc -l 8-9", "-l takes one port"],
    ["nc -k mirror 9", "-k needs -l"],
    ["nc -lz 9", "-l and -z exclude each other"],
    ["nc -uz mirror 9", "-u and -z exclude each other: nobody would answer"],
    ["nc -w soon mirror 9", "timeout invalid: soon"],
    ["nc -q mirror 9", "invalid option -- 'q'"],
  ];
  for (const [command, complaint] of complaints) {
    const { stderr, status } = net.run(command);
    assertStringIncludes(stderr, `nc: ${complaint}\n`);
    assertEquals(status, 1, command);
  }
  net.start("nc -l 9");
  net.settle();
  assertEquals(net.run("nc -l 9"), {
    stdout: "",
    stderr: "nc: port 9: EADDRINUSE, address already in use\n",
    status: 1,
  });
  assertEquals(
    net.run("nc -l nowhere 9").stderr,
    "nc: port 9: EADDRNOTAVAIL, address not available\n",
  );
});

// ------------------------------------------------------------- netstat, ss, /proc/net

/** Takes one connection on port 80 of two, and sends a little without reading. */
function* lazyServer(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, 4);
  const fd = yield* accept(listener);
  yield* write(fd, "hello");
  yield* sleep(100 * s);
}

/** Connects twice to mirror:80 and writes 100 bytes each time. */
function* twoClients(): Program {
  for (let i = 0; i < 2; i++) {
    const fd = yield* socket();
    yield* connect(fd, { host: "mirror", port: 80 });
    yield* write(fd, new Uint8Array(100));
  }
  yield* sleep(100 * s);
}

function busyNetwork() {
  const net = network();
  const server = net.mirror.spawn(lazyServer, [], { name: "lazy" });
  net.settle();
  const client = net.machine.spawn(twoClients, [], { name: "client" });
  net.settle();
  return { ...net, server, client };
}

test("netstat lists connections, -l listeners, -a both, -p whose they are", () => {
  const net = busyNetwork();
  const lines = (command: string) =>
    net.run(command, net.mirror).stdout.trimEnd().split("\n");
  const header =
    "Proto Recv-Q Send-Q Local Address           Foreign Address         State";
  assertEquals(lines("netstat -tn"), [
    "Active Internet connections (w/o servers)",
    header + "      ",
    "tcp      100      0 mirror:80               kettle:32768            ESTABLISHED",
    "tcp      100      0 mirror:80               kettle:32769            ESTABLISHED",
  ]);
  const listener = (queued: number) =>
    `tcp        ${queued}      0 mirror:80               *:*                     LISTEN`;
  assertEquals(lines("netstat -l").slice(2), [listener(1)]);
  assertEquals(lines("netstat -tlnp").slice(2), [
    `${listener(1)}      ${net.server.pid}/lazy`,
  ]);
  assertEquals(lines("netstat -a").length, 5);
  assertEquals(
    lines("netstat -a")[0],
    "Active Internet connections (servers and established)",
  );
});

test("ss shows states, queues, the backlog of a listener, and what TCP knows of a connection", () => {
  const net = busyNetwork();
  const lines = (command: string, on = net.mirror) =>
    net.run(command, on).stdout.trimEnd().split("\n");
  assertEquals(lines("ss -tl"), [
    "State  Recv-Q Send-Q Local Address:Port Peer Address:Port",
    "LISTEN 1      4               mirror:80               *:*",
  ]);
  const { pid } = net.client;
  const shown = lines("ss -tpi", net.machine);
  assertEquals(
    shown[1],
    "ESTAB 5      0            kettle:32768         mirror:80 " +
      `users:(("client",pid=${pid},fd=3))`,
  );
  assertMatch(
    shown[2]!,
    /^\t reno rto:\d+ rtt:[\d.]+ mss:1460 cwnd:10 .*snd_wnd:65[45]\d\d$/,
  );
  assertEquals(lines("ss").length, 3);
  assertMatch(lines("ss")[0]!, /^Netid State/);
  assertEquals(lines("ss -s"), [
    "Total: 3",
    "TCP:   3 (estab 2, orphaned 0, timewait 0)",
    "",
    "Transport Total",
    "RAW       0",
    "UDP       0",
    "TCP       3",
  ]);
  assertEquals(lines("ss -u").length, 1);
});

test("a SYN that is sent again and again is counted in ss -i", () => {
  const net = busyNetwork();
  net.cable.isCut = true;
  net.machine.spawn(function* () {
    const fd = yield* socket();
    yield* connect(fd, { host: "mirror", port: 80 });
  }, []);
  net.settle(3.5 * SECOND_NS);
  const { stdout } = net.run("ss -ti");
  assertMatch(stdout, /SYN-SENT .*kettle:32770 +mirror:80\n\t .* retrans:3 /);
});

test("netstat -i and /proc/net/dev count what the cards and the loopback carry", () => {
  const net = busyNetwork();
  let [sent, sentBytes, received, receivedBytes] = [0, 0, 0, 0];
  for (const event of net.world.trace.events()) {
    if (event.machine !== 0) continue;
    if (event.kind === "net_tx") {
      [sent, sentBytes] = [sent + 1, sentBytes + event.bytes];
    }
    if (event.kind !== "net_rx") continue;
    [received, receivedBytes] = [received + 1, receivedBytes + event.bytes];
  }
  assert(sent >= 6 && received >= 4);
  const [, header, lo, eth] = net.run("netstat -i").stdout.split("\n");
  assertMatch(header!, /^Iface +MTU +RX-OK RX-ERR/);
  assertMatch(lo!, /^lo +65536 +0 +0 +0 +0 +0 /);
  const row = ["eth0", 1500, received, 0, 0, 0, sent, 0, 0, 0, "BMRU"];
  assertEquals(eth!.split(/ +/), row.map(String));
  const dev = net.run("cat /proc/net/dev").stdout.split("\n");
  assertMatch(dev[0]!, /^Inter-\| +Receive +\| +Transmit$/);
  assertEquals(dev[3]!.trim().split(/[: ]+/), [
    "eth0",
    ...[receivedBytes, received, 0, 0, 0, 0, 0, 0].map(String),
    ...[sentBytes, sent, 0, 0, 0, 0, 0, 0].map(String),
  ]);
  net.start("nc -l 9 >/dev/null");
  net.settle();
  net.run("echo hello | nc localhost 9");
  assertMatch(net.run("netstat -i").stdout, /lo +65536 +[1-9]/);
  assertStringIncludes(
    net.run("cat /proc/net/hosts").stdout,
    "10.0.0.2\tmirror",
  );
});

test("netstat -s counts openings, refusals, segments sent again and full backlogs", () => {
  const net = network();
  net.mirror.spawn(narrowServer, []);
  net.settle();
  net.run("nc -z mirror 80"); // waits to be accepted
  net.run("nc -z mirror 81"); // is refused
  net.run("nc -w 4.5 mirror 80 </dev/null"); // SYNs at 0, 1, 2, 3, 4 s
  const sums = (on = net.machine) =>
    net.run("netstat -s", on).stdout.split("\n").map((line) => line.trim());
  const [client, server] = [sums(), sums(net.mirror)];
  const said = [
    [client, "3 active connection openings"],
    [client, "0 passive connection openings"],
    [client, "2 failed connection attempts"],
    [client, "4 segments retransmitted"],
    [client, "0 times the listen queue of a socket overflowed"],
    [server, "0 active connection openings"],
    [server, "1 passive connection openings"],
    [server, "1 resets sent"],
    [server, "5 times the listen queue of a socket overflowed"],
  ] as const;
  for (const [lines, line] of said) {
    assert(lines.includes(line), `${line}: ${lines.join("; ")}`);
  }
  const { stdout } = net.run("cat /proc/net/snmp");
  assertMatch(stdout, /^Tcp: ActiveOpens .* OutRsts\nTcp: 3 0 2 /);
});

/** Listens on port 80 with room for one, and takes none. */
function* narrowServer(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, 1);
  yield* sleep(1000 * s);
}

test("a SYN that found the backlog full is shown by tcpdump with its port", () => {
  const net = network();
  net.machine.spawn(narrowServer, []);
  net.settle();
  const dump = net.start("tcpdump dst port 80");
  net.settle();
  net.run("nc -z kettle 80", net.mirror);
  net.run("nc -w 1 -z kettle 80", net.mirror);
  net.settle();
  assertMatch(
    dump.stdout,
    /Drop IP mirror\.32769 > kettle\.80: Flags \[S\].* \[dropped: backlog full\]/,
  );
});

test("netstat and ss refuse what they do not know", () => {
  const net = network();
  for (const tool of ["netstat", "ss"]) {
    const { stderr, status } = net.run(`${tool} -z`);
    assertStringIncludes(stderr, `${tool}: invalid option -- 'z'`);
    assertEquals(status, 1);
    assertStringIncludes(net.run(`${tool} all`).stderr, "extra operand 'all'");
    assertMatch(net.run(`${tool} --help`).stdout, /^Usage: /);
  }
});

// ------------------------------------------------------------- tcpdump

/** What tcpdump on kettle shows of a command that runs there. */
function dumped(args: string, command: string, options: CableOptions = {}) {
  const net = network({}, options);
  net.start("nc -lk 80 >/dev/null", net.mirror);
  net.start("nc -lk 81 >/dev/null");
  net.settle();
  const dump = net.start(`exec tcpdump ${args}`);
  net.settle();
  net.run(command);
  net.settle();
  net.run(`kill -INT ${dump.pid}`);
  net.world.run({ until: dump, budgetNs: SECOND_NS });
  const lines = dump.stdout.split("\n").filter((line) => line !== "");
  return { ...net, lines, stderr: dump.stderr, exit: dump.exit };
}

/** The lines without their times. */
function untimed(lines: string[]): string[] {
  for (const line of lines) assertMatch(line, /^10:00:0\d\.\d{6} /);
  return lines.map((line) => line.slice(16));
}

test("tcpdump shows a connection from SYN to FIN: who, to whom, what, how long", () => {
  const { lines, stderr, exit } = dumped("", "echo hello | nc mirror 80");
  const out = "cable0 Out IP kettle.32768 > mirror.80: Flags";
  const into = "cable0 In  IP mirror.80 > kettle.32768: Flags";
  const first = "268435456";
  // Which of several acknowledgements are sent is not tcpdump's business.
  const isTold = (line: string) => !/Flags \[\.\].* length 0$/.test(line);
  const told = untimed(lines).filter(isTold)
    .map((line) => line.replace(/win \d+/, "win W"));
  assertEquals(told, [
    `${out} [S], seq ${first}, win W, length 0`,
    `${into} [S.], seq ${first}, ack 1, win W, length 0`,
    `${out} [.], seq 1:7, ack 1, win W, length 6`,
    `${out} [F.], seq 7, ack 1, win W, length 0`,
    `${into} [F.], seq 1, ack 8, win W, length 0`,
  ]);
  assertMatch(
    untimed(lines)[2]!,
    /Out .* Flags \[\.\], ack 1, win \d+, length 0$/,
  );
  assertMatch(untimed(lines).at(-1)!, /Out .* Flags \[\.\], ack 2, /);
  assertEquals(
    stderr,
    "tcpdump: listening on any, link-type EN10MB\n" +
      `${lines.length} packets captured\n`,
  );
  assertEquals(exit, { status: 0 });
});

test("tcpdump -S gives numbers as they are, -e the frames, -i one cable only", () => {
  const { lines } = dumped("-S -e -i 0", "echo x | nc mirror 80");
  assertEquals(
    untimed(lines)[3],
    "02:00:00:00:00:01 > 02:00:00:00:00:02, length 64: " +
      "IP kettle.32768 > mirror.80: Flags [.], seq 268435457:268435459, " +
      "ack 268435457, win 65536, length 2",
  );
  const talk = "echo x | nc mirror 80; echo x | nc localhost 81";
  const count = (cable: string) => dumped(`-i ${cable}`, talk).lines.length;
  const [lo, cable, any, other] = ["lo", "cable0", "any", "7"].map(count);
  assert(lo! >= 6 && cable! >= 6);
  assertEquals([any, other], [lo! + cable!, 0]);
});

test("tcpdump ends by itself after -c packets", () => {
  const net = network();
  const dump = net.start("tcpdump -c 2");
  net.settle();
  net.run("nc mirror 80");
  net.settle();
  assertEquals(dump.exit, { status: 0 });
  const [syn, reset, ...more] = untimed(dump.stdout.trimEnd().split("\n"));
  assertMatch(syn!, /Flags \[S\]/);
  assertMatch(reset!, /Flags \[R\.\], seq 0, ack 1,/);
  assertEquals(more, []);
});

test("tcpdump takes a filter of hosts, ports, directions, sizes, and, or, not", () => {
  const net = network();
  net.start("nc -lk 80 >/dev/null", net.mirror);
  net.start("nc -lk 81 >/dev/null");
  // What each filter lets through, as a pattern of the lines of tcpdump -e.
  const filters: [string, RegExp][] = [
    ["", /./],
    ["host mirror", /mirror/],
    ["mirror", /mirror/],
    ["src mirror", / mirror\.80 >/],
    ["dst host mirror", /> mirror\.80:/],
    ["port 81", /localhost|\.81\b/],
    ["src port 80 or dst port 80", /\.80\b/],
    ["port 80 or 81", /./],
    ["tcp port 80", /\.80\b/],
    ["udp", /never/],
    ["not port 80", /\.81\b/],
    ["'! ( port 80 || port 81 )'", /never/],
    ["'!port 80&&tcp'", /\.81\b/],
    ["src kettle and dst kettle", /kettle.*kettle/],
    ["port 80 and greater 78", /length 78: .*\.80\b/],
    ["less 64 and host mirror", /length 64: .*mirror/],
    // From left to right: not "80 or (81 and udp)".
    ["port 80 or port 81 and udp", /never/],
  ];
  net.settle();
  const dumps = filters.map(([filter]) =>
    net.start(`exec tcpdump -e ${filter}`)
  );
  net.settle();
  net.run("echo x | nc mirror 80; echo x | nc localhost 81");
  net.settle();
  net.run(`kill -INT ${dumps.map(({ pid }) => pid).join(" ")}`);
  net.settle();
  const all = dumps[0]!.stdout.trimEnd().split("\n");
  assert(all.length > 12);
  filters.forEach(([filter, pattern], i) => {
    const shown = dumps[i]!.stdout.split("\n").filter((line) => line !== "");
    // A filter sees other connections' beginnings or not: numbers may differ.
    const bare = (line: string) => line.replace(/(seq|ack) [\d:]+/g, "$1");
    const wanted = all.filter((line) => pattern.test(line));
    assertEquals(shown.map(bare), wanted.map(bare), filter);
  });
});

test("tcpdump shows what got lost on its way here, and why", () => {
  const rule = ({ what }: { what: string }) =>
    what.includes("SYN+ACK") ? "drop" as const : "pass" as const;
  const { lines } = dumped("", "nc -w 2 mirror 80", { rule });
  assertStringIncludes(
    untimed(lines)[1]!,
    "cable0 Drop IP mirror.80 > kettle.32768: Flags [S.]",
  );
  assertMatch(lines[1]!, / \[dropped: lost on the cable\]$/);
});

test("tcpdump names a bad filter, a bad option, and a file that it cannot write", () => {
  const net = network();
  const complaints: [string, string][] = [
    ["tcpdump host nowhere", "unknown host 'nowhere'"],
    ["tcpdump port http", "'http' in the filter is no number"],
    ["tcpdump port", "the filter ends too early"],
    ["tcpdump '(' port 80", "the filter ends too early"],
    ["tcpdump port 80 81", "syntax error in the filter at '81'"],
    ["tcpdump tcp and", "the filter ends too early"],
    ["tcpdump -c many", "invalid number: 'many'"],
    ["tcpdump -i eth0", "no such cable: 'eth0'"],
    ["tcpdump -x", "invalid option -- 'x'"],
    ["tcpdump -w nodir/f", "nodir/f: No such file or directory"],
  ];
  for (const [command, complaint] of complaints) {
    const { stderr, status } = net.run(command);
    assertStringIncludes(stderr, `tcpdump: ${complaint}\n`);
    assertEquals(status, 1, command);
  }
});

test("tcpdump dies of SIGPIPE when nobody reads it", () => {
  const net = network();
  const dump = net.start("tcpdump | head -n 1");
  net.settle();
  for (let i = 0; i < 3; i++) {
    net.run("nc -z mirror 80");
    net.settle();
  }
  assertEquals(dump.exit, { status: 0 });
  assertEquals(dump.stdout.split("\n").length, 2);
});

// ------------------------------------------------------------- curl

/** A server on port 80 that answers every connection with these bytes, whatever is asked. */
function answering(answer: string | Uint8Array, breaksOff = false) {
  const asked: string[] = [];
  function* serve(): Program {
    const listener = yield* socket();
    yield* bind(listener, { port: 80 });
    yield* listen(listener, 8);
    while (true) {
      const fd = yield* accept(listener);
      let request = "";
      while (!/\r\n\r\n/.test(request)) request += text(yield* read(fd, 4096));
      const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
      const headBytes = request.indexOf("\r\n\r\n") + 4;
      while (request.length < headBytes + length) {
        request += text(yield* read(fd, 4096));
      }
      asked.push(request);
      if (breaksOff) yield* setsockopt(fd, { linger0: true });
      yield* write(fd, answer);
      if (breaksOff) yield* sleep(50 * ms);
      yield* close(fd);
    }
  }
  const net = network({ files: { "/home/form": "a=1&b=2" } });
  net.mirror.spawn(serve, []);
  net.settle();
  return { ...net, asked };
}

const HELLO = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" +
  "Content-Length: 6\r\n\r\nhello\n";

test("curl asks for a path with GET, and writes the body to standard output", () => {
  const net = answering(HELLO);
  assertEquals(net.run("curl http://mirror/a/b?c=d#part"), {
    stdout: "hello\n",
    stderr: "",
    status: 0,
  });
  assertEquals(
    net.asked[0],
    "GET /a/b?c=d HTTP/1.1\r\nHost: mirror\r\nUser-Agent: curl/kettle\r\n" +
      "Accept: */*\r\nConnection: close\r\n\r\n",
  );
  assertEquals(net.run("curl mirror mirror:80").stdout, "hello\nhello\n");
});

test("curl -i shows the headers too, -I asks for them only, -v shows both sides", () => {
  const net = answering(HELLO);
  const head = HELLO.slice(0, -"hello\n".length);
  assertEquals(net.run("curl -i mirror").stdout, HELLO);
  assertEquals(net.run("curl -I mirror").stdout, head);
  assertMatch(net.asked[1]!, /^HEAD \/ HTTP/);
  const { stdout, stderr } = net.run("curl -v mirror");
  assertEquals(stdout, "hello\n");
  assertEquals(stderr.split("\n"), [
    "*   Trying mirror:80...",
    "* Connected to mirror port 80",
    "> GET / HTTP/1.1",
    "> Host: mirror",
    "> User-Agent: curl/kettle",
    "> Accept: */*",
    "> Connection: close",
    ">",
    "< HTTP/1.1 200 OK",
    "< Content-Type: text/plain",
    "< Content-Length: 6",
    "<",
    "* Closing connection",
    "",
  ]);
});

test("curl -d posts text, a file or the input; -X and -H change the request", () => {
  const net = answering(HELLO);
  net.run("curl -d x=y mirror/form");
  assertMatch(net.asked[0]!, /^POST \/form HTTP\/1.1\r\n/);
  assertMatch(net.asked[0]!, /\r\nContent-Length: 3\r\n/);
  assertMatch(net.asked[0]!, /\r\n\r\nx=y$/);
  net.run("curl -d @form mirror");
  assertMatch(net.asked[1]!, /\r\n\r\na=1&b=2$/);
  net.run("echo from input | curl --data=@- mirror");
  assertMatch(net.asked[2]!, /\r\n\r\nfrom input\n$/);
  net.run(
    "curl -X DELETE -H 'Host: other' -H 'X-Mine: a: b' -sHAccept: mirror",
  );
  assertEquals(
    net.asked[3],
    "DELETE / HTTP/1.1\r\nHost: other\r\nUser-Agent: curl/kettle\r\n" +
      "Connection: close\r\nX-Mine: a: b\r\n\r\n",
  );
  assertEquals(net.run("curl -d @nofile mirror"), {
    stdout: "",
    stderr: "curl: (26) nofile: ENOENT, no such file or directory\n",
    status: 26,
  });
});

test("curl -o saves bytes untouched: by length, to the end of the stream, in chunks", () => {
  const data = noise(100_000);
  const hex = (length: number) => length.toString(16);
  const chunked = joined(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    `${hex(99_999)};note=x\r\n`,
    data.subarray(0, 99_999),
    "\r\n1\r\n",
    data.subarray(99_999),
    "\r\n0\r\nTrailer: yes\r\n\r\nmore that is not asked for",
  );
  const answers = [
    joined(`HTTP/1.1 200 OK\r\nContent-Length: ${data.length}\r\n\r\n`, data),
    joined("HTTP/1.0 200 OK\r\n\r\n", data),
    joined("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\n\n", data),
    chunked,
  ];
  for (const answer of answers) {
    const net = answering(answer);
    const { stdout, stderr, status } = net.run(
      "curl -o got -w '%{size_download}' mirror",
    );
    assertEquals([stdout, stderr, status], ["100000", "", 0]);
    assertEquals(net.file("/home/got"), data);
  }
});

function joined(...parts: (string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) =>
      typeof part === "string" ? [...new TextEncoder().encode(part)] : [...part]
    ),
  );
}

test("curl -w tells status, sizes and times, which are those of the wire", () => {
  const net = answering(
    "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n",
  );
  const format =
    "%{http_code} %{size_download} %{size_header} %{method} 100%% %{nonsense}\\n" +
    "%{time_connect} %{time_starttransfer} %{time_total}\\n";
  const { stdout, status } = net.run(`curl -s -w '${format}' mirror`);
  assertEquals(status, 0);
  const [body, said, times] = stdout.split("\n");
  assertEquals(body, "no");
  assertEquals(said, "404 3 45 GET 100% %{nonsense}");
  const [connect = 0, first = 0, total = 0] = times!.split(" ").map(Number);
  // One round trip of 100 us for the handshake, one more for the answer.
  assert(connect > 100e-6 && connect < 120e-6, `${connect}`);
  assert(first > connect + 100e-6 && first < connect + 200e-6, `${first}`);
  assert(total >= first && total < first + 100e-6, `${total}`);
});

test("curl -f ends with 22 and prints nothing when the server says 400 or more", () => {
  const net = answering(
    "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n",
  );
  assertEquals(net.run("curl mirror"), {
    stdout: "no\n",
    stderr: "",
    status: 0,
  });
  assertEquals(net.run("curl -f mirror"), {
    stdout: "",
    stderr: "curl: (22) The requested URL returned error: 404\n",
    status: 22,
  });
  assertEquals(net.run("curl -sf mirror").stderr, "");
  assertMatch(net.run("curl -sSf mirror").stderr, /\(22\)/);
});

test("curl ends with 6 for an unknown host, 7 when refused, 28 when it takes too long", () => {
  const net = network();
  assertEquals(net.run("curl http://nowhere/"), {
    stdout: "",
    stderr: "curl: (6) Could not resolve host: nowhere\n",
    status: 6,
  });
  assertEquals(net.run("curl http://mirror:81/"), {
    stdout: "",
    stderr:
      "curl: (7) Failed to connect to mirror port 81: ECONNREFUSED, connection refused\n",
    status: 7,
  });
  net.start("sleep 100 | nc -l 80", net.mirror);
  net.settle();
  const startNs = net.world.now;
  assertEquals(net.run("curl --max-time 1.5 mirror"), {
    stdout: "",
    stderr: "curl: (28) Operation timed out\n",
    status: 28,
  });
  const tookNs = net.world.now - startNs;
  assert(tookNs > 1.5 * SECOND_NS && tookNs < 1.6 * SECOND_NS);
  net.cable.isCut = true;
  for (const option of ["-m 1", "--connect-timeout 1"]) {
    const { stderr, status } = net.run(`curl ${option} mirror:82`);
    assertEquals(stderr, "curl: (28) Connection to mirror port 82 timed out\n");
    assertEquals(status, 28);
  }
});

test("curl says what is wrong with an answer", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const answers: [string, number, RegExp][] = [
    ["", 52, /Empty reply from server/],
    [`${head}Content-Length: 9\r\n\r\nhello`, 18, /with 4 bytes missing/],
    [`${head}Content-Length: many\r\n\r\n`, 8, /Invalid Content-Length/],
    [`${head}no colon\r\n\r\n`, 8, /Header without colon/],
    [`${head}Content-Le`, 56, /ended within the headers/],
    ["hello", 1, /HTTP\/0.9/],
    ["SSH-2.0\r\n\r\n", 1, /HTTP\/0.9/],
    ["HTTP/1.1 two hundred\r\n\r\n", 8, /Weird server reply/],
    [`${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 56, /Bad chunk/],
    [`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabcd`, 56, /Bad chunk/],
    [
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabc`,
      18,
      /2 bytes missing/,
    ],
  ];
  for (const [answer, code, complaint] of answers) {
    const { stderr, status } = answering(answer).run("curl mirror");
    assertMatch(stderr, complaint);
    assertEquals(status, code, answer);
  }
  const { stderr, status } = answering(`${head}Content-Length: 9\r\n\r\n`, true)
    .run("curl mirror");
  assertMatch(stderr, /^curl: \(56\) Recv failure: ECONNRESET/);
  assertEquals(status, 56);
});

test("curl complains about how it was called, and about what it cannot write", () => {
  const net = answering(HELLO);
  const complaints: [string, number, string][] = [
    ["curl", 2, "curl: no URL specified\n"],
    ["curl -q mirror", 2, "curl: invalid option -- 'q'\n"],
    ["curl mirror -H", 2, "curl: option '-H' requires an argument\n"],
    ["curl -m soon mirror", 2, "curl: invalid time: 'soon'\n"],
    ["curl https://mirror/", 1, 'curl: (1) Protocol "https" not supported\n'],
    ["curl http:///x", 3, "curl: (3) URL using bad/illegal format"],
    ["curl mirror:http", 3, "curl: (3) Port number was not a decimal number"],
    ["curl 'mirror/a b'", 3, "curl: (3) URL using bad/illegal format"],
    [
      "curl -o nodir/f mirror",
      23,
      "curl: (23) Failed to open the file nodir/f",
    ],
  ];
  for (const [command, code, complaint] of complaints) {
    const { stderr, status } = net.run(command);
    assertStringIncludes(stderr, complaint);
    assertEquals(status, code, command);
  }
  assertMatch(net.run("curl --help").stdout, /^Usage: curl /);
});

test("curl dies of SIGPIPE when nobody reads it, and goes on after a URL that fails", () => {
  const long = "HTTP/1.0 200 OK\r\n\r\n" + "line\n".repeat(100_000);
  const net = answering(long);
  assertEquals(net.run("curl mirror | head -n 1"), {
    stdout: "line\n",
    stderr: "",
    status: 0,
  });
  const both = net.run("curl nowhere mirror | tail -n 1");
  assertEquals(both.stdout, "line\n");
  assertMatch(both.stderr, /\(6\)/);
});
