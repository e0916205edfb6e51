// A session at the shell, once more from its log: the same to the last event at
// every instant, whether programs had to be compiled then, or now, or not.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { compileNative } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import { Replay } from "../../host/replay.ts";
import type { Input, World } from "../../kernel/world.ts";
import type { ProgramLoader } from "../../kernel/program.ts";

const MS = 1_000_000;
const SHELL = { path: "/bin/sh", args: ["-l"], name: "sh", cwd: "/home" };
const OWN = `import { compute, ms, print, type Program } from "kettle";
export default function* main(args: string[]): Program {
  yield* compute(40 * ms);
  yield* print("mine: " + args);
}
`;
const image = readImage();

function boot(programs: ProgramLoader): World {
  return makePlayground({ programs, image, seed: 5 }).world;
}

function makeLoader(): Loader {
  return new Loader({ compile: compileNative });
}

interface Kept {
  log: Input[];
  /** Instants, and the hash of the trace then. */
  marks: [number, string][];
  screen: string;
}

/** Types, saves a file, cuts the power; programs are compiled as they are wanted. */
async function session(): Promise<Kept> {
  const loader = makeLoader();
  const world = boot(loader);
  const [machine] = world.machines;
  const marks: Kept["marks"] = [];
  machine!.login(SHELL);
  let duringCompile = "";
  const run = async (untilNs: number) => {
    while (world.run({ untilNs }).reason === "host") {
      for (const key of duringCompile) machine!.type(key);
      duringCompile = "";
      await loader.compile(world.wanted!);
    }
  };
  /** The mark is a moment before whatever comes then. */
  const until = async (untilNs: number) => {
    await run(untilNs - 1);
    marks.push([world.now, world.trace.hash]);
    await run(untilNs);
  };
  const type = async (text: string) => {
    for (const key of text) {
      machine!.type(key);
      await until(world.now + 3 * MS);
    }
  };
  await until(50 * MS);
  await type("ls /bin | wc -l\\r".replace("\\r", "\r"));
  world.input({ machine: 0, path: "/home/own.ts", text: OWN });
  await until(400 * MS);
  duringCompile = "echo typed meanwhile\r";
  await type("./own.ts a b\r");
  await until(600 * MS);
  duringCompile = "\x03";
  await type("cat /bin/cat | grep read | sort\r");
  await until(900 * MS);
  machine!.resize(100, 40);
  await type("curl http://www/\r");
  await until(1_500 * MS);
  await type("exit\r");
  await until(1_600 * MS);
  machine!.login(SHELL);
  await type("sleep 5 & kill $!; echo again\r");
  await until(2_000 * MS);
  machine!.pullPlug();
  await until(2_100 * MS);
  machine!.powerOn();
  machine!.login(SHELL);
  await type("cat own.ts | wc -c\r");
  await until(9_000 * MS);
  return { log: [...world.log], marks, screen: machine!.screen };
}

const kept = await session();

test("the session did what it should, some of it while a program was compiled", () => {
  const { screen, log } = kept;
  for (const shown of ["mine: a,b", "It works", "again", "typed meanwhile"]) {
    assert(screen.includes(shown), `${shown} in ${screen}`);
  }
  assert(log.some(({ stalled }) => stalled), "no input came in a stall");
});

test("a replay is the same run at every instant, with programs compiled anew", async () => {
  const replay = new Replay({ log: kept.log, loader: makeLoader(), boot });
  for (const [at, hash] of kept.marks) {
    await replay.to(at);
    assertEquals([replay.world.now, replay.world.trace.hash], [at, hash]);
  }
  assertEquals(replay.inputsLeft, 0);
  assertEquals(replay.world.machines[0]!.screen, kept.screen);
});

test("a replay with everything compiled already goes back to any instant, and its log is the same", async () => {
  const loader = makeLoader();
  const last = kept.marks.at(-1)!;
  const all = new Replay({ log: kept.log, loader, boot });
  await all.to(last[0]);
  assertEquals(all.world.trace.hash, last[1]);
  assertEquals(all.world.log, kept.log);
  const { compiledCount } = loader;
  for (const index of [3, 20, 57, 80]) {
    const [at, hash] = kept.marks[index]!;
    const back = new Replay({ log: kept.log, loader, boot });
    await back.to(at);
    assertEquals([back.world.now, back.world.trace.hash], [at, hash]);
  }
  assertEquals(loader.compiledCount, compiledCount);
});

test("a replay lets the host have its turn, and ends when that says so", async () => {
  let breaths = 0;
  const replay = new Replay({
    log: kept.log,
    loader: makeLoader(),
    boot,
    breathe: () =>
      ++breaths < 3 ? Promise.resolve() : Promise.reject(new Error("enough")),
  });
  const end = await replay.to(9_000 * MS).catch((error) => error.message);
  assertEquals([end, breaths], ["enough", 3]);
});
