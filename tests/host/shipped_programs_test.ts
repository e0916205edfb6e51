// The programs that come with Kettle, run as a visitor runs them: compiled by the
// loader, with all its checks. Their options are tested in tests/userland, where
// no loader stands between.

import { after, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";

after(stopCompiler);

const loader = new Loader({ compile: compileNative });
const image = readImage();

/** What `sh -c COMMAND` prints, on a fresh playground. */
async function output(command: string): Promise<string> {
  const { world, machine } = makePlayground({ programs: loader, image });
  const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
  for (;;) {
    const { reason, report } = world.run({ until: shell, budgetNs: 100e9 });
    if (reason !== "host") {
      assertEquals([reason, report], ["until", ""], command);
      break;
    }
    await loader.compile(world.wanted!);
  }
  assertEquals(shell.stderr, "", command);
  return shell.stdout;
}

/** A command, and what it must print at least. */
const COMMANDS: [string, RegExp][] = [
  ["echo tea > cup; sync; fsck; cat cup", /hda: clean.*\ntea\n$/s],
  ["df; df -h /; df -i", /\/dev\/hda/],
  ["du /bin | tail -n 1; free; mount", /^\d+\t\/bin\n/],
  ["iostat; iostat -y 1 1", /%util/],
  [
    "dd if=/dev/zero of=big bs=64K count=4 conv=fsync status=none; wc -c big",
    /^262144 big/,
  ],
  ["cat /proc/diskstats /proc/mounts /proc/meminfo", /hda/],
  ["ping -c 2 mirror", /2 sent, 2 received, 0% lost/],
  ["netstat -l; netstat -i; ss -s", /lo/],
  ["/servers/http_submit.ts 80 & sleep 0.1; curl -s localhost/; kill %1", /./],
  [
    "/servers/http_block.ts 80 & sleep 0.1; load -n 20 localhost:80; kill %1",
    /answered +20/,
  ],
  [
    "/servers/http_push.ts 80 & sleep 0.1; curl -s -w '%{http_code}' -o /dev/null localhost/; kill %1",
    /200/,
  ],
  [
    "/servers/http_threads.ts 80 & sleep 0.1; curl -s -o /dev/null -w '%{http_code}' localhost/; kill %1",
    /200/,
  ],
  [
    "/servers/http_pool.ts 80 & sleep 0.1; curl -s -o /dev/null -w '%{http_code}' localhost/; kill %1",
    /200/,
  ],
  [
    "nc -l 9 > got & sleep 0.1; echo words | nc localhost 9; wait; cat got",
    /words/,
  ],
  [
    "tcpdump -c 2 2> /dev/null & sleep 0.1; ping -c 1 mirror > /dev/null; wait",
    /mirror/,
  ],
  [
    "find /etc; sort /etc/motd | head -n 1; seq 3 | tac; stat /srv/logo",
    /\/etc\/motd/,
  ],
  ["ps; uptime; uname; which ls; test -f /srv/logo && echo there", /there/],
  ["strace hello 2>&1; timeline true 2>&1", /write\(1/],
  [
    "sleep 9 & top -b -n 2; ps -ef; pgrep -a sleep; pkill -e sleep; free -h",
    /timer: .*sleep killed/s,
  ],
  [
    "vmstat 1 2; uptime; nproc; nice echo nice; dmesg -T; watch -t -q 1 nproc",
    /id +wa\n.*journal clean/s,
  ],
  [
    "strace -f -c -T sh -c 'true; hello' 2>&1; /bin/time hello 2>&1; /bin/kill -L",
    /% time.*total\n/s,
  ],
  [
    "perf stat sleep 0.1 2>&1; perf sched hello; perf sched latency hello; " +
    "perf sched map hello; perf sched timeline hello; perf list",
    /task-clock.*TOTAL/s,
  ],
];

for (const [command, wanted] of COMMANDS) {
  test(`as a visitor runs it: ${command}`, async () => {
    assertMatch(await output(command), wanted);
  });
}
