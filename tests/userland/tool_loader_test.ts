// Each file and text tool as it is shipped: compiled by the loader, which counts
// loops and checks every yield*. What they do is tested elsewhere, without it.

import { after, test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";

after(stopCompiler);

const loader = new Loader({ compile: compileNative });
const image = readImage();
const TOOLS = "basename cat clear cp cut date dd df dirname du echo env find " +
  "grep head hexdump ln ls mkdir mv printenv printf reset rm rmdir sed seq " +
  "sleep sort stat sync tac tail tee touch tr uniq wc which xargs yes";

/** What commands print, each tool compiled as it is shipped. */
async function shipped(command: string) {
  const { world, machine } = makePlayground({ programs: loader, image });
  const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
  while (world.run({ until: shell, budgetNs: 100e9 }).reason === "host") {
    await loader.compile(world.wanted!);
  }
  return { stdout: shell.stdout, stderr: shell.stderr };
}

test("each tool is shipped, and says how it is used", async () => {
  const { stdout, stderr } = await shipped(
    `for tool in ${TOOLS}; do /bin/$tool --help | head -n 1; done`,
  );
  assertEquals(stderr, "");
  const names = stdout.trimEnd().split("\n").map((line) => {
    assertMatch(line, /^Usage: /);
    return line.split(" ")[1];
  });
  assertEquals(names, TOOLS.split(" "));
});

test("no tool counts as a loop that never calls, whatever it is given", async () => {
  const { stdout, stderr } = await shipped(
    "head -c 6M /dev/zero | tr '\\0' x >big; wc big; sort big | wc -c; " +
      "tac big | wc -c; grep -c x big; sed s/x/y/g big | wc -c; " +
      "cut -c 2- big | wc -c; uniq big | wc -c; hexdump big | wc -l; " +
      "seq 300000 | sort -rn | sed -n 1p; seq 100000 | uniq -c | tail -n 1; " +
      "seq 50000 | xargs | wc -lw",
  );
  const size = 6 * 2 ** 20;
  assertEquals(stderr, "");
  assertEquals(stdout.split("\n"), [
    `      0       1 ${size} big`,
    ...[size + 1, size, 1, size, size, size + 1, 3].map(String),
    "300000",
    "      1 100000",
    "      3   50000",
    "",
  ]);
});
