// Conformance of files, section B, at the level of the file system: what each
// call does and how it fails. Every test ends with a disk that is whole.

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_TRUNC,
  O_WRONLY,
} from "../../kernel/abi.ts";
import { Bench, pattern } from "./fs_kit.ts";

test("a read gives what is left, then nothing, and nothing beyond the end", () => {
  const bench = new Bench({ files: { "/f": "12345" } });
  const file = bench.open("/f");
  assertEquals(file.text(10), "12345");
  assertEquals(file.text(10), "");
  assertEquals(file.pread(10, 100).length, 0);
  file.close();
  bench.assertClean();
});

test("reading a directory as a file is EISDIR", () => {
  const bench = new Bench();
  const directory = bench.open("/home");
  assertEquals(bench.fails(() => directory.read(10)), "EISDIR");
  directory.close();
  bench.assertClean();
});

test("two appending descriptions overwrite nothing, wherever their offsets are", () => {
  const bench = new Bench({ files: { "/f": "" } });
  const a = bench.open("/f", "a"), b = bench.open("/f", "a");
  a.write("one ");
  b.write("two ");
  a.file.offset = 0;
  a.write("three");
  assertEquals(bench.read("/f"), "one two three");
  assertEquals(a.file.offset, 13);
  a.close();
  b.close();
  bench.assertClean();
});

test("appends that are under way together each get their own place", () => {
  const bench = new Bench({ files: { "/f": "" } });
  const files = [bench.open("/f", "a"), bench.open("/f", "a")];
  const ops = ["aa", "bbb", "c", "dd"].map((text, i) =>
    files[i % 2]!.startWrite(text)
  );
  bench.settle();
  assertEquals(ops.map(({ result }) => result), [2, 3, 1, 2]);
  assertEquals(bench.read("/f"), "aabbbcdd");
  for (const file of files) file.close();
  bench.assertClean();
});

test("a write beyond the end leaves zeros in the gap", () => {
  const bench = new Bench();
  const file = bench.open("/f", "w+");
  file.file.offset = 3;
  file.write("x");
  assertEquals(file.pread(10, 0), Uint8Array.of(0, 0, 0, 120));
  file.file.offset = 100_000;
  file.write("y");
  assertEquals(file.stat().size, 100_001);
  assertEquals(file.pread(1, 50_000), Uint8Array.of(0));
  file.close();
  // Two data blocks and no more: the hole takes none.
  const before = bench.fs.snapshot().freeBlocks;
  bench.unlink("/f");
  assertEquals(bench.fs.snapshot().freeBlocks - before, 2);
  bench.assertClean();
});

test("pread and pwrite leave the offset where it is", () => {
  const bench = new Bench({ files: { "/f": "abcdef" } });
  const file = bench.open("/f", "r+");
  assertEquals(file.pread(2, 3), Uint8Array.of(100, 101));
  assertEquals(file.pwrite("XY", 1), 2);
  assertEquals(file.file.offset, 0);
  assertEquals(file.text(), "aXYdef");
  file.close();
  bench.assertClean();
});

test("ftruncate loses what is cut, and zeros come back when it grows", () => {
  const bench = new Bench();
  const file = bench.open("/f", "w+");
  file.write(pattern(10_000));
  file.truncate(5_001);
  assertEquals(file.pread(20_000, 0), pattern(10_000).slice(0, 5_001));
  file.truncate(10_000);
  const bytes = file.pread(20_000, 0);
  assertEquals(bytes.length, 10_000);
  assertEquals(bytes.slice(0, 5_001), pattern(10_000).slice(0, 5_001));
  assert(bytes.slice(5_001).every((it) => it === 0));
  assertEquals(file.file.offset, 10_000);
  file.close();
  bench.assertClean();
});

test("an unlinked file lives as long as it is open, and a new one is another inode", () => {
  const bench = new Bench({ files: { "/f": "old" } });
  const before = bench.fs.snapshot();
  const file = bench.open("/f", "r+");
  const { ino } = file.stat();
  bench.unlink("/f");
  assertEquals(bench.fails(() => bench.stat("/f")), "ENOENT");
  assertEquals(file.stat().nlink, 0);
  assertEquals(file.text(), "old");
  file.pwrite("new", 0);
  assertEquals(file.pread(3, 0), Uint8Array.of(110, 101, 119));
  bench.write("/f", "other");
  assertNotEquals(bench.stat("/f").ino, ino);
  file.close();
  bench.settle();
  assertEquals(bench.read("/f"), "other");
  assertEquals(bench.fs.snapshot(), before);
  bench.assertClean();
});

test("an operation holds an unlinked file as an open descriptor does", () => {
  const bench = new Bench({ files: { "/f": "held" } });
  const file = bench.open("/f");
  const reading = file.startRead(4);
  const removing = bench.start((op) => bench.fs.unlink(op, "/f"));
  file.close();
  bench.settle();
  assertEquals(reading.result, new TextEncoder().encode("held"));
  assertEquals(removing.ok, true);
  bench.assertClean();
});

test("open names each mistake", () => {
  const bench = new Bench({ files: { "/f": "text" } });
  const errors: [string, number, string][] = [
    ["/none", 0, "ENOENT"],
    ["", 0, "ENOENT"],
    ["/none/f", O_CREAT | O_WRONLY, "ENOENT"],
    ["/f", O_CREAT | O_EXCL | O_WRONLY, "EEXIST"],
    ["/home", O_CREAT | O_EXCL | O_WRONLY, "EEXIST"],
    ["/home", O_WRONLY, "EISDIR"],
    ["/home", O_TRUNC, "EISDIR"],
    ["/home", O_CREAT, "EISDIR"],
    ["/f/x", 0, "ENOTDIR"],
    ["/f/", 0, "ENOTDIR"],
    ["/f/.", 0, "ENOTDIR"],
    ["/f/..", 0, "ENOTDIR"],
    ["/f", O_DIRECTORY, "ENOTDIR"],
    ["/new/", O_CREAT | O_WRONLY, "EISDIR"],
    ["/" + "n".repeat(256), O_CREAT | O_WRONLY, "ENAMETOOLONG"],
    ["/" + "ä".repeat(128), O_CREAT | O_WRONLY, "ENAMETOOLONG"],
    ["/./".repeat(1400), 0, "ENAMETOOLONG"],
    ["/f\0g", 0, "EINVAL"],
    ["/f", 3, "EINVAL"],
    ["/none/../f", 0, "ENOENT"],
    ["/dev/none", O_CREAT | O_WRONLY, "EROFS"],
  ];
  for (const [path, flags, code] of errors) {
    const got = bench.fails(() => bench.open(path, flags));
    assertEquals(got, code, `${path.slice(0, 20)} ${flags.toString(8)}`);
  }
  assertEquals(bench.names("/"), [
    "bin",
    "dev",
    "etc",
    "f",
    "home",
    "lib",
    "proc",
    "servers",
    "sh",
    "srv",
    "tmp",
  ]);
  bench.assertClean();
});

test("a name of 255 bytes and a path of 4096 are not too long", () => {
  const bench = new Bench();
  const name = "n".repeat(255);
  bench.write(`/${name}`, "x");
  assertEquals(bench.read("/" + "./".repeat(1920) + name), "x");
  bench.assertClean();
});

test("open with O_TRUNC empties the file, also when others have it open", () => {
  const bench = new Bench({ files: { "/f": "content" } });
  const reader = bench.open("/f");
  bench.open("/f", "w").close();
  assertEquals(reader.text(), "");
  reader.close();
  bench.assertClean();
});

test("rename over a file shows the new content, and an open file keeps the old", () => {
  const bench = new Bench({ files: { "/a": "new", "/b": "old" } });
  const old = bench.open("/b");
  bench.rename("/a", "/b");
  assertEquals(bench.read("/b"), "new");
  assertEquals(old.text(), "old");
  assertEquals(bench.fails(() => bench.stat("/a")), "ENOENT");
  old.close();
  bench.assertClean();
});

test("rename refuses what would break the tree", () => {
  const bench = new Bench({ files: { "/f": "", "/full/x": "" } });
  bench.mkdir("/d");
  bench.mkdir("/d/e");
  bench.mkdir("/empty");
  const errors: [string, string, string][] = [
    ["/d", "/full", "ENOTEMPTY"],
    ["/f", "/empty", "EISDIR"],
    ["/d", "/f", "ENOTDIR"],
    ["/d", "/d/x", "EINVAL"],
    ["/d", "/d/e/x", "EINVAL"],
    ["/d/e", "/d", "ENOTEMPTY"],
    ["/none", "/x", "ENOENT"],
    ["/f", "/none/x", "ENOENT"],
    ["/f", "/x/", "ENOTDIR"],
    ["/f/", "/x", "ENOTDIR"],
    ["/f", "/dev/x", "EXDEV"],
    ["/dev", "/x", "EBUSY"],
    ["/d", "/dev", "EBUSY"],
    ["/d/.", "/x", "EBUSY"],
    ["/", "/x", "EBUSY"],
  ];
  for (const [from, to, code] of errors) {
    assertEquals(
      bench.fails(() => bench.rename(from, to)),
      code,
      `${from} ${to}`,
    );
  }
  bench.rename("/d", "/empty");
  assertEquals(bench.names("/empty"), ["e"]);
  bench.rename("/empty", "/moved/");
  assertEquals(bench.names("/moved"), ["e"]);
  bench.assertClean();
});

test("rename onto itself, by the same or another name, changes nothing", () => {
  const bench = new Bench({ files: { "/a": "x" } });
  bench.link("/a", "/b");
  bench.rename("/a", "/a");
  bench.rename("/a", "/b");
  assertEquals([bench.read("/a"), bench.read("/b")], ["x", "x"]);
  assertEquals(bench.stat("/a").nlink, 2);
  bench.assertClean();
});

test("a directory that moves knows its new parent", () => {
  const bench = new Bench({ files: { "/x/d/f": "1", "/y/g": "2" } });
  bench.rename("/x/d", "/y/d");
  assertEquals(bench.read("/y/d/../g"), "2");
  assertEquals([bench.stat("/x").nlink, bench.stat("/y").nlink], [2, 3]);
  bench.assertClean();
});

test("a second name is the same inode, and survives the first", () => {
  const bench = new Bench({ files: { "/a": "text" } });
  bench.link("/a", "/home/b");
  assertEquals(bench.stat("/a").ino, bench.stat("/home/b").ino);
  assertEquals(bench.stat("/a").nlink, 2);
  bench.unlink("/a");
  assertEquals(bench.read("/home/b"), "text");
  assertEquals(bench.stat("/home/b").nlink, 1);
  const errors: [string, string, string][] = [
    ["/home/b", "/tmp", "EEXIST"],
    ["/home/b", "/home/b", "EEXIST"],
    ["/tmp", "/t", "EPERM"],
    ["/none", "/t", "ENOENT"],
    ["/home/b", "/none/t", "ENOENT"],
    ["/home/b", "/dev/t", "EXDEV"],
  ];
  for (const [from, to, code] of errors) {
    assertEquals(bench.fails(() => bench.link(from, to)), code, to);
  }
  bench.assertClean();
});

test("mkdir, rmdir and unlink name each mistake", () => {
  const bench = new Bench({ files: { "/f": "", "/full/x": "" } });
  const fails = (call: "mkdir" | "rmdir" | "unlink", path: string) =>
    bench.fails(() => bench[call](path));
  assertEquals(fails("mkdir", "/f"), "EEXIST");
  assertEquals(fails("mkdir", "/home"), "EEXIST");
  assertEquals(fails("mkdir", "/"), "EEXIST");
  assertEquals(fails("mkdir", "/home/."), "EEXIST");
  assertEquals(fails("mkdir", "/none/x"), "ENOENT");
  assertEquals(fails("mkdir", "/f/x"), "ENOTDIR");
  assertEquals(fails("mkdir", "/proc/x"), "EROFS");
  assertEquals(fails("rmdir", "/full"), "ENOTEMPTY");
  assertEquals(fails("rmdir", "/f"), "ENOTDIR");
  assertEquals(fails("rmdir", "/none"), "ENOENT");
  assertEquals(fails("rmdir", "/home/."), "EINVAL");
  assertEquals(fails("rmdir", "/home/.."), "ENOTEMPTY");
  assertEquals(fails("rmdir", "/"), "EBUSY");
  assertEquals(fails("rmdir", "/dev"), "EBUSY");
  assertEquals(fails("unlink", "/home"), "EISDIR");
  assertEquals(fails("unlink", "/f/"), "ENOTDIR");
  assertEquals(fails("unlink", "/none"), "ENOENT");
  assertEquals(fails("unlink", "/dev/null"), "EROFS");
  bench.mkdir("/d/");
  bench.rmdir("/d/");
  assertEquals(fails("rmdir", "/d"), "ENOENT");
  bench.assertClean();
});

test("a failing path is named in the error, the second one too", () => {
  const bench = new Bench({ files: { "/f": "" } });
  const message = (call: () => void) => {
    try {
      call();
    } catch (error) {
      return (error as Error).message;
    }
  };
  assertEquals(
    message(() => bench.open("/nofile")),
    "/nofile: ENOENT, no such file or directory",
  );
  assertEquals(
    message(() => bench.link("/f", "/no/x")),
    "/no/x: ENOENT, no such file or directory",
  );
});

test("readdir lists each name once, in order, without holes after deletions", () => {
  const bench = new Bench();
  assertEquals(bench.names("/home"), []);
  const names = Array.from({ length: 300 }, (_, i) => `file-${i}`);
  for (const name of names) bench.fs.poke(`/home/${name}`, "");
  for (const name of names.filter((_, i) => i % 3 === 0)) {
    bench.unlink(`/home/${name}`);
  }
  const left = names.filter((_, i) => i % 3 !== 0).sort();
  assertEquals(bench.names("/home"), left);
  const directory = bench.open("/home");
  assertEquals(directory.names(), left);
  directory.close();
  bench.write("/home/again", "");
  assertEquals(bench.names("/home").length, 201);
  bench.assertClean();
});

test("a removed directory that is open lists nothing and goes when it is closed", () => {
  const bench = new Bench();
  const before = bench.fs.snapshot();
  bench.mkdir("/d");
  const directory = bench.open("/d");
  bench.rmdir("/d");
  assertEquals(directory.names(), []);
  directory.close();
  bench.settle();
  assertEquals(bench.fs.snapshot(), before);
  bench.assertClean();
});

test("what was written is on the platter: another machine reads it", () => {
  const bench = new Bench();
  const content = pattern(123_456);
  const file = bench.open("/home/data", "w");
  file.write(content);
  file.fsync();
  file.close();
  const other = bench.remounted();
  assertEquals(other.readBytes("/home/data"), content);
  assertEquals(other.stat("/home/data").mtimeNs > 0, true);
  other.assertClean();
});

test("paths are looked up from the working directory, and `..` of the root is the root", () => {
  const bench = new Bench({ files: { "/home/a/f": "deep", "/g": "root" } });
  bench.cwd = bench.run((op) =>
    bench.fs.chdirTarget(op, "/home/./a/", (path) => op.complete(path))
  );
  assertEquals(bench.thread.process.cwd, "/home/a");
  assertEquals(bench.read("f"), "deep");
  assertEquals(bench.read("../../../../g"), "root");
  assertEquals(bench.fails(() => bench.open("../none/../a/f")), "ENOENT");
  bench.cwd = bench.run((op) =>
    bench.fs.chdirTarget(op, "../../dev", (path) => op.complete(path))
  );
  assertEquals(bench.names("."), ["hda", "null", "zero"]);
  assertEquals(bench.read("../g"), "root");
  const fails = (path: string) =>
    bench.fails(() =>
      bench.run((op) => bench.fs.chdirTarget(op, path, () => {}))
    );
  assertEquals(fails("/g"), "ENOTDIR");
  assertEquals(fails("/none"), "ENOENT");
  bench.assertClean();
});

test("the working directory goes with its name when it is moved or removed", () => {
  const bench = new Bench({ files: { "/home/a/f": "x" } });
  bench.cwd = "/home/a";
  assertEquals(bench.read("f"), "x");
  bench.rename("/home/a", "/home/b");
  assertEquals(bench.fails(() => bench.read("f")), "ENOENT");
  bench.assertClean();
});

test("/dev/null swallows everything and /dev/zero gives zeros", () => {
  const bench = new Bench();
  const none = bench.open("/dev/null", "w");
  assertEquals(none.write("gone"), 4);
  none.close();
  assertEquals(bench.read("/dev/null"), "");
  const zero = bench.open("/dev/zero");
  assertEquals(zero.read(3), Uint8Array.of(0, 0, 0));
  zero.close();
  assertEquals(bench.stat("/dev/null").type, "device");
  bench.assertClean();
});

test("/proc files are text of the moment, streams go on where they were", () => {
  const bench = new Bench();
  const { proc } = bench.fs;
  let count = 0;
  const lines = ["a\n", "b\n"];
  proc.add("/counter", () => `${++count}\n`);
  proc.add("/net/tcp", () => "none\n");
  proc.addStream("/log", () => ({ read: () => lines.shift() ?? "" }));
  proc.pids = () => [1, 12];
  proc.ofPid = (pid) => ({ status: () => `pid ${pid}\n` });
  const names = ["1", "12", "counter", "log", "net", "self"];
  assertEquals(bench.names("/proc"), names);
  assertEquals(bench.names("/proc/12"), ["status"]);
  assertEquals(bench.read("/proc/counter"), "1\n");
  assertEquals(bench.read("/proc/counter"), "2\n");
  assertEquals(bench.read("/proc/net/tcp"), "none\n");
  assertEquals(bench.read("/proc/12/status"), "pid 12\n");
  assertEquals(bench.fails(() => bench.read("/proc/13/status")), "ENOENT");
  assertEquals(bench.fails(() => bench.open("/proc/log", "r+")), "EACCES");
  const log = bench.open("/proc/log");
  assertEquals([log.text(1), log.text(), log.text(), log.text()], [
    "a",
    "\n",
    "b\n",
    "",
  ]);
  log.close();
  bench.assertClean();
});

test("looking into /proc and /dev takes no time of the disk", () => {
  const bench = new Bench();
  bench.fs.proc.add("/now", () => "now\n");
  assertEquals(bench.read("/proc/now"), "now\n");
  bench.open("/dev/null", "w").close();
  assertEquals(bench.clock.now, 0);
});

test("the host looks and saves without taking time", () => {
  const bench = new Bench();
  assertEquals(bench.fs.poke("/home/new/a.ts", "text"), null);
  assertEquals(
    bench.fs.peek("/home/new/a.ts"),
    new TextEncoder().encode("text"),
  );
  assertEquals(bench.fs.peek("/home"), null);
  assertEquals(bench.fs.peek("/none"), null);
  assertEquals(bench.fs.poke("/home", "text"), "EISDIR");
  assertEquals(bench.fs.listFiles("/home"), ["/home/new/a.ts"]);
  assertEquals(bench.clock.now, 0);
  assertEquals(bench.read("/home/new/a.ts"), "text");
  bench.assertClean();
});

test("a file that the host saves while an operation makes another comes right after it", () => {
  const bench = new Bench();
  const making = bench.start((op) => bench.fs.mkdir(op, "/home/d"));
  bench.step();
  assertEquals(bench.fs.poke("/home/saved", "text"), null);
  bench.settle();
  assertEquals(making.ok, true);
  assertEquals(bench.names("/home"), ["d", "saved"]);
  assertEquals(bench.read("/home/saved"), "text");
  bench.assertClean();
});

test("a program is read whole, at the disk's speed", () => {
  const bench = new Bench({ files: { "/bin/cat": "source" } });
  const [bytes, path] = bench.run<[Uint8Array, string]>((op) =>
    bench.fs.readProgram(
      op,
      "bin/../bin/cat",
      (bytes, path) => op.complete([bytes, path]),
    )
  );
  assertEquals(new TextDecoder().decode(bytes), "source");
  assertEquals(path, "/bin/cat");
  assert(bench.clock.now > 0);
  const fails = (path: string) =>
    bench.fails(() =>
      bench.run((op) => bench.fs.readProgram(op, path, () => {}))
    );
  assertEquals(fails("/bin"), "EACCES");
  assertEquals(fails("/bin/none"), "ENOENT");
  assertEquals(fails("/dev/null"), "EACCES");
});
