// The vocabulary of the loader's tests: a handful of files, compiled and run by
// hand, with no kernel: each call a program makes is answered by the test.

import { Call } from "../../kernel/abi.ts";
import { callText } from "../../kernel/call_text.ts";
import { compileNative } from "../../host/compile_native.ts";
import { type LoadedProgram, Loader } from "../../host/loader.ts";

export type Files = Record<string, string>;

/** A loader and the files it sees. */
export class Workshop {
  readonly loader: Loader;

  constructor(readonly files: Files) {
    this.loader = new Loader({ compile: compileNative });
  }

  readFile = (path: string): string | null => this.files[path] ?? null;

  async compile(path: string): Promise<void> {
    const source = this.files[path]!;
    await this.loader.compile({ path, source, readFile: this.readFile });
  }

  /** What the kernel would get when it starts the file. */
  load(path: string): LoadedProgram | { error: string } | null {
    const loaded = this.loader.load(path, this.files[path]!, this.readFile);
    return loaded as LoadedProgram | { error: string } | null;
  }

  async start(path: string): Promise<LoadedProgram> {
    await this.compile(path);
    return this.started(path);
  }

  started(path: string): LoadedProgram {
    const loaded = this.load(path);
    if (loaded === null) throw new Error(`${path} is not compiled`);
    if ("error" in loaded) throw new Error(loaded.error);
    return loaded;
  }
}

/** The error that compiling and loading this one file gives; "" if none. */
export async function errorOf(source: string, name = "a.ts"): Promise<string> {
  const workshop = new Workshop({ [`/home/${name}`]: source });
  await workshop.compile(`/home/${name}`);
  const loaded = workshop.load(`/home/${name}`)!;
  return "error" in loaded ? loaded.error : "";
}

/** Starts this one file. */
export function programOf(
  source: string,
  name = "a.ts",
): Promise<LoadedProgram> {
  return new Workshop({ [`/home/${name}`]: source }).start(`/home/${name}`);
}

export interface Finished {
  result: unknown;
  /** `write(1, "hi\n")@a.ts:3` */
  calls: string[];
}

/** Runs main to its end; `answer` gives each call its value. */
export function runByHand(
  program: LoadedProgram,
  args: string[] = [],
  answer: (call: Call<unknown>) => unknown = () => 0,
): Finished {
  const routine = program.main(args);
  const calls: string[] = [];
  let step = routine.next();
  while (!step.done) {
    const call = step.value as Call<unknown>;
    if (!(call instanceof Call)) throw new Error("it yielded no call");
    calls.push(`${callText(call)}@${program.describeSite(call.site)}`);
    const value = answer(call);
    const resume = { settle: () => ({ done: true as const, value }) };
    step = routine.next(resume);
  }
  return { result: step.value, calls };
}

/** What running it throws, as text; "" if nothing. */
export function failureOf(program: LoadedProgram): string {
  try {
    runByHand(program);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
