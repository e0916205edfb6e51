// `kettle shell`: the machine's shell in this terminal, in real time.

import { compileNative } from "./compile_native.ts";
import { REAL_CLOCK } from "./clock.ts";
import { Driver } from "./driver.ts";
import { gradeRow } from "./grade_answer.ts";
import { HostAnswers } from "./host_answers.ts";
import { readImage } from "./image.ts";
import { DISK_OPTION, KeptDisk } from "./kept_disk.ts";
import { Loader } from "./loader.ts";
import {
  type CommandLine,
  type OptionTable,
  UsageError,
  wholeNumber,
} from "./options.ts";
import { makePlayground } from "./playground.ts";
import { Terminal } from "./terminal.ts";
import { TERMINAL_ANSWERS } from "./terminal_answers.ts";

export const SHELL_OPTIONS: OptionTable = {
  seed: { value: "N", about: "what is drawn by chance comes from it (1)" },
  speed: { value: "X", about: "virtual time per real time (1), or max" },
  ...DISK_OPTION,
};

export async function shellCommand(
  { given, rest }: CommandLine,
): Promise<number> {
  if (rest.length > 0) {
    throw new UsageError(
      `shell takes no ${rest[0]}. Try kettle run ${rest[0]}`,
    );
  }
  const seed = wholeNumber("seed", String(given.seed ?? "1"));
  const speed = speedOf(String(given.speed ?? "1"));
  const kept = given.disk === undefined
    ? null
    : new KeptDisk(String(given.disk));
  const loader = new Loader({ compile: compileNative });
  const options = { programs: loader, image: readImage(), seed };
  const { world, machine } = kept?.boot(options) ?? makePlayground(options);
  const driver = new Driver({
    world,
    compile: (wanted) => loader.compile(wanted),
    clock: REAL_CLOCK,
    speed,
    onState: (state) => {
      if (state === "idle" && machine.asks.length === 0) terminal.idle();
    },
  });
  const { image } = options;
  const grade = gradeRow(machine, { loader, image });
  new HostAnswers({ driver, machine, answers: { ...TERMINAL_ANSWERS, grade } });
  const terminal = new Terminal({ driver, machine });
  terminal.open();
  const shell = machine.spawn("/bin/sh", ["-l"], {
    name: "sh",
    cwd: "/home",
    console: true,
  });
  const result = await driver.run(shell);
  terminal.close();
  kept?.save(machine, result.reason === "panic");
  if (result.reason === "panic") throw new Error(result.report);
  const { exit } = shell;
  return exit !== null && "status" in exit ? exit.status : 1;
}

/** A factor, or `max`. */
function speedOf(text: string): number {
  const speed = text === "max" ? Infinity : Number(text);
  if (speed > 0) return speed;
  throw new UsageError(
    `--speed takes a number above 0, or max: received ${text}`,
  );
}
