// Conformance, section B: files and directories, through the calls.

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  close,
  fstat,
  fsync,
  ftruncate,
  link,
  lseek,
  mkdir,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_WRONLY,
  open,
  pipe,
  pread,
  pwrite,
  read,
  readdir,
  rename,
  rmdir,
  type Routine,
  socket,
  spawn,
  stat,
  sync,
  unlink,
  waitpid,
  write,
} from "kettle";
import { World } from "kettle/world";
import { check } from "../../kernel/fs/mod.ts";
import { assertDiskWhole } from "../kernel/disk_whole.ts";
import {
  type Door,
  DOORS,
  outcome,
  plain,
  program,
  throughDoors,
} from "./doors.ts";

const FILE = { files: { "/f": "abcdef" } };

/** The whole content of a file. */
function* contentOf(path: string): Routine<unknown> {
  const fd = yield* open(path);
  const content = plain(yield* read(fd, 100_000));
  yield* close(fd);
  return content;
}

throughDoors("C013: a read gives what is left, then nothing", function* (door) {
  const fd = yield* open("/f");
  yield* lseek(fd, 1);
  assertEquals(yield* door.do(read(fd, 10)), "bcdef");
  assertEquals(yield* door.do(read(fd, 10)), "");
  yield* lseek(fd, 1_000);
  assertEquals(yield* door.do(read(fd, 10)), "");
  return yield* lseek(fd, 0, "cur");
}, FILE);

throughDoors(
  "C014: a directory cannot be read, nor what is open for writing",
  function* (door) {
    const directory = yield* open("/", O_DIRECTORY);
    assertEquals(yield* door.do(read(directory, 10)), "EISDIR");
    const writing = yield* open("/f", O_WRONLY);
    assertEquals(yield* door.do(read(writing, 10)), "EBADF");
    return yield* lseek(writing, 0, "cur");
  },
  FILE,
);

program(
  "C015: appended bytes go to the end, wherever the offset is",
  function* () {
    const a = yield* open("/f", "a"), b = yield* open("/f", "a");
    yield* write(a, "12");
    yield* write(b, "34");
    yield* lseek(a, 0);
    yield* write(a, "56");
    assertEquals(yield* lseek(a, 0, "cur"), 12);
    assertEquals(yield* contentOf("/f"), "abcdef123456");
  },
  FILE,
);

program("C017: a write beyond the end leaves zeros", function* () {
  const fd = yield* open("/new", "w+");
  yield* lseek(fd, 3);
  yield* write(fd, "x");
  assertEquals(yield* pread(fd, 10, 0), Uint8Array.of(0, 0, 0, 120));
});

program(
  "C018: lseek refuses what is no place and leaves the offset",
  function* () {
    const fd = yield* open("/f");
    yield* lseek(fd, 2);
    assertEquals(yield* outcome(lseek(fd, -3, "cur")), "EINVAL");
    assertEquals(yield* outcome(lseek(fd, 0, "here" as "set")), "EINVAL");
    const [end] = yield* pipe();
    assertEquals(yield* outcome(lseek(end, 0)), "ESPIPE");
    assertEquals(yield* outcome(lseek(yield* socket(), 0)), "ESPIPE");
    const tty = yield* open("/dev/tty");
    assertEquals(yield* outcome(lseek(tty, 0)), "ESPIPE");
    assertEquals(yield* lseek(fd, 0, "cur"), 2);
    assertEquals(yield* lseek(fd, -1, "end"), 5);
  },
  FILE,
);

throughDoors("C019: pread and pwrite leave the offset alone", function* (door) {
  const fd = yield* open("/f", "r+");
  yield* lseek(fd, 1);
  assertEquals(yield* door.do(pwrite(fd, "XY", 4)), 2);
  assertEquals(yield* door.do(pread(fd, 3, 3)), "dXY");
  const [readEnd, writeEnd] = yield* pipe();
  assertEquals(yield* door.do(pread(readEnd, 1, 0)), "ESPIPE");
  assertEquals(yield* door.do(pwrite(writeEnd, "x", 0)), "ESPIPE");
  assertEquals(yield* lseek(fd, 0, "cur"), 1);
  return yield* contentOf("/f");
}, FILE);

throughDoors(
  "C022: ftruncate cuts or fills with zeros and leaves the offset",
  function* (door) {
    const fd = yield* open("/f", "r+");
    yield* lseek(fd, 5);
    assertEquals(yield* door.do(ftruncate(fd, 2)), "ok");
    assertEquals(yield* contentOf("/f"), "ab");
    assertEquals(yield* door.do(ftruncate(fd, 4)), "ok");
    assertEquals(yield* contentOf("/f"), "ab\0\0");
    assertEquals(yield* door.do(ftruncate(fd, -1)), "EINVAL");
    assertEquals(yield* door.do(ftruncate(yield* open("/f"), 1)), "EINVAL");
    return yield* lseek(fd, 0, "cur");
  },
  FILE,
);

program("C023: an unlinked file lives as long as it is open", function* () {
  const fd = yield* open("/f", "r+");
  const before = yield* fstat(fd);
  yield* unlink("/f");
  assertEquals(yield* outcome(stat("/f")), "ENOENT");
  yield* pwrite(fd, "Z", 0);
  assertEquals(plain(yield* read(fd, 10)), "Zbcdef");
  assertEquals((yield* fstat(fd)).nlink, 0);
  yield* open("/f", "w");
  assertNotEquals((yield* stat("/f")).ino, before.ino);
}, FILE);

throughDoors("C025: open says why it cannot", function* (door) {
  assertEquals(yield* door.do(open("/missing")), "ENOENT");
  assertEquals(yield* door.do(open("")), "ENOENT");
  const exclusively = O_CREAT | O_EXCL | O_WRONLY;
  assertEquals(yield* door.do(open("/f", exclusively)), "EEXIST");
  assertEquals(yield* door.do(open("/", "r+")), "EISDIR");
  assertEquals(yield* door.do(open("/f/g")), "ENOTDIR");
  assertEquals(yield* door.do(open("/f", O_DIRECTORY)), "ENOTDIR");
  assertEquals(
    yield* door.do(open("/" + "n".repeat(256), "w")),
    "ENAMETOOLONG",
  );
  return yield* door.do(open("/f"));
}, FILE);

throughDoors(
  "C026: rename replaces at once and an open file stays what it was",
  function* (door) {
    yield* write(yield* open("/g", "w"), "new");
    const old = yield* open("/f");
    assertEquals(yield* door.do(rename("/g", "/f")), "ok");
    assertEquals(yield* contentOf("/f"), "new");
    assertEquals(yield* outcome(stat("/g")), "ENOENT");
    return yield* outcome(read(old, 10));
  },
  FILE,
);

throughDoors(
  "C028: rename refuses what would break the tree",
  function* (door) {
    for (const path of ["/a", "/full", "/full/inner", "/empty"]) {
      yield* mkdir(
        path,
      );
    }
    assertEquals(yield* door.do(rename("/a", "/full")), "ENOTEMPTY");
    assertEquals(yield* door.do(rename("/f", "/a")), "EISDIR");
    assertEquals(yield* door.do(rename("/a", "/f")), "ENOTDIR");
    assertEquals(yield* door.do(rename("/full", "/full/inner/x")), "EINVAL");
    assertEquals(yield* door.do(rename("/missing", "/x")), "ENOENT");
    assertEquals(yield* door.do(rename("/full", "/empty")), "ok");
    const names = [];
    for (const entry of yield* readdir("/empty")) names.push(entry.name);
    return names;
  },
  FILE,
);

throughDoors("C030: a second name is the same file", function* (door) {
  assertEquals(yield* door.do(link("/f", "/g")), "ok");
  assertEquals((yield* stat("/f")).ino, (yield* stat("/g")).ino);
  assertEquals((yield* stat("/g")).nlink, 2);
  assertEquals(yield* door.do(link("/f", "/g")), "EEXIST");
  yield* mkdir("/d");
  assertEquals(yield* door.do(link("/d", "/e")), "EPERM");
  assertEquals(yield* door.do(link("/missing", "/e")), "ENOENT");
  assertEquals(yield* door.do(unlink("/f")), "ok");
  return yield* contentOf("/g");
}, FILE);

throughDoors(
  "C031: mkdir, rmdir and unlink say why they cannot",
  function* (door) {
    assertEquals(yield* door.do(mkdir("/d")), "ok");
    assertEquals(yield* door.do(mkdir("/d")), "EEXIST");
    assertEquals(yield* door.do(mkdir("/f")), "EEXIST");
    assertEquals(yield* door.do(mkdir("/missing/d")), "ENOENT");
    assertEquals(yield* door.do(mkdir("/f/d")), "ENOTDIR");
    assertEquals(yield* door.do(mkdir("/d/inner")), "ok");
    assertEquals(yield* door.do(rmdir("/d")), "ENOTEMPTY");
    assertEquals(yield* door.do(rmdir("/f")), "ENOTDIR");
    assertEquals(yield* door.do(rmdir("/d/inner/.")), "EINVAL");
    assertEquals(yield* door.do(unlink("/d")), "EISDIR");
    assertEquals(yield* door.do(rmdir("/d/inner")), "ok");
    return yield* door.do(rmdir("/d"));
  },
  FILE,
);

throughDoors(
  "C033: readdir lists every entry once, also after deletions",
  function* (door) {
    yield* mkdir("/d");
    assertEquals(yield* door.do(readdir("/d")), []);
    for (let i = 0; i < 40; i++) yield* close(yield* open(`/d/${i}`, "w"));
    for (let i = 0; i < 40; i += 3) yield* unlink(`/d/${i}`);
    const entries = (yield* door.do(readdir("/d"))) as { name: string }[];
    const names = entries.map(({ name }) => name);
    const expected = Array.from({ length: 40 }, (_, i) => i)
      .filter((i) => i % 3 !== 0).map(String);
    assertEquals(names, expected.sort());
    return names;
  },
);

throughDoors("C035: a write that is refused changes nothing", function* (door) {
  const fd = yield* open("/f", "r+");
  yield* lseek(fd, 2);
  assertEquals(yield* door.do(write(fd, 7 as unknown as string)), "EINVAL");
  assertEquals(yield* door.do(write(yield* open("/f"), "x")), "EBADF");
  assertEquals((yield* fstat(fd)).size, 6);
  assertEquals(yield* lseek(fd, 0, "cur"), 2);
  return yield* contentOf("/f");
}, FILE);

program(
  "C036: what a process wrote is there after it ended without close",
  function* () {
    yield* spawn(function* child() {
      yield* write(yield* open("/new", "w"), "left behind");
    });
    yield* waitpid();
    assertEquals(yield* contentOf("/new"), "left behind");
  },
);

/** Writes and syncs /f through a door, writes more, and is cut off; what a program finds after the boot. */
function afterCut(
  door: Door,
  cutNs: number,
): { synced: boolean; text: string } {
  const world = new World();
  const machine = world.boot({ files: { "/f": "o".repeat(LONG) } });
  let synced = false;
  machine.spawn(function* writer() {
    const fd = yield* open("/f", "r+");
    assertEquals(yield* door.do(write(fd, "s".repeat(LONG))), LONG);
    assertEquals(yield* door.do(fsync(fd)), "ok");
    synced = true;
    for (const letter of "abcdefgh") {
      yield* door.do(pwrite(fd, letter.repeat(LONG), 0));
      if (letter === "d") yield* door.start(sync());
    }
  });
  world.run({ untilNs: cutNs });
  machine.pullPlug();
  assertEquals(check(machine.platter), []);
  machine.powerOn();
  const reader = machine.spawn(function* reader() {
    return (yield* contentOf("/f")) as number;
  });
  world.run({ until: reader });
  assertDiskWhole(machine);
  return { synced, text: reader.result as unknown as string };
}
const LONG = 9_000;

for (const door of DOORS) {
  test(`C037 (${door.name}): what was fsynced is there after a power cut, and the rest is old or new`, () => {
    let early = 0, late = 0;
    for (let cut = 0; cut < 40; cut++) {
      const { synced, text } = afterCut(door, cut * 4_321_987);
      assertEquals(text.length, LONG);
      const known = synced ? "sabcdefgh" : "os";
      for (const letter of new Set(text)) {
        assert(
          known.includes(letter),
          `cut ${cut}: ${letter}, not of ${known}`,
        );
      }
      if (synced) late++;
      else early++;
    }
    assert(
      early > 3 && late > 3,
      `${early} cuts before the fsync, ${late} after`,
    );
  });
}
