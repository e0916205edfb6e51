// What `world.boot` takes for a disk, and what it says to what it does not take;
// and that every drive, with every policy, carries a file system.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HDD_MODELS } from "../../kernel/dev/hdd_model.ts";
import { POLICIES, type PolicyName } from "../../kernel/dev/hdd_policy.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import type { DiskOptions } from "../../kernel/machine_options.ts";
import {
  close,
  fsync,
  O_CREAT,
  O_RDWR,
  open,
  print,
  type Program,
  read,
  text,
  write,
} from "kettle";
import { run, World } from "kettle/world";

function refusal(disk: Record<string, unknown>): string {
  const boot = () => new World().boot({ disk: disk as DiskOptions });
  return (assertThrows(boot) as Error).message;
}

test("an unknown model or policy is refused with the nearest known name", () => {
  assertEquals(
    refusal({ model: "cheetah" }),
    'no disk model is called "cheetah". The nearest is "cheetah-9lp"',
  );
  assertEquals(
    refusal({ model: "baracuda" }),
    'no disk model is called "baracuda". The nearest is "barracuda"',
  );
  assertEquals(
    refusal({ policy: "clook" }),
    'no disk policy is called "clook". The nearest is "c-look"',
  );
  assertEquals(
    refusal({ writecache: true }),
    'no disk option is called "writecache". The nearest is "writeCache"',
  );
});

test("a value that makes no sense is refused with what is allowed", () => {
  for (const queueDepth of [0, 33, 1.5, Number.NaN, "8"]) {
    assertEquals(
      refusal({ queueDepth }),
      `disk.queueDepth must be a whole number from 1 to 32: received ${queueDepth}`,
    );
  }
  assertEquals(
    refusal({ readAhead: "no" }),
    "disk.readAhead is true or false: received no",
  );
  assertEquals(
    refusal({ writeCache: 1 }),
    "disk.writeCache is true or false: received 1",
  );
});

test("an image of another drive is refused with the name of that one", () => {
  const image = new World().boot({ disk: { model: "barracuda" } }).platter;
  assertEquals(
    refusal({ image }),
    'disk.image does not fit the model "nearline-4tb": it is of "barracuda"',
  );
  assertEquals(
    refusal({ image: new Platter(1_000) }),
    'disk.image does not fit the model "nearline-4tb": no model has its 1000 sectors',
  );
  assertEquals(refusal({ image: {} }), "disk.image must be a Platter");
  const machine = new World().boot({ disk: { model: "barracuda", image } });
  assertEquals(machine.platter, image);
});

function* writeAndRead(): Program {
  const fd = yield* open("/home/a", O_RDWR | O_CREAT);
  yield* write(fd, "written");
  yield* fsync(fd);
  yield* close(fd);
  const again = yield* open("/home/a");
  yield* print(text(yield* read(again, 100)));
}

test("every drive carries a file system, with every policy, with and without its buffers", () => {
  const times = new Set<number>();
  const tryOut = (disk: DiskOptions) => {
    const { reason, stdout, elapsedNs } = run(writeAndRead, {
      machine: { disk },
    });
    assertEquals([reason, stdout], ["done", "written\n"]);
    times.add(elapsedNs);
  };
  for (const { name } of HDD_MODELS) tryOut({ model: name });
  for (const policy of Object.keys(POLICIES) as PolicyName[]) {
    tryOut({ policy, queueDepth: 1 });
    tryOut({ policy, writeCache: true, readAhead: false });
  }
  assert(times.size >= HDD_MODELS.length, "drives differ");
});
