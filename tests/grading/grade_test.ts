// What becomes of programs that are not right: each ends in a report that says
// what happened, in the words of the loader and the kernel. And of those that
// would rather have the points than the program.

import { after, test } from "node:test";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { Loader } from "../../host/loader.ts";
import { Replay } from "../../host/replay.ts";
import { openLink } from "../../host/share.ts";
import { makeWorld, startPrograms, worldOf } from "../../host/world_file.ts";
import {
  assignment,
  Chance,
  endsWithin,
  goal,
  noLeak,
  sameText,
  threadsAtMost,
} from "../../grading/mod.ts";
import { AssignmentError } from "../../grading/assignment.ts";
import { lookAt, reportText } from "../../grading/report.ts";
import { gradeText, image } from "./kit.ts";

after(stopCompiler);

const textOf = (seed: number) => new Chance(seed).text(3_000);

/** Print a file: as small as an assignment can be. */
const CAT = assignment({
  id: "cat",
  title: "Print a file",
  text: "Print /home/in.",
  world: (seed) => ({ files: { "/home/in": textOf(seed) } }),
  invariants: [threadsAtMost(2), noLeak()],
  goals: [
    goal(3, {
      name: "the text",
      check: (run) => sameText(run.stdout, textOf(run.seed), "the text"),
    }),
    goal(1, endsWithin(60_000_000)),
  ],
  seeds: [1, 2],
  budget: { timeNs: 1_000_000_000, steps: 100_000 },
});

const program = (imports: string, body: string) =>
  `import { ${imports} } from "kettle";\n` +
  `export default function* main() {\n${body}\n}\n`;

const RIGHT = program(
  "open, readAll, write",
  `  yield* write(1, yield* readAll(yield* open("/home/in")));`,
);

/** What is reported of a program that fails in how it ends. */
async function endingOf(source: string) {
  const { failures, points, error } = await gradeText(CAT, source);
  assertEquals(error, "");
  assertEquals(points, 0);
  assertEquals(failures.map(({ kind }) => kind), ["ending"]);
  return failures[0]!;
}

test("a right program has all points, and nothing else is said", async () => {
  const { points, of, failures, runs } = await gradeText(CAT, RIGHT);
  assertEquals({ points, of, failures, runs }, {
    points: 4,
    of: 4,
    failures: [],
    runs: 2,
  });
});

test("one that does not compile is told what is wrong and where", async () => {
  const source = program("print", `  print("hello");`);
  const { points, runs, error } = await gradeText(CAT, source);
  assertEquals({ points, runs }, { points: 0, runs: 0 });
  assertStringIncludes(error, "answer.ts:3");
  assertStringIncludes(error, "Put yield* in front.");
});

test("one that is missing, or is no program, is a sentence", async () => {
  assertStringIncludes(
    (await gradeText(CAT, "export const a = 1;\n")).error,
    "no main",
  );
});

test("one that crashes: the error with its line, and the status", async () => {
  const failure = await endingOf(
    program("open", `  yield* open("/home/nofile");`),
  );
  assertStringIncludes(failure.seen!, "it ended with status 1");
  assertStringIncludes(
    failure.said!,
    "/home/nofile: ENOENT, no such file or directory (open at answer.ts:3)",
  );
});

test("one that ends with another status says so", async () => {
  const { seen } = await endingOf(RIGHT.replace("\n}\n", "\n  return 3;\n}\n"));
  assertStringIncludes(seen!, "it ended with status 3");
});

test("one that is killed by a signal says by which", async () => {
  const { seen } = await endingOf(program(
    "close, pipe, write",
    `  const [out, into] = yield* pipe();
  yield* close(out);
  yield* write(into, "x");`,
  ));
  assertStringIncludes(seen!, "SIGPIPE");
});

test("one that prints something else is shown the first line that differs", async () => {
  const source = program("print", `  yield* print("garbage");`);
  const { points, failures } = await gradeText(CAT, source);
  assertEquals(points, 1); // it was quick
  assertEquals(failures.map(({ rule }) => rule), ["the text"]);
  assertEquals(failures[0]!.expected, 'the text, line 1: "1"');
  assertStringIncludes(failures[0]!.seen!, 'line 1: "garbage"');
});

test("one that ends early has printed too little", async () => {
  const source = program(
    "open, read, write",
    `  yield* write(1, yield* read(yield* open("/home/in"), 100));`,
  );
  const [failure] = (await gradeText(CAT, source)).failures;
  assertEquals(failure!.rule, "the text");
  assertStringIncludes(failure!.seen!, "(100 of 3000 characters)");
});

test("one that loops without a call is stopped, with the line", async () => {
  const { said } = await endingOf(program("print", `  for (;;) {}`));
  assertStringIncludes(said!, "answer.ts:3");
  assertStringIncludes(said!, "this loop ran 5,000,000 times without a call");
});

test("one that calls for ever has used its steps, and is told where it was", async () => {
  const { seen } = await endingOf(
    program("getpid", `  for (;;) yield* getpid();`),
  );
  assertStringIncludes(seen!, "100000 steps had happened");
  assertStringIncludes(seen!, "getpid (answer.ts:3)");
});

test("one that sleeps for ever has used its time", async () => {
  const { seen } = await endingOf(
    program("s, sleep", `  for (;;) yield* sleep(0.1 * s);`),
  );
  assertStringIncludes(seen!, "it still ran after 1 s of virtual time");
  assertStringIncludes(seen!, "sleep (answer.ts:3)");
});

test("a deadlock is told as the kernel tells it", async () => {
  const { seen } = await endingOf(program(
    "pipe, read",
    `  const [out, into] = yield* pipe();
  yield* read(out, into);`,
  ));
  assertStringIncludes(seen!, "Deadlock at");
  assertStringIncludes(seen!, "answer.ts (pid 2) waits to read");
});

test("one that waits for what nobody sends says what it waits for", async () => {
  const { seen } = await endingOf(program(
    "accept, bind, listen, socket",
    `  const fd = yield* socket();
  yield* bind(fd, { port: 80 });
  yield* listen(fd, 1);
  yield* accept(fd);`,
  ));
  assertStringIncludes(seen!, "waits in accept at answer.ts:6");
});

test("what it leaves running is a leak, and no goal counts", async () => {
  const source =
    `import { open, readAll, s, sleep, spawn, write } from "kettle";
export default function* main() {
  yield* spawn(lurk, []);
  yield* write(1, yield* readAll(yield* open("/home/in")));
}
export function* lurk() {
  yield* sleep(60 * s);
}
`;
  const { points, goals, failures } = await gradeText(CAT, source);
  assertEquals(points, 0);
  assertEquals(goals.map(({ held, runs }) => held / runs), [1, 1]);
  assertEquals(failures[0]!.rule, "nothing is left behind");
  assertStringIncludes(failures[0]!.seen!, "1 more processes");
});

// ------------------------------------------------------------- hidden seeds

const KNOWN = program(
  "open, read, text, write",
  `  const known = ${JSON.stringify([textOf(1), textOf(2)])};
  const begin = text(yield* read(yield* open("/home/in"), 100));
  yield* write(1, known.find((it) => it.startsWith(begin)) ?? "what is this?");`,
);

test("who prints what is expected of the known seeds fails on a hidden one", async () => {
  const { points, failures, hiddenSeeds } = await gradeText(CAT, KNOWN, {
    hidden: [77],
  });
  assertEquals({ points, hiddenSeeds }, { points: 1, hiddenSeeds: 1 });
  assertEquals(failures.map(({ rule }) => rule), ["the text"]);
});

test("of a hidden seed nothing is told: no number, no text, no link, no word of the program", async () => {
  const report = await gradeText(CAT, KNOWN, { hidden: [77], links: true });
  const [failure] = report.failures;
  const { seed, cutNs, expected, seen, atNs, said, link } = failure!;
  for (const it of [seed, cutNs, expected, seen, atNs, said, link]) {
    assertEquals(it, null);
  }
  const all = JSON.stringify(report) + reportText(report, lookAt(""));
  assert(!all.includes("77") && !all.includes("what is this"));
});

test("the teacher sees it all, and a failure on a known seed is shown instead of a hidden one", async () => {
  const revealed = await gradeText(CAT, KNOWN, { hidden: [77], reveal: true });
  assertEquals(revealed.failures[0]!.seed, 77);
  assertStringIncludes(revealed.failures[0]!.seen!, "what is this?");
  const source = program("print", `  yield* print("garbage");`);
  const { failures } = await gradeText(CAT, source, { hidden: [77] });
  assertEquals([failures[0]!.seed, failures[0]!.times], [1, 3]);
});

// ------------------------------------------------------------- links

test("the link shows the same run at the failing instant", async () => {
  const source = program(
    "ms, sleep, thread",
    `  for (let i = 0; i < 4; i++) yield* thread(wait, undefined);
  yield* sleep(5 * ms);`,
  ) + "function* wait() {\n  yield* sleep(1_000_000);\n}\n";
  const report = await gradeText(CAT, source, { links: true });
  const [failure] = report.failures;
  assertEquals(failure!.rule, "never more than 2 threads");
  assert(failure!.link!.length < 4_000, `${failure!.link!.length}`);
  const shared = await openLink(failure!.link!);
  assertEquals(shared.atNs, failure!.atNs);
  const loader = new Loader({ compile: compileNative });
  const replay = new Replay({
    log: shared.log,
    loader,
    boot(programs) {
      const file = worldOf(shared.world);
      file.machines[0]!.options.files = shared.files;
      const world = makeWorld(file, { programs, image, seed: shared.seed });
      startPrograms(world, file);
      return world;
    },
  });
  await replay.to(shared.atNs);
  assertEquals(replay.world.trace.hash, shared.hash);
  const { threads } = replay.world.machines[0]!.snapshot().counts;
  assertEquals(threads, 3); // the main thread, and two of the four
});

// ------------------------------------------------------------- the assignment itself

test("an assignment that is not whole is refused with a sentence", () => {
  const made = (change: object) => () =>
    assignment({ ...CAT, ...change } as typeof CAT);
  const messageOf = (make: () => unknown) => {
    try {
      make();
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assertEquals(
    messageOf(made({ goal: [] })),
    'assignment cat: it has no goal. The nearest is "goals"',
  );
  assertStringIncludes(messageOf(made({ goals: [] })), "it has no goal");
  assertStringIncludes(messageOf(made({ seeds: [] })), "it has no seed");
  assertStringIncludes(
    messageOf(made({ goals: [{ ...CAT.goals[0], points: 0.5 }] })),
    "a whole number",
  );
});

test("a goal that needs another has no points without it, and what it needs must be there", async () => {
  const [text, quick] = CAT.goals;
  const needy = { ...CAT, goals: [text!, { ...quick!, needs: text!.name }] };
  const source = program("print", `  yield* print("garbage");`);
  assertEquals((await gradeText(needy, source)).points, 0);
  assertEquals((await gradeText(needy, RIGHT)).points, 4);
  assertThrows(
    () => assignment({ ...CAT, goals: [{ ...quick!, needs: "luck" }] }),
    TypeError,
    'needs a goal "luck", and there is none',
  );
});

test("a check that fails itself is the teacher's mistake, and no points are lost by it", async () => {
  const broken = {
    ...CAT,
    goals: [goal(1, {
      name: "broken",
      check: () => {
        throw new Error("no such thing");
      },
    })],
  };
  try {
    await gradeText(broken, RIGHT);
    throw new Error("it was graded");
  } catch (error) {
    assert(error instanceof AssignmentError);
    assertEquals(
      error.message,
      '"broken" of the assignment fails: no such thing',
    );
  }
});

test("a world that cannot be made is the teacher's mistake, too", async () => {
  const broken = { ...CAT, world: () => ({ machine: { cpu: 2 } as object }) };
  const error = await gradeText(broken, RIGHT).catch((error) => error);
  assert(error instanceof AssignmentError);
  assertStringIncludes(error.message, 'no machine option is called "cpu"');
});

test("the same program has the same report, to the byte", async () => {
  const source = program("print", `  yield* print("garbage");`);
  const once = await gradeText(CAT, source, { links: true });
  assertEquals(await gradeText(CAT, source, { links: true }), once);
});
