// The tools that look at the disk: what they print, their options, and what they
// say when something is wrong.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { open, type Program, readAll } from "kettle";
import type { World } from "../../kernel/mod.ts";
import type { TraceEvent } from "../../kernel/trace.ts";
import { humanSize, scaled } from "../../userland/lib/sizes.ts";
import { sh } from "./programs.ts";

type BlockIssue = Extract<TraceEvent, { kind: "block_issue" }>;

const SETTING = { files: { "/home/a": "a".repeat(10_000), "/home/d/b": "b" } };

function output(command: string): string {
  const { stdout, stderr, status } = sh(command, SETTING);
  assertEquals({ stderr, status }, { stderr: "", status: 0 });
  return stdout;
}

function failure(command: string) {
  const { stderr, status } = sh(command, SETTING);
  return { stderr, status };
}

test("sizes for people have a unit and at most four characters, rounded up", () => {
  const sizes = [
    0,
    1023,
    1024,
    1025,
    10_240,
    1_048_576,
    1.5 * 2 ** 30,
    2 ** 40,
  ];
  assertEquals(
    sizes.map(humanSize),
    ["0", "1023", "1.0K", "1.1K", "10K", "1.0M", "1.5G", "1.0T"],
  );
});

test("sizes by 1000 and by 1024 are rounded to the nearest, as GNU dd has them", () => {
  const both = (bytes: number) => [scaled(bytes, 1000), scaled(bytes, 1024)];
  assertEquals(both(999), ["999 B", "999 B"]);
  assertEquals(both(4_194_304), ["4.2 MB", "4.0 MiB"]);
  assertEquals(both(999_999), ["1.0 MB", "977 KiB"]);
  assertEquals(both(9_960), ["10 kB", "9.7 KiB"]);
  assertEquals(scaled(2 ** 40, 1024), "1.0 TiB");
});

test("df tells the size of each file system, what is used, and what a file takes", () => {
  assertMatch(
    output("df"),
    /^Filesystem {5}1K-blocks +Used Available Use% Mounted on\n\/dev\/hda +1048576 +\d+ +\d+ +\d+% \/\n/,
  );
  assertMatch(
    output("df -h /home"),
    /^Filesystem +Size +Used +Avail +Use% Mounted on\n\/dev\/hda +1\.0G/,
  );
  assertMatch(output("df -T /"), /Filesystem +Type .*\n\/dev\/hda +disk /);
  assertMatch(output("df -i /"), /131072 +\d+ +\d+ +1% \/\n$/);
  assertMatch(output("df -ih"), /128K +\d+ +128K +1% \/\n$/);
  const used = (text: string) => Number(/hda +\d+ +(\d+)/.exec(text)![1]);
  const grown = output("df; head -c 100000 /dev/zero > big; df").split(
    "Filesystem",
  );
  assertEquals(used(grown[2]!) - used(grown[1]!), 100);
});

test("df shows what keeps nothing with -a, or when it is asked for", () => {
  assertEquals(output("df").split("\n").length, 3);
  assertMatch(output("df -a"), /^proc +0 +0 +0 +- \/proc$/m);
  assertMatch(output("df /dev/null"), /^dev +0 +0 +0 +- \/dev$/m);
  assertEquals(
    output("df /home /tmp").match(/^\/dev\/hda/gm)!.length,
    2,
  );
});

test("df and du name what is not there, and go on", () => {
  assertEquals(failure("df nofile / > /dev/null"), {
    stderr: "df: nofile: No such file or directory\n",
    status: 1,
  });
  assertEquals(failure("du nofile d > /dev/null"), {
    stderr: "du: cannot access 'nofile': No such file or directory\n",
    status: 1,
  });
});

test("du adds up blocks: directories from below, a second name not again", () => {
  assertEquals(output("du"), "8\t./d\n24\t.\n");
  assertEquals(output("du -s"), "24\t.\n");
  assertEquals(output("du -a d a"), "4\td/b\n8\td\n12\ta\n");
  assertEquals(output("du -h d"), "8.0K\td\n");
  assertEquals(output("du -d 0 ."), "24\t.\n");
  assertEquals(
    output("ln a d/second; du -a"),
    "12\t./a\n4\t./d/b\n8\t./d\n24\t.\n",
  );
  assertMatch(
    failure("du -s -a").stderr,
    /^du: cannot both summarize and show all entries\n/,
  );
  assertMatch(failure("du -d x").stderr, /^du: invalid maximum depth 'x'\n/);
});

test("a file of holes takes no blocks, whatever its size", () => {
  assertEquals(
    output(
      "dd if=/dev/zero of=holes bs=1 count=1 seek=1000000 status=none; du holes",
    ),
    "4\tholes\n",
  );
});

test("sync waits for the disk, and fsyncs the files it is given", () => {
  const { machine } = sh("echo text > f; sync", SETTING);
  assertEquals(machine.files.disk.cache.dirtyCount, 0);
  assertEquals(failure("sync f nofile"), {
    stderr:
      "sync: error opening 'f': No such file or directory\nsync: error opening 'nofile': No such file or directory\n",
    status: 1,
  });
});

test("mount tells what is mounted, and mounts nothing", () => {
  assertEquals(
    output("mount"),
    "/dev/hda on / type disk (rw)\ndev on /dev type dev (rw)\nproc on /proc type proc (ro)\n",
  );
  assertMatch(
    failure("mount /dev/hda /mnt").stderr,
    /there is one disk, and it is mounted already/,
  );
});

test("sync of a directory is durable: its names are there after a power cut", () => {
  const { machine, world } = sh("echo text > d/new; sync d d/new", SETTING);
  machine.pullPlug();
  machine.powerOn();
  const cat = machine.spawn("/bin/cat", ["/home/d/new"]);
  world.run({ until: cat });
  assertEquals([cat.stdout, cat.exit], ["text\n", { status: 0 }]);
});

test("free adds up, and shows what the page cache has", () => {
  const text = output("cat a > /dev/null; free");
  assertMatch(text, /^ +total +used +free +buff\/cache +dirty +available\n/);
  const [, total, used, free, cache] = text.split("\n")[1]!
    .split(/ +/).map(Number);
  assertEquals(used! + free! + cache!, total);
  assert(cache! > 0);
  assertMatch(output("free -h"), /^Mem: +64M +\d/m);
  assertMatch(failure("free now").stderr, /^free: extra operand 'now'\n/);
});

test("iostat counts what the disk did: since the start, then for each interval", () => {
  const text = output("iostat -xdy 1 2");
  assertEquals(text.match(/^Device/gm)!.length, 2);
  assertMatch(text, /hda +0\.00 +0\.00/);
  const [head, row] = output("cat a > /dev/null; iostat").split("\n");
  const names = head!.split(/ +/), values = row!.split(/ +/).map(Number);
  const of = (name: string) => values[names.indexOf(name)]!;
  assert(of("r/s") > 0 && of("rkB/s") > of("r/s") && of("r_await") > 1);
  assert(of("%util") > 50 && of("%util") <= 100);
  assertMatch(output("iostat -y"), /^Device/); // nothing to leave out
});

test("iostat of an interval has what was in it: 8 reads of 64 KiB in a second", () => {
  const text = output(
    "{ sleep 0.5; dd if=/dev/hda of=/dev/null bs=64K count=8 skip=999 status=none; } & " +
      "iostat -y 1 1; wait",
  );
  const [reads, kilobytes] = /hda +([\d.]+) +([\d.]+)/.exec(text)!
    .slice(1).map(Number);
  assert(reads! >= 8 && reads! < 30, text);
  assert(kilobytes! >= 512 && kilobytes! < 800, text);
});

test("iostat goes on and on, and says which numbers are none", () => {
  const many = output("iostat 0.001 1200");
  assertEquals(many.match(/^Device/gm)!.length, 1200);
  for (const words of ["x", "0", "1 0", "1 1.5", "-1"]) {
    const { stderr, status } = failure(`iostat ${words}`);
    assertMatch(stderr, /^iostat: invalid (number: '|option -- '1)/);
    assertEquals(status, 1);
  }
  assertMatch(failure("iostat 1 1 1").stderr, /^iostat: extra operand '1'\n/);
});

/** What a command leaves in a file. */
function left(command: string, path: string): string {
  return output(`${command} status=none; cat ${path}`);
}

test("dd copies blocks, passes over some, and cuts the output or not", () => {
  const digits = "echo 0123456789 > n; dd if=n ";
  assertEquals(left(`${digits} of=o bs=3 count=2`, "o"), "012345");
  assertEquals(left(`${digits} of=o bs=2 skip=3 count=1`, "o"), "67");
  assertEquals(left(`${digits} of=n bs=2 skip=4 count=1`, "n"), "");
  const over = "echo 0123456789 > n; printf ab | dd of=n bs=2 seek=2 ";
  assertEquals(left(over, "n"), "0123ab");
  assertEquals(left(`${over} conv=notrunc`, "n"), "0123ab6789\n");
  assertEquals(
    left("echo x > n; echo y | dd of=n oflag=append", "n"),
    "x\ny\n",
  );
  assertEquals(
    output("cat a | dd bs=1kB skip=9 status=none | wc -c"),
    "1000\n",
  );
});

/** Exits with 0 if two files hold the same bytes. */
function* same([one, other]: string[]): Program {
  const first = yield* readAll(yield* open(one!));
  const second = yield* readAll(yield* open(other!));
  const isSame = first.length === second.length &&
    first.every((byte, i) => byte === second[i]);
  return isSame ? 0 : 1;
}

test("dd fills its blocks from a pipe, and keeps every byte", () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 7 & 255);
  const { status, stderr } = sh(
    "cat raw | dd of=copy bs=1K conv=fsync && ./same raw copy",
    {
      files: { "/home/raw": bytes, "/home/same": "" },
      programs: { "/home/same": same },
    },
  );
  assertEquals(status, 0);
  assertMatch(
    stderr,
    /^4\+1 records in\n4\+1 records out\n5000 bytes \(5\.0 kB, 4\.9 KiB\) copied, 0\.\d+ s, [\d.]+ kB\/s\n$/,
  );
});

test("dd with direct goes past the page cache, the odd end of a file too", () => {
  const { stderr, status } = sh(
    "dd if=a of=b bs=4K iflag=direct oflag=direct && ./same a b",
    {
      files: { ...SETTING.files, "/home/same": "" },
      programs: { "/home/same": same },
    },
  );
  assertMatch(stderr, /^2\+1 records in\n2\+1 records out\n10000 bytes/);
  assertEquals(status, 0);
});

test("dd tells what it did when a write fails in the middle", () => {
  const { stderr, status } = failure(
    "dd if=/dev/zero of=big bs=1M seek=1048575 count=3",
  );
  assertEquals(status, 1);
  assertMatch(
    stderr,
    /^dd: error writing 'big': File too large\n2\+0 records in\n1\+0 records out\n1048576 bytes/,
  );
});

test("dd says which operand it does not know, and exits with status 1", () => {
  const cases: [string, RegExp][] = [
    ["dd x", /^dd: unrecognized operand 'x'\n/],
    ["dd bx=1", /^dd: unrecognized operand 'bx=1'\n/],
    ["dd bs=0", /^dd: invalid number: '0'\n/],
    ["dd count=-1", /^dd: invalid number: '-1'\n/],
    ["dd bs=1x", /^dd: invalid number: '1x'\n/],
    ["dd bs=1G", /^dd: no memory for a block of 1073741824 bytes\n/],
    ["dd conv=fsync,foo", /^dd: invalid conversion: 'foo'\n/],
    ["dd iflag=append", /^dd: invalid input flag: 'append'\n/],
    ["dd oflag=x", /^dd: invalid output flag: 'x'\n/],
    ["dd status=all", /^dd: invalid status level: 'all'\n/],
    [
      "dd if=nofile",
      /^dd: failed to open 'nofile': No such file or directory\n$/,
    ],
    ["dd if=a of=d", /^dd: failed to open 'd': Is a directory/],
    ["dd if=a of=/dev/hda", /^dd: failed to open '\/dev\/hda': /],
    ["dd if=a seek=1 | cat", /^dd: .*Illegal seek/],
  ];
  for (const [command, message] of cases) {
    const { stderr, status } = failure(command);
    assertMatch(stderr, message);
    if (!command.includes("|")) assertEquals(status, 1);
  }
});

test("whoever stops listening ends the tools without a word", () => {
  for (const command of ["iostat 1", "du -a /", "dd if=/dev/zero", "df -a"]) {
    assertEquals(failure(`${command} | head -c 1`), { stderr: "", status: 0 });
  }
});

test("each tool tells how it is used, and which option it does not know", () => {
  for (const tool of ["df", "du", "sync", "mount", "free", "iostat", "fsck"]) {
    assertMatch(output(`${tool} --help`), new RegExp(`^Usage: ${tool}`));
    const { stderr, status } = failure(`${tool} -Z`);
    assertMatch(stderr, new RegExp(`^${tool}: invalid option -- 'Z'\n`));
    assertEquals(status, tool === "fsck" ? 16 : 1);
  }
  assertMatch(output("dd --help"), /^Usage: dd /);
});

test("/proc/diskstats counts as Linux does: requests, sectors, ms, what is under way", () => {
  const [before, after] = output(
    "cat /proc/diskstats; echo x > f; sync f; cat /proc/diskstats",
  )
    .trim().split("\n").map((line) => line.trim().split(/ +/));
  assertEquals([before!.length, before!.slice(0, 3)], [20, ["3", "0", "hda"]]);
  assertEquals(Number(after![7]) - Number(before![7]), 2); // data, and the journal
  assertEquals(after![11], "0");
  const dd = sh("dd if=/dev/hda bs=4096 count=1 status=none | head -c 8");
  assertEquals(dd.stdout, "KTLFS001");
});

test("/proc/diskstats says the same as the trace: counts, sectors, times, with a write cache too", () => {
  for (const writeCache of [false, true]) {
    const { stdout, world } = sh(
      "dd if=/dev/zero of=big bs=64K count=50 status=none; sync; " +
        "for i in 1 2 3; do cat big > /dev/null & done; " +
        "dd if=/dev/hda of=/dev/null bs=1M skip=77 count=9 status=none & " +
        "wait; cat /proc/diskstats",
      { machine: { disk: { writeCache } } },
    );
    const fields = stdout.trim().split(/ +/).slice(3).map(Number);
    assertEquals(fields, folded(world));
    assertEquals(fields[15]! > 0, writeCache); // flushes
  }
});

/** The fields of /proc/diskstats as the trace tells them. */
function folded({ trace }: World): number[] {
  const done = {
    read: { count: 0, sectors: 0, ns: 0 },
    write: { count: 0, sectors: 0, ns: 0 },
    flush: { count: 0, sectors: 0, ns: 0 },
  };
  const inFlight = new Map<number, BlockIssue>();
  let busyNs = 0, weightedNs = 0, sinceNs = 0;
  for (const event of trace.events()) {
    if (event.kind !== "block_issue" && event.kind !== "block_complete") {
      continue;
    }
    if (inFlight.size > 0) busyNs += event.at - sinceNs;
    weightedNs += (event.at - sinceNs) * inFlight.size;
    sinceNs = event.at;
    if (event.kind === "block_issue") inFlight.set(event.id, event);
    else {
      const { at, write, sectors } = inFlight.get(event.id)!;
      inFlight.delete(event.id);
      const kind = done[write as keyof typeof done];
      kind.count++;
      kind.sectors += sectors;
      kind.ns += event.at - at;
    }
  }
  const ms = (ns: number) => Math.floor(ns / 1e6);
  const { read, write, flush } = done;
  return [
    ...[read, write].flatMap((it) => [it.count, 0, it.sectors, ms(it.ns)]),
    ...[inFlight.size, ms(busyNs), ms(weightedNs), 0, 0, 0, 0],
    ...[flush.count, ms(flush.ns)],
  ];
}
