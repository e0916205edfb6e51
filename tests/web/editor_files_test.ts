// The worker's half of the editor: files seen from outside without changing the
// run, saves that are inputs, and what is refused.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { Driver } from "../../host/driver.ts";
import { type Machine, World } from "../../kernel/mod.ts";
import type { FileAct, FileOutcome, FromRunner } from "../../web/protocol.ts";
import { DiskView } from "../../web/runner/disk_view.ts";
import { Files, runLine } from "../../web/runner/files.ts";
import { open, write } from "../../userland/sys.ts";

class Bench {
  readonly world = new World();
  readonly machine: Machine;
  readonly said: FromRunner[] = [];
  readonly files: Files;
  isPast = false;
  branches = 0;
  #ids = 0;

  constructor(files: Record<string, string | Uint8Array> = {}) {
    this.machine = this.world.boot({ name: "kettle", files });
    const driver = new Driver({
      world: this.world,
      compile: () => Promise.resolve(),
      clock: { now: () => 0, delay: () => Promise.resolve() },
      paused: true,
    });
    this.files = new Files({
      send: (message) => this.said.push(message),
      isWhole: () => true,
      isPast: () => this.isPast,
      branch: () => this.branches++,
    });
    this.files.enter(this.machine, driver);
  }

  /** What it was told of files since the last time. */
  told(): [string, string | null, string | null][] {
    return this.said.splice(0).flatMap((it) =>
      it.kind === "file" ? [[it.path, it.text, it.why] as const] : []
    ) as [string, string | null, string | null][];
  }

  act(what: Partial<FileAct> & { path: string }): FileOutcome {
    const id = ++this.#ids;
    this.files.act({ id, mild: false, ...what } as FileAct);
    const done = this.said.find((it) => it.kind === "fileDone" && it.id === id);
    return (done as { outcome: FileOutcome }).outcome;
  }

  run(text: string, path: string): void {
    const process = this.machine.spawn(function* () {
      yield* write(yield* open(path, "w"), text);
    });
    this.world.run({ until: process });
  }
}

test("what is seen from outside is what programs find, and a look changes nothing of the run", () => {
  const long = "x".repeat(200_000);
  const runs = [true, false].map((looks) => {
    const bench = new Bench({ "/home/d/long.txt": long, "/home/a.ts": "a" });
    if (looks) {
      const view = new DiskView(bench.machine);
      const [a, file] = view.list("/home", 10);
      assertEquals([a!.path, file!.path], ["/home/a.ts", "/home/d/long.txt"]);
      assertEquals(new TextDecoder().decode(view.read(file!)), long);
      assertEquals(view.stat("/home/d"), "directory");
      assertEquals(view.stat("/home/none"), null);
    }
    bench.run("written", "/home/a.ts");
    if (looks) {
      const view = new DiskView(bench.machine);
      const found = view.stat("/home/a.ts");
      assert(found !== null && found !== "directory");
      assertEquals(new TextDecoder().decode(view.read(found)), "written");
    }
    return [bench.world.now, bench.world.trace.length];
  });
  assertEquals(runs[0], runs[1]);
});

test("the page is told of /home's programs and of open files, and only of what has changed", () => {
  const bench = new Bench({ "/home/a.ts": "a", "/home/b.txt": "b" });
  bench.files.watch([]);
  assertEquals(bench.told(), [["/home/a.ts", "a", null]]);
  bench.files.watch(["/home/b.txt"]);
  assertEquals(bench.told(), [["/home/b.txt", "b", null]]);
  bench.run("new", "/home/b.txt");
  bench.files.look();
  bench.files.look();
  assertEquals(bench.told(), [["/home/b.txt", "new", null]]);
});

test("a save is in the log, and is not done in place of what a program wrote", () => {
  const bench = new Bench({ "/home/a.ts": "a" });
  const path = "/home/a.ts";
  const change = "save";
  assertEquals(bench.act({ path, change, text: "b", before: "a" }), "done");
  bench.run("by a program", path);
  const late = { path, change, text: "c", before: "b" } as const;
  assertEquals(bench.act(late), "changed");
  assertEquals(bench.world.log.map(({ text }) => text), ["b"]);
  assertEquals(bench.act({ ...late, path: "/home" }), "directory");
  assertEquals(bench.act({ ...late, path: "/home/none" }), "changed");
});

test("files are moved and removed; nothing is done to one that is in the way or gone", () => {
  const bench = new Bench({ "/home/a.ts": "a", "/home/b.ts": "b" });
  const path = "/home/a.ts";
  const to = (name: string) => ({ path, change: "move", to: name } as const);
  assertEquals(bench.act(to("/home/b.ts")), "taken");
  assertEquals(bench.act(to("/home/c.ts")), "done");
  assertEquals(bench.act(to("/home/d.ts")), "gone");
  assertEquals(bench.act({ path: "/home/c.ts", change: "remove" }), "done");
  assertEquals(bench.machine.files.listFiles("/home"), ["/home/b.ts"]);
});

test("in the past a mild save waits, and one that is meant makes it another run", () => {
  const bench = new Bench({ "/home/a.ts": "a" });
  bench.isPast = true;
  const save = { path: "/home/a.ts", change: "save", text: "b", before: "a" };
  assertEquals(bench.act({ ...save, mild: true } as FileAct), "past");
  assertEquals([bench.branches, bench.world.log.length], [0, 0]);
  assertEquals(bench.act(save as FileAct), "done");
  assertEquals(bench.branches, 1);
});

test("bytes that are no text, and too many of them, are refused with a reason", () => {
  const bench = new Bench({
    "/home/bytes": Uint8Array.of(1, 0, 2),
    "/home/large": "x".repeat(600_000),
  });
  bench.files.watch(["/home/bytes", "/home/large", "/home", "/home/none"]);
  const why = new Map(bench.told().map(([path, , why]) => [path, why]));
  assertMatch(why.get("/home/bytes")!, /no text/);
  assertMatch(why.get("/home/large")!, /586 KiB.*512 KiB at most/);
  assertEquals(why.get("/home"), "it is a directory");
  assertEquals(why.get("/home/none"), null);
});

test("the line that runs a file is what one would type", () => {
  assertEquals(runLine("/home/a.ts", "/home"), "run a.ts");
  assertEquals(runLine("/home/a.ts", "/tmp"), "run /home/a.ts");
  assertEquals(runLine("/bin/hello", "/home"), "hello");
  assertEquals(runLine("/home/it's.ts", "/home"), "run 'it'\\''s.ts'");
  assertEquals(runLine("/home/-n.ts", "/home"), "run ./-n.ts");
});
