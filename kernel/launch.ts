// How the host starts a process on a machine, and what it can see of it.

import {
  CALL,
  Control,
  type Main,
  O_RDWR,
  type Program,
  SysError,
} from "./abi.ts";
import { functionName } from "./call_text.ts";
import { Capture, Given } from "./capture.ts";
import { printError } from "./farewell.ts";
import { type FileObject, OpenFile } from "./file.ts";
import type { Machine } from "./kernel.ts";
import type { Process } from "./process.ts";
import { makeProcess, runIn } from "./birth.ts";

export interface LaunchOptions {
  name?: string;
  /** What it reads at descriptor 0; without it, the end of the file. */
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
  /** On the console: it reads keys, and its output is shown. */
  console?: boolean;
}

/** Exit status of a program that could not be started, as shells have it. */
const NOT_FOUND = 127, NOT_RUNNABLE = 126;

/** Starts a function, or the program in a file, as a child of init. */
export function launch(
  machine: Machine,
  program: Main | string,
  args: readonly string[],
  options: LaunchOptions,
): Process {
  const name = options.name ??
    (typeof program === "string"
      ? baseName(program)
      : functionName(program) || "main");
  const process = makeProcess(machine.init, name, { group: 0, args });
  if (process === null) {
    throw new Error(`${machine.name} has no memory for another process`);
  }
  process.environment = { PATH: "/bin", HOME: "/home", ...options.env };
  process.cwd = options.cwd ?? "/";
  connect(machine, process, options);
  const main = typeof program === "string"
    ? execute(process, program)
    : program;
  runIn(process, {
    main,
    name,
    program: null,
  });
  return process;
}

function connect(
  machine: Machine,
  process: Process,
  options: LaunchOptions,
): void {
  const add = (fd: number, object: FileObject) =>
    process.files.replace(fd, new OpenFile(machine, object, O_RDWR));
  if (options.console === true) {
    const file = new OpenFile(machine, machine.tty, O_RDWR);
    for (const fd of [0, 1, 2]) process.files.replace(fd, file);
    if (machine.tty.foreground === 0) machine.tty.setForeground(process.group);
    return;
  }
  const { stdin = "" } = options;
  process.captured = { stdout: new Capture(), stderr: new Capture() };
  add(0, new Given(typeof stdin === "string" ? encode(stdin) : stdin));
  add(1, process.captured.stdout);
  add(2, process.captured.stderr);
}

/** A first routine that becomes the program at `path`. */
function execute(process: Process, path: string): Main {
  return function* (args): Program {
    try {
      yield* new Control<never>(CALL.exec, path, args, {});
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      printError(process, error.message);
      return error.code === "ENOENT" ? NOT_FOUND : NOT_RUNNABLE;
    }
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
