// `kettle run --world FILE`: boots the machines of a world file, starts their
// programs, and shows what each prints, line by line with who said it. It ends
// when all programs have, when nothing can happen any more, or after --budget.

import { readFileSync } from "node:fs";
import process from "node:process";
import type { Process } from "../kernel/process.ts";
import { REAL_CLOCK } from "./clock.ts";
import { compileNative } from "./compile_native.ts";
import { Driver } from "./driver.ts";
import { readImage } from "./image.ts";
import { Loader } from "./loader.ts";
import {
  makeWorld,
  readWorldFile,
  startPrograms,
  type WorldFile,
  WorldFileError,
} from "./world_file.ts";

const WRONG_FILE = 2, BUDGET_SPENT = 124;

export async function worldCommand(
  path: string,
  limitNs: number,
): Promise<number> {
  try {
    const file = readWorldFile(readFileSync(path, "utf8"));
    return await runWorld(file, limitNs);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (!(error instanceof WorldFileError) && code === undefined) throw error;
    console.error(`kettle run: ${path}: ${code ?? message}`);
    return WRONG_FILE;
  }
}

async function runWorld(file: WorldFile, limitNs: number): Promise<number> {
  const loader = new Loader({ compile: compileNative });
  const world = makeWorld(file, { programs: loader, image: readImage() });
  const voices: Voice[] = [];
  const driver = new Driver({
    world,
    compile: (wanted) => loader.compile(wanted),
    clock: REAL_CLOCK,
    speed: Infinity,
    limitNs,
    onState: (state) => state === "idle" && driver.stop(),
    onSlice: () => voices.forEach((voice) => voice.speak()),
  });
  startPrograms(world, file, ({ machine, name, process }) => {
    voices.push(new Voice(`${machine} ${name}`, process));
  });
  const { reason, report } = await driver.run();
  for (const voice of voices) voice.finish();
  if (reason === "panic") console.error(report);
  if (world.deadlocks !== "") console.error(world.deadlocks);
  if (world.now >= limitNs && !world.isQuiet) {
    console.error(
      `stopped after ${limitNs / 1e9} s of virtual time (--budget)`,
    );
    return BUDGET_SPENT;
  }
  return voices.every(({ failed }) => !failed) && reason !== "panic" ? 0 : 1;
}

/** What one program prints, whole lines with its name before them. */
class Voice {
  #shown = { stdout: 0, stderr: 0 };
  #begun = { stdout: "", stderr: "" };

  constructor(readonly name: string, readonly process: Process) {}

  get failed(): boolean {
    const { exit } = this.process;
    return exit !== null && !("status" in exit && exit.status === 0);
  }

  speak(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const text = this.process[stream];
      const lines = (this.#begun[stream] + text.slice(this.#shown[stream]))
        .split("\n");
      this.#shown[stream] = text.length;
      this.#begun[stream] = lines.pop()!;
      for (const line of lines) this.#print(stream, line);
    }
  }

  finish(): void {
    this.speak();
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#begun[stream] !== "") this.#print(stream, this.#begun[stream]);
    }
    const { exit } = this.process;
    if (exit === null) this.#print("stderr", "still runs");
    else if (this.failed) {
      this.#print("stderr", `ended with ${JSON.stringify(exit)}`);
    }
  }

  #print(stream: "stdout" | "stderr", line: string): void {
    process[stream].write(`${this.name}: ${line}\n`);
  }
}
