// `grade`, typed in the machine's shell: the program on its disk is graded by
// whoever runs the world, and the shell shows the report.

import { after, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { stopCompiler } from "../../host/compile_native.ts";
import { Driver } from "../../host/driver.ts";
import { gradeRow } from "../../host/grade_answer.ts";
import { HostAnswers } from "../../host/host_answers.ts";
import { makePlayground } from "../../host/playground.ts";
import { answersTo, image, loader } from "./kit.ts";

after(stopCompiler);

const [AHEAD] = answersTo("copy-shelves", "solutions");
const FULL_PIPE = answersTo("copy-shelves", "wrong")
  .find(({ file }) => file.endsWith("full_pipe.ts"))!;
const TWO_FILES = AHEAD!.source.replace(
  "10 * ms);",
  "checking);",
).replace(
  'from "kettle";',
  'from "kettle";\nimport { checking } from "./checking.ts";',
).replace("  ms,\n", "");

/** What a shell's command prints, and its status. */
async function typed(
  command: string,
): Promise<{ text: string; status: number }> {
  const { world, machine } = makePlayground({
    programs: loader,
    image,
    own: {
      "/home/ahead.ts": TWO_FILES,
      "/home/checking.ts": "export const checking = 10_000_000;\n",
      "/home/full_pipe.ts": FULL_PIPE.source,
    },
  });
  const driver = new Driver({
    world,
    compile: (wanted) => loader.compile(wanted),
    clock: {
      now: () => 0,
      delay: () => new Promise((done) => setTimeout(done, 1)),
    },
    speed: Infinity,
  });
  const grade = gradeRow(machine, { loader, image });
  new HostAnswers({ driver, machine, answers: { grade } });
  const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
  await driver.run(shell);
  const { exit } = shell;
  return {
    text: shell.stdout + shell.stderr,
    status: exit !== null && "status" in exit ? exit.status : -1,
  };
}

test("grade lists, shows, and complains of what there is not", async () => {
  assertStringIncludes((await typed("grade")).text, "safe-save");
  const task = await typed("grade safe-save");
  assertStringIncludes(task.text, "The power may go at any instant.");
  const typo = await typed("grade save-safe x.ts");
  assertStringIncludes(typo.text, "there is no assignment save-safe");
  assert(typo.status !== 0);
  const missing = await typed("grade safe-save x.ts");
  assertStringIncludes(missing.text, "/home/x.ts: no such file");
});

test("a program of the machine's disk, with the file it imports, has its points", async () => {
  const { text, status } = await typed("grade copy-shelves ahead.ts");
  assertStringIncludes(text, "10 of 10 points");
  assertEquals(status, 0);
});

test("a deadlock is told in the shell, and status 1", async () => {
  const { text, status } = await typed(
    "cd /tmp; grade copy-shelves ../home/full_pipe.ts",
  );
  assertStringIncludes(text, "0 of 10 points");
  assertStringIncludes(text, "full_pipe.ts (pid 2) waits to write: pipe");
  assertEquals(status, 1);
});
