// The tools that look at the disk: what they print, their options, and what they
// say when something is wrong.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { humanSize } from "../../userland/lib/sizes.ts";
import { sh } from "./programs.ts";

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

test("df tells the size of each file system, what is used, and what a file takes", () => {
  assertMatch(
    output("df"),
    /^Filesystem 1K-blocks +Used Available Use% Mounted on\n\/dev\/hda +1048576 +\d+ +\d+ +\d+% \/\n/,
  );
  assertMatch(
    output("df -h /home"),
    /^Filesystem +Size +Used +Avail +Use% Mounted on\n\/dev\/hda +1\.0G/,
  );
  assertMatch(output("df -i /"), /131072 +\d+ +\d+ +1% \/\n$/);
  const used = (text: string) => Number(/hda +\d+ +(\d+)/.exec(text)![1]);
  const grown = output("df; head -c 100000 /dev/zero > big; df").split(
    "Filesystem",
  );
  assertEquals(used(grown[2]!) - used(grown[1]!), 100);
});

test("df and du name what is not there, and go on", () => {
  assertEquals(failure("df nofile / > /dev/null"), {
    stderr: "df: nofile: ENOENT, no such file or directory\n",
    status: 1,
  });
  assertEquals(failure("du nofile d > /dev/null"), {
    stderr: "du: nofile: ENOENT, no such file or directory\n",
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
      "sync: f: ENOENT, no such file or directory\nsync: nofile: ENOENT, no such file or directory\n",
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

test("free adds up, and shows what the page cache has", () => {
  const [, total, used, free, cache] = output("cat a > /dev/null; free")
    .split("\n")[1]!.split(/ +/).map(Number);
  assertEquals(used! + free! + cache!, total);
  assert(cache! > 0);
});

test("iostat counts what the disk did: since the start, then for each interval", () => {
  const text = output("iostat -y 1 2");
  assertEquals(text.match(/^Device/gm)!.length, 2);
  assertMatch(text, /hda +0\.00 +0\.00/);
  const [head, row] = output("cat a > /dev/null; iostat").split("\n");
  const names = head!.split(/ +/), values = row!.split(/ +/).map(Number);
  const of = (name: string) => values[names.indexOf(name)]!;
  assert(of("r/s") > 0 && of("rkB/s") > of("r/s") && of("r_await") > 1);
  assert(of("%util") > 50 && of("%util") <= 100);
  assertMatch(failure("iostat x").stderr, /invalid number: 'x'/);
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
