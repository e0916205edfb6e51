// What the host does with a machine's files: it saves, moves and removes them in
// no time, and what it did is in the log, so that a run done again has it too.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { World } from "../../kernel/mod.ts";

function machineOf(world: World) {
  return world.boot({ name: "kettle", files: { "/home/a": "one" } });
}

/** What is in /home: path → text. */
function home({ files }: ReturnType<typeof machineOf>): Record<string, string> {
  return Object.fromEntries(
    files.listFiles("/home").map((path) => [
      path,
      new TextDecoder().decode(files.peek(path)!),
    ]),
  );
}

test("the host saves, moves and removes files, and a replay of the log does the same", () => {
  const world = new World();
  const machine = machineOf(world);
  const change = (what: object) => world.input({ machine: 0, ...what });
  change({ path: "/home/b", text: "two" });
  change({ path: "/home/a", movedTo: "/home/c" });
  change({ path: "/home/b", movedTo: "/home/c" });
  change({ path: "/home/d", text: "three" });
  change({ path: "/home/d", removed: true });
  assertEquals(home(machine), { "/home/c": "two" });
  const again = new World();
  const other = machineOf(again);
  again.replay(world.log);
  assertEquals(home(other), { "/home/c": "two" });
  assertEquals(other.snapshot(), machine.snapshot());
});

test("a file that is not there, or a directory, is left alone", () => {
  const world = new World();
  const machine = machineOf(world);
  assertEquals(machine.files.remove("/home/none"), "ENOENT");
  assertEquals(machine.files.remove("/home"), "EISDIR");
  assertEquals(machine.files.move("/home/none", "/home/b"), "ENOENT");
  assertEquals(machine.files.move("/home/a", "/none/b"), "ENOENT");
  assertEquals(home(machine), { "/home/a": "one" });
});
