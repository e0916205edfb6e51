// `scenario …` in a machine's shell, answered by the terminal: what `kettle scenario`
// prints, its status, its complaints; and stopped with the program.

import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { HostAnswers } from "../../host/host_answers.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import { answerScenario } from "../../host/scenario_answer.ts";
import { scenarioCommand } from "../../host/scenario_command.ts";
import { TERMINAL_ANSWERS } from "../../host/terminal_answers.ts";

const loader = new Loader({ compile: compileNative });
const image = readImage();

/** What the program says, in the machine of the terminal. */
async function inMachine(...args: string[]) {
  const { world } = makePlayground({ programs: loader, image, seed: 1 });
  const machine = world.machines[0]!;
  let isAnswered = () => {};
  const driver = {
    future: [],
    input: (enter: () => void) => {
      enter();
      isAnswered();
    },
  };
  new HostAnswers({ driver, machine, answers: TERMINAL_ANSWERS });
  const process = machine.spawn("/bin/scenario", args);
  while (process.exit === null) {
    const { reason } = world.run({ until: process });
    if (reason === "host") await loader.compile(world.wanted!);
    else if (reason === "idle") {
      await new Promise<void>((resolve) => isAnswered = resolve);
    }
  }
  await stopCompiler();
  const { exit, stdout, stderr } = process;
  return { exit, stdout, stderr };
}

async function outside(...words: string[]) {
  const lines: string[] = [];
  const print = (text: string) => void lines.push(text);
  const screen = { print, complain: print };
  const status = await scenarioCommand({ given: {}, rest: words }, screen);
  return { exit: { status }, stdout: lines.join("\n") + "\n", stderr: "" };
}

test("the shell's scenario prints what the host's prints", async () => {
  for (const words of [[], ["tax", "--param", "requests=10", "--seed", "2"]]) {
    assertEquals(await inMachine(...words), await outside(...words));
  }
});

test("a wrong word is an error of the program", async () => {
  assertEquals(await inMachine("taxx"), {
    exit: { status: 1 },
    stdout: "",
    stderr: "scenario: there is no scenario taxx. Did you mean tax?\n",
  });
});

test("what nobody waits for any more is stopped; what is too long or the host's is refused", async () => {
  const stop = new AbortController();
  const long = ["crowd", "--sweep", "rate=100..5000/100"];
  const answer = answerScenario({ args: long }, stop.signal);
  stop.abort();
  await assertRejects(() => answer, Error, "it was stopped");
  const asked = (args: unknown) => () => answerScenario({ args });
  await assertRejects(asked(["merge", "/etc/passwd"]), Error, "outside");
  await assertRejects(asked("tax"), Error, "args is a list of words");
  const list = answerScenario({ args: [] }, stop.signal, 100);
  await assertRejects(() => list, Error, "100 fit: ask for fewer points");
});
