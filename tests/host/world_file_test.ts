// World files: what they may say, how mistakes in them are told, and a world from
// a file run by the command line.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { makeWorld, readWorldFile } from "../../host/world_file.ts";
import { NO_LOADER } from "../../kernel/program.ts";

const THREE = {
  seed: 3,
  machines: [
    { name: "www", cpus: 2, files: { "/home/a": "text" } },
    { name: "clients", programs: [{ run: "hello", atNs: 5 }] },
  ],
  switches: [{ name: "lan" }],
  cables: [
    { between: ["www", "lan"], loss: 0.1 },
    { between: ["clients", "lan"], latencyNs: 1000 },
  ],
};

function mistake(file: unknown): string {
  const text = typeof file === "string" ? file : JSON.stringify(file);
  return (assertThrows(() => {
    makeWorld(readWorldFile(text), {
      programs: NO_LOADER,
      image: {},
    });
  }) as Error).message;
}

test("a world file gives machines, switches and cables as it says", () => {
  const file = readWorldFile(JSON.stringify(THREE));
  assertEquals(file.machines[1]!.programs, [{
    run: "hello",
    args: [],
    atNs: 5,
  }]);
  const image = { "/bin/hello": "…" };
  const world = makeWorld(file, { programs: NO_LOADER, image });
  assertEquals(world.seed, 3);
  assertEquals(world.machines.map(({ name, cpus }) => [name, cpus.length]), [
    ["www", 2],
    ["clients", 1],
  ]);
  assertEquals(
    new TextDecoder().decode(world.machine("www")!.files.peek("/home/a")!),
    "text",
  );
  assert(world.machine("clients")!.files.peek("/bin/hello") !== null);
  assertEquals(world.switches.map(({ ports }) => ports.length), [2]);
});

test("each mistake is told with its place, and with the nearest right word", () => {
  const machine = { name: "a" };
  assertMatch(mistake("[1"), /^not JSON: /);
  assertEquals(mistake([]), "the file must be an object { … }: it is []");
  assertEquals(
    mistake({ machine: [] }),
    'the file: nothing is called "machine"; the nearest is "machines"',
  );
  assertEquals(
    mistake({ machines: [] }),
    "machines must be at least one machine: it is []",
  );
  assertEquals(
    mistake({ machines: [{}] }),
    "machines[0].name must be text: it is nothing",
  );
  assertMatch(
    mistake({ machines: [{ ...machine, cpu: 1 }] }),
    /^machines\[0\]: no machine option is called "cpu"/,
  );
  assertEquals(
    mistake({ machines: [machine, machine] }),
    'two are called "a": names must differ',
  );
  assertMatch(
    mistake({ machines: [machine], cables: [{ between: ["a", "b"] }] }),
    /^cables\[0\]\.between: nothing is called "b"/,
  );
  assertMatch(
    mistake({
      machines: [machine, { name: "b" }],
      cables: [{ between: ["a", "b"], loss: 2 }],
    }),
    /^cables\[0\]: a cable's loss must be from 0 to 1: received 2/,
  );
  assertEquals(
    mistake({ machines: [{ ...machine, programs: [{ run: "x", atNs: -1 }] }] }),
    "machines[0].programs[0].atNs must be a time in ns: it is -1",
  );
  assertEquals(
    mistake({ seed: 1.5, machines: [machine] }),
    "seed must be a whole number: it is 1.5",
  );
});

const CLI = new URL("../../host/cli.ts", import.meta.url).pathname;

function kettle(...args: string[]) {
  const runs = "Bun" in globalThis ? [CLI] : ["run", "-A", "--no-check", CLI];
  return spawnSync(process.execPath, [...runs, ...args], { encoding: "utf8" });
}

test("run --world starts the programs, tells who says what, and ends when all is said", () => {
  const directory = mkdtempSync(join(tmpdir(), "kettle-world-"));
  const path = join(directory, "two.json");
  writeFileSync(
    path,
    JSON.stringify({
      machines: [
        {
          name: "here",
          programs: [{ run: "ping", args: ["-c", "2", "there"] }],
        },
        { name: "there", programs: [{ run: "echo", args: ["up"] }] },
      ],
      cables: [{ between: ["here", "there"], latencyNs: 3_000_000 }],
    }),
  );
  try {
    const { stdout, stderr, status } = kettle("run", "--world", path);
    assertEquals([stderr, status], ["", 0]);
    assertMatch(stdout, /^there echo: up$/m);
    assertMatch(
      stdout,
      /^here ping: 64 bytes from there: seq=2 time=6\.\d+ ms$/m,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("run --world says when the file is missing or a program is named besides", () => {
  assertMatch(kettle("run", "--world", "/no/file.json").stderr, /ENOENT/);
  assertMatch(
    kettle("run", "--world", "x.json", "a.ts").stderr,
    /--world starts the file's programs, not a\.ts/,
  );
});
