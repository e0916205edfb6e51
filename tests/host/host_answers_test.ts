// What programs ask at /dev/host, answered by a table: in time, late, wrongly, not
// at all; and the same session again from its log, where nobody is asked.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { compileNative } from "../../host/compile_native.ts";
import { Driver } from "../../host/driver.ts";
import { type Answers, HostAnswers } from "../../host/host_answers.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import { Replay } from "../../host/replay.ts";
import type { Machine } from "../../kernel/kernel.ts";
import type { ProgramLoader } from "../../kernel/program.ts";
import type { Input, World } from "../../kernel/world.ts";

const image = readImage();
const loader = new Loader({ compile: compileNative });

function boot(programs: ProgramLoader): World {
  return makePlayground({ programs, image, seed: 3 }).world;
}

/** A shell with answers; a line is typed whenever it waits for one. */
class Table {
  readonly asked: string[] = [];
  readonly driver: Driver;
  readonly machine: Machine;
  readonly desk: HostAnswers;
  #lines: string[] = [];

  constructor(
    world: World,
    answers: Answers,
    future: readonly Input[] = [],
  ) {
    this.machine = world.machines[0]!;
    this.driver = new Driver({
      world,
      compile: (wanted) => loader.compile(wanted),
      clock: { now: () => 0, delay: () => later(undefined) },
      speed: Infinity,
      future,
      onBranch: () => this.desk.branched(),
      onState: (state) => state === "idle" && this.#idle(),
    });
    const noted = Object.entries(answers).map(([name, answer]) => {
      const note: typeof answer = (asked, withdrawn) => {
        this.asked.push(JSON.stringify(asked));
        return answer(asked, withdrawn);
      };
      return [name, note];
    });
    const { driver, machine } = this;
    this.desk = new HostAnswers({
      driver,
      machine,
      answers: Object.fromEntries(noted),
    });
  }

  /** What the shell showed meanwhile. */
  async run(lines: string[]): Promise<string> {
    const before = this.machine.screen.length;
    this.#lines = [...lines];
    await this.driver.run();
    return this.machine.screen.slice(before).replaceAll("\r\n", "\n")
      .replaceAll("\x1b[?2004l", "");
  }

  login(): void {
    const path = "/bin/sh";
    this.machine.login({ path, args: ["-l"], name: "sh", cwd: "/home" });
  }

  /** Later than the host's answers, which come by themselves. */
  #idle(): void {
    setTimeout(() => {
      const { state, world } = this.driver;
      const rests = state === "idle" && world.isQuiet;
      if (!rests || this.machine.asks.length > 0) return;
      const line = this.#lines.shift();
      if (line === undefined) this.driver.stop();
      else this.driver.type(this.machine, `${line}\r`);
    });
  }
}

/** In its own time. */
function later<T>(value: T): Promise<T> {
  return new Promise((done) => setTimeout(() => done(value), 2));
}

const ANSWERS: Answers = {
  edit: ({ path }) => ({ opened: path === "/home/a.ts" }),
  share: () => later({ link: "https://kettle.example/#1abc" }),
  lesson: () => {
    throw new Error("there is no such lesson");
  },
  scenario: ({ args }) => later({ text: `ran ${String(args)}`, status: 3 }),
};

test("the shipped programs ask, and say what the host says", async () => {
  const table = new Table(boot(loader), ANSWERS);
  table.login();
  const shown = await table.run([
    "edit a.ts && echo opened",
    "cd /tmp; edit +7 ../home/./a.ts; cd",
    "share",
    "lesson 99; echo $?",
    'exec 3<>/dev/host; echo \'{"ask":"tea"}\' >&3; read -r a <&3; echo $a',
  ]);
  for (
    const line of [
      "opened",
      "https://kettle.example/#1abc",
      "lesson: there is no such lesson",
      "1",
      '{"error":"nobody answers tea here, only: edit, share, lesson, scenario"}',
    ]
  ) assert(shown.includes(`\n${line}\n`), `${line} in ${shown}`);
  assertEquals(table.asked, [
    '{"ask":"edit","path":"/home/a.ts","line":1}',
    '{"ask":"edit","path":"/home/a.ts","line":7}',
    '{"ask":"share"}',
    '{"ask":"lesson","args":["99"]}',
  ]);
});

test("where the host does not open it, and with -t, edit is the one in the terminal", async () => {
  const table = new Table(boot(loader), ANSWERS);
  table.login();
  const shown = await table.run(["edit b.ts", "\x18", "edit -t a.ts", "\x18"]);
  assertEquals(table.asked, ['{"ask":"edit","path":"/home/b.ts","line":1}']);
  assertEquals(shown.split("\x1b[?1049h").length, 3);
});

test("a program that is killed withdraws what it asked, and the host is told", async () => {
  let told = 0;
  const table = new Table(boot(loader), {
    share: (_, withdrawn) => {
      withdrawn.addEventListener("abort", () => told++);
      return new Promise((done) => setTimeout(() => done({ link: "x" }), 50));
    },
  });
  table.login();
  const shown = await table.run(["share & sleep 0.1; kill %1; wait; echo ok"]);
  assert(shown.includes("\nok\n"), shown);
  assertEquals([told, table.machine.asks], [1, []]);
});

test("the session again from its log asks nobody and is the same to the last event", async () => {
  const table = new Table(boot(loader), ANSWERS);
  table.login();
  await table.run(["share; lesson 1", "edit a.ts; share"]);
  const { world } = table.driver;
  const replay = new Replay({ log: world.log, loader, boot });
  await replay.to(world.now);
  assertEquals(replay.world.trace.hash, world.trace.hash);
  assertEquals(replay.world.log, world.log);
});

test("in a past with a future the answers of then come; who branches is asked what they would have told", async () => {
  const first = new Table(boot(loader), ANSWERS);
  first.login();
  await first.run(["share", "share"]);
  const { log } = first.driver.world;
  const answers = log.filter(({ answer }) => answer !== undefined);
  assertEquals(answers.length, 2);
  const replay = new Replay({ log, loader, boot });
  await replay.to(answers[1]!.atNs, "before");
  assertEquals(replay.world.machines[0]!.asks.length, 1);
  const { future } = replay;
  const second = new Table(replay.world, ANSWERS, future);
  replay.leaveTo(() => second.driver.nextInput);
  assertEquals(second.asked, []);
  second.driver.input(() => {}); // somebody does something else
  await second.run([]);
  assertEquals(second.asked, ['{"ask":"share"}']);
  const third = new Replay({ log, loader, boot });
  await third.to(answers[1]!.atNs, "before");
  const same = new Table(third.world, ANSWERS, third.future);
  third.leaveTo(() => same.driver.nextInput);
  await same.run([]);
  assertEquals(same.asked, []);
  assertEquals(same.driver.world.trace.hash, first.driver.world.trace.hash);
});
