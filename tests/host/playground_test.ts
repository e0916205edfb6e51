// The world a newcomer meets, with the programs as a visitor runs them: who is
// where in it, how far away, and who runs what.

import { assertEquals, assertMatch } from "@std/assert";
import { after, test } from "node:test";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";

after(stopCompiler);

const image = readImage();
const loader = new Loader({ compile: compileNative });

/** What `sh -c COMMAND` prints on the machine with the console. */
async function output(command: string): Promise<string> {
  const own = { "/home/cup": "tea\n" };
  const { world, machine } = makePlayground({ programs: loader, image, own });
  const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
  while (world.run({ until: shell, budgetNs: 100e9 }).reason === "host") {
    await loader.compile(world.wanted!);
  }
  assertEquals([shell.exit, shell.stderr], [{ status: 0 }, ""], command);
  return shell.stdout;
}

test("www is 75 ms away and answers HTTP", async () => {
  assertEquals(await output("curl -s http://www/"), "It works.\n");
  assertMatch(await output("ping -c 1 www"), /time=150\.\d+ ms/);
  assertMatch(
    await output("load -q -c 5 -n 10 www"),
    /answered +10/,
  );
});

test("clients runs what it is told to, and puts this machine under load", async () => {
  const command = "/servers/http_submit.ts 80 & sleep 0.1; " +
    "rsh clients 'ping -c 1 kettle; load -q -c 4 -n 40 kettle'; kill %1";
  const text = await output(command);
  assertMatch(text, /time=0\.\d+ ms/);
  assertMatch(text, /answered +40/);
});

test("every machine has all programs on its disk, and only the first the visitor's files", async () => {
  assertMatch(await output("rsh www 'netstat -l; ls /home'"), /:80 /);
  assertEquals(await output("cat cup; rsh clients ls"), "tea\nhello.ts\n");
});

test("the same keys give the same run", () => {
  const hash = () => {
    const { world } = makePlayground({ programs: loader, image });
    world.run();
    return `${world.trace.hash} ${world.now}`;
  };
  assertEquals(hash(), hash());
});
