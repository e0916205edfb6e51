// /dev/host: what programs ask whoever runs the world, through every door; that
// nothing is left of it whatever ends first; and that a run done again needs no
// host.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  cancel,
  close,
  fcntl,
  type Main,
  ms,
  open,
  type Program,
  push,
  read,
  ready,
  type Routine,
  sleep,
  spawn,
  submit,
  SysError,
  text,
  wait,
  waitpid,
  within,
  write,
} from "kettle";
import { type Ask, type Machine, World } from "kettle/world";
import { whyNotRunning } from "../../kernel/wait_words.ts";
import {
  assertNothingLeaked,
  boot,
  type Booted,
  plain,
} from "../conformance/doors.ts";

/** A host that only writes down. */
class Notes {
  readonly asked: Ask[] = [];
  readonly withdrawn: number[] = [];
  constructor(readonly machine: Machine) {
    machine.attachHost({
      asked: (ask) => void this.asked.push(ask),
      withdrawn: (id) => void this.withdrawn.push(id),
    });
  }
  get texts(): string[] {
    return this.asked.map(({ text }) => text);
  }
  answer(index: number, line: string): boolean {
    return this.machine.answerHost(this.asked[index]!.id, line);
  }
}

function bootWithHost(): Booted & { host: Notes } {
  const booted = boot();
  return { ...booted, host: new Notes(booted.machine) };
}

function assertNothingLeft(booted: Booted): void {
  assertNothingLeaked(booted);
  const { machine } = booted;
  assertEquals([machine.asks, machine.objects.get("ask")?.size ?? 0], [[], 0]);
}

/** Asks the lines in one write, then reads as many answers. */
function asker(lines: string[], log: unknown[]): Main {
  return function* asker(): Program {
    const fd = yield* open("/dev/host", "r+");
    yield* write(fd, lines.map((line) => `${line}\n`).join(""));
    for (const _ of lines) log.push(text(yield* read(fd, 10_000)));
    log.push((yield* read(fd, 10)).length);
  };
}

test("where nobody listens every line is answered at once", () => {
  const booted = boot();
  const log: unknown[] = [];
  booted.machine.spawn(asker(['{"ask":"edit"}', '{"ask":"share"}'], log));
  assertEquals(booted.world.run().reason, "done");
  const nobody = '{"error":"nobody listens at /dev/host"}\n';
  assertEquals(log, [nobody, nobody, 0]);
  assertEquals(booted.world.log, []);
  assertNothingLeft(booted);
});

test("the host gets the line, the program waits for it, and its answer is logged input", () => {
  const booted = bootWithHost();
  const { world, machine, host } = booted;
  const log: unknown[] = [];
  const line = '{"ask":"edit","path":"/home/ä.ts"}';
  const process = machine.spawn(asker([line], log));
  assertEquals(world.run().reason, "idle");
  assertEquals(host.texts, [line]);
  const why = whyNotRunning(process.mainThread!);
  assertEquals(why, "event: the host has not answered edit");
  const [thread] = machine.snapshot().threads;
  assertEquals([thread?.state, thread?.why], ["waiting", "event"]);
  world.run({ untilNs: 50 * ms });
  const { id } = host.asked[0]!;
  assertEquals(host.answer(0, '{"opened":true}'), true);
  assertEquals(host.answer(0, "again"), false);
  assertEquals(world.run().reason, "done");
  assertEquals(log, ['{"opened":true}\n', 0]);
  const answer = { id, text: '{"opened":true}' };
  assertEquals(
    world.log.map(({ step: _, ...input }) => input),
    [{ atNs: 0, machine: 0, host: true }, {
      atNs: 50 * ms,
      machine: 0,
      answer,
    }],
  );
  assertNothingLeft(booted);
});

test("answers are read in the order of asking, whenever they come, and each file has its own", () => {
  const booted = bootWithHost();
  const { world, machine, host } = booted;
  const one: unknown[] = [], two: unknown[] = [];
  machine.spawn(asker(['{"ask":"a"}', '{"ask":"b"}'], one));
  machine.spawn(asker(['{"ask":"c"}'], two));
  world.run();
  assertEquals(host.texts, ['{"ask":"a"}', '{"ask":"b"}', '{"ask":"c"}']);
  host.answer(1, "B");
  host.answer(2, "C");
  world.run();
  assertEquals([one, two], [[], ["C\n", 0]]);
  host.answer(0, "A");
  world.run();
  assertEquals(one, ["A\n", "B\n", 0]);
  assertNothingLeft(booted);
});

test("a line that is no question is answered by what is wrong with it, and the host does not see it", () => {
  const booted = bootWithHost();
  const log: unknown[] = [];
  const lines = ["", "{", "[]", "null", '{"ask":7}', '{"ask":"A b"}'];
  booted.machine.spawn(
    asker([...lines, `{"ask":"x","y":"${"z".repeat(5000)}"}`], log),
  );
  booted.world.run();
  const wrong =
    `{"error":"a line for /dev/host is a JSON object that names what it asks: ` +
    `{\\"ask\\":\\"share\\"}"}\n`;
  const long = '{"error":"a line for /dev/host has at most 4096 bytes"}\n';
  assertEquals(log, [...lines.map(() => wrong), long, 0]);
  assertEquals(booted.host.asked, []);
  assertNothingLeft(booted);
});

test("a line may come in parts and its answer be read in parts; a line of 4096 bytes is not too long", () => {
  const booted = bootWithHost();
  const { world, machine, host } = booted;
  const log: unknown[] = [];
  const line = `{"ask":"x","y":"${"z".repeat(4096 - 18)}"}`;
  machine.spawn(function* main() {
    const fd = yield* open("/dev/host", "r+");
    yield* write(fd, line.slice(0, 1000));
    log.push((yield* read(fd, 10)).length);
    yield* write(fd, line.slice(1000) + "\n{");
    for (let i = 0; i < 3; i++) log.push(text(yield* read(fd, 4)));
  });
  world.run();
  assertEquals([host.texts, line.length], [[line], 4096]);
  host.answer(0, "answer");
  world.run();
  assertEquals(log, [0, "answ", "er\n", ""]);
  assertNothingLeft(booted);
});

test("sixteen answers may wait to be read: then a write takes fewer bytes, and then none", () => {
  const booted = bootWithHost();
  const log: unknown[] = [];
  const line = '{"ask":"x"}\n';
  booted.machine.spawn(function* main() {
    const fd = yield* open("/dev/host", "r+");
    log.push((yield* write(fd, line.repeat(20))) / line.length);
    try {
      yield* write(fd, line);
    } catch (error) {
      log.push((error as SysError).message);
    }
    yield* read(fd, 100);
    log.push((yield* ready(fd, "out")).out, yield* write(fd, line));
  });
  booted.world.run();
  assertEquals(booted.host.asked.length, 16);
  booted.host.answer(0, "first");
  booted.world.run();
  const full = "/dev/host: EBUSY, 16 answers are not read yet";
  assertEquals(log, [16, full, true, 12]);
  assertEquals(booted.host.withdrawn.length, 16);
  assertNothingLeft(booted);
});

test("a long answer is replaced by an error; two lines are none", () => {
  const booted = bootWithHost();
  const log: unknown[] = [];
  booted.machine.spawn(asker(['{"ask":"x"}'], log));
  booted.world.run();
  assertThrows(() => booted.host.answer(0, "a\nb"), TypeError, "one line");
  booted.host.answer(0, "x".repeat(256 * 1024));
  booted.world.run();
  const long = `{"error":"the host's answer has more than 262144 bytes"}\n`;
  assertEquals(log, [long, 0]);
  assertNothingLeft(booted);
});

// ------------------------------------------------------------- the three doors

/** Opens, asks, and goes on with the file. */
function* asked(): Routine<number> {
  const fd = yield* open("/dev/host", "r+");
  yield* write(fd, '{"ask":"x"}\n');
  return fd;
}

/** Each way to wait for an answer; gives what it got. */
const WAYS: Record<string, (fd: number) => Routine<unknown>> = {
  *block(fd) {
    return plain(yield* read(fd, 100));
  },
  *submit(fd) {
    const event = yield* wait(yield* submit(read(fd, 100)));
    return event.ok ? plain(event.value) : event.error.code;
  },
  *push(fd) {
    const got: unknown[] = [];
    yield* push(read(fd, 100), (event) => {
      got.push(event.ok ? plain(event.value) : event.error.code);
    });
    while (got.length === 0) yield* sleep(1 * ms);
    return got[0];
  },
  *ready(fd) {
    const { in: can } = yield* ready(fd, "in");
    return can ? plain(yield* read(fd, 100)) : "not ready";
  },
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`an answer comes through: ${name}`, () => {
    const booted = bootWithHost();
    let got: unknown = null;
    booted.machine.spawn(function* main() {
      got = yield* way(yield* asked());
    });
    booted.world.run({ untilNs: 20 * ms });
    booted.host.answer(0, "yes");
    booted.world.run();
    assertEquals(got, "yes\n");
    assertNothingLeft(booted);
  });
}

test("a read can be cancelled, limited, or not wait, and the answer comes to the next one", () => {
  const booted = bootWithHost();
  const log: unknown[] = [];
  booted.machine.spawn(function* main() {
    const fd = yield* asked();
    const handle = yield* submit(read(fd, 100));
    log.push(yield* cancel(handle));
    yield* wait(handle);
    try {
      yield* within(5 * ms, read(fd, 100));
    } catch (error) {
      log.push((error as SysError).code);
    }
    yield* fcntl(fd, { nonblock: true });
    try {
      yield* read(fd, 100);
    } catch (error) {
      log.push((error as SysError).code);
    }
    yield* fcntl(fd, { nonblock: false });
    log.push(plain(yield* read(fd, 100)));
  });
  booted.world.run();
  booted.host.answer(0, "late");
  booted.world.run();
  assertEquals(log, ["cancelled", "ETIME", "EAGAIN", "late\n"]);
  assertNothingLeft(booted);
});

// ------------------------------------------------------------- ends

test("closing the file withdraws what was asked; a child that has it too keeps it", () => {
  const booted = bootWithHost();
  const { world, machine, host } = booted;
  const log: unknown[] = [];
  machine.spawn(function* main() {
    const fd = yield* asked();
    yield* close(fd);
    const kept = yield* asked();
    yield* spawn(function* child(): Program {
      log.push(plain(yield* read(kept, 100)));
    });
    yield* close(kept);
    yield* waitpid();
  });
  world.run();
  assertEquals(host.withdrawn, [host.asked[0]!.id]);
  assertEquals(host.answer(0, "nobody"), false);
  host.answer(1, "child");
  world.run();
  assertEquals(log, ["child\n"]);
  assertNothingLeft(booted);
});

test("a program that is killed while it waits leaves nothing, and its answer goes nowhere", () => {
  const booted = bootWithHost();
  const { world, machine, host } = booted;
  const { pid } = machine.spawn(asker(['{"ask":"x"}'], []));
  world.run();
  world.input({ machine: 0, kill: pid });
  assertEquals(world.run().reason, "done");
  assertEquals(host.withdrawn, [host.asked[0]!.id]);
  assertEquals(host.answer(0, "late"), false);
  assertNothingLeft(booted);
});

test("a power cut withdraws all, and an answer from before it does not answer what comes after", () => {
  const booted = bootWithHost();
  const { world, machine, host } = booted;
  machine.spawn(asker(['{"ask":"x"}'], []));
  world.run();
  machine.pullPlug();
  assertEquals(host.withdrawn, [host.asked[0]!.id]);
  assertEquals(host.answer(0, "off"), false);
  machine.powerOn();
  const log: unknown[] = [];
  machine.spawn(asker(['{"ask":"y"}'], log));
  world.run();
  assertEquals([host.asked.length, host.answer(0, "old")], [2, false]);
  host.answer(1, "new");
  world.run();
  assertEquals(log, ["new\n", 0]);
  assertEquals([machine.asks, machine.snapshot().counts.openFiles], [[], 0]);
});

test("a run that is done again from its log is the same without a host", () => {
  const booted = bootWithHost();
  const log: unknown[] = [];
  booted.machine.spawn(asker(['{"ask":"a"}', '{"ask":"b"}'], log));
  booted.world.run({ untilNs: 3 * ms });
  booted.host.answer(1, "B");
  booted.world.run({ untilNs: 7 * ms });
  booted.host.answer(0, "A");
  booted.world.run();
  const again = new World({ seed: 1 });
  const machine = again.boot();
  const logAgain: unknown[] = [];
  machine.spawn(asker(['{"ask":"a"}', '{"ask":"b"}'], logAgain));
  again.replay(booted.world.log);
  again.run();
  assertEquals(logAgain, log);
  assertEquals(again.trace.hash, booted.world.trace.hash);
  assertEquals(again.log, booted.world.log);
});
