// `kettle run PROGRAM.ts [ARG]…`: compiles a file from the disk of the host, runs
// it on a fresh machine, and hands on its output and exit status. Virtual time
// passes as fast as it can, until the program asks for a key.

import { Buffer } from "node:buffer";
import { writeFileSync, writeSync } from "node:fs";
import process from "node:process";
import type { Image } from "./base_files.ts";
import { readImage } from "./image.ts";
import { compileNative } from "./compile_native.ts";
import { DiskFiles } from "./disk_files.ts";
import { Driver } from "./driver.ts";
import { REAL_CLOCK } from "./clock.ts";
import { DISK_OPTION, KeptDisk } from "./kept_disk.ts";
import { Loader } from "./loader.ts";
import {
  type CommandLine,
  duration,
  type OptionTable,
  UsageError,
  wholeNumber,
} from "./options.ts";
import { pcapOf } from "./pcap_file.ts";
import { makePlayground } from "./playground.ts";
import { straceText, timelineText, waitingText } from "./report.ts";
import { Terminal } from "./terminal.ts";
import { worldCommand } from "./world_command.ts";
import { SIGNALS } from "../kernel/abi.ts";
import type { Machine } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import type { RunResult, World } from "../kernel/world.ts";
import { chromeTrace } from "../kernel/trace_chrome.ts";

export const RUN_OPTIONS: OptionTable = {
  seed: { value: "N", about: "what is drawn by chance comes from it (1)" },
  strace: { about: "show every call it made" },
  timeline: { about: "draw what its threads and the devices did" },
  trace: { value: "FILE", about: "write the trace for Perfetto, as JSON" },
  pcap: { value: "FILE", about: "write the packets for Wireshark" },
  world: {
    value: "FILE",
    about: "boot the machines of this file, and start their programs",
  },
  budget: { value: "TIME", about: "stop after so much virtual time, as 10s" },
  ...DISK_OPTION,
};

/** Exit statuses as shells have them. */
const NOT_RUNNABLE = 126, NOT_FOUND = 127, BUDGET_SPENT = 124;

export async function runCommand(
  { given, rest: [file, ...args] }: CommandLine,
): Promise<number> {
  if (given.world !== undefined) {
    if (file !== undefined) {
      throw new UsageError(`--world starts the file's programs, not ${file}`);
    }
    return await worldCommand(String(given.world), budgetOf(given));
  }
  if (file === undefined) {
    throw new UsageError("run needs a program: kettle run hello.ts");
  }
  const seed = wholeNumber("seed", String(given.seed ?? "1"));
  const budgetNs = budgetOf(given);
  const kept = given.disk === undefined
    ? null
    : new KeptDisk(String(given.disk));
  const loader = new Loader({ compile: compileNative });
  const image = readImage();
  const program = openProgram(file, image);
  if (typeof program === "string") return complain(program, NOT_FOUND);
  const { path, source, read } = program;
  await loader.compile({ path, source, readFile: read });
  const loaded = loader.load(path, source, read);
  if (loaded === null) throw new Error(`${path} did not compile`);
  if ("error" in loaded) return complain(loaded.error, NOT_RUNNABLE);
  const run = new Run({
    loader,
    image,
    own: program.files,
    kept,
    seed,
    limitNs: budgetNs,
  });
  const status = await run.finish(path, args);
  run.report(given);
  return status;
}

function budgetOf({ budget }: CommandLine["given"]): number {
  return budget === undefined ? Infinity : duration("budget", String(budget));
}

function openProgram(
  file: string,
  image: Image,
): DiskFiles | string {
  try {
    return new DiskFiles(file, image);
  } catch (error) {
    const { code } = error as { code?: string };
    const why = code === "ENOENT"
      ? "no such file"
      : code === "EISDIR"
      ? "is a directory"
      : String((error as Error).message);
    return `kettle run: ${file}: ${why}`;
  }
}

/** How often output is handed on while the program runs. */
const PRINT_EVERY_MS = 200;

interface RunSettings {
  loader: Loader;
  image: Image;
  /** The program's files. */
  own: Image;
  kept: KeptDisk | null;
  seed: number;
  limitNs: number;
}

/** One program on one machine. */
class Run {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #driver: Driver;
  readonly #settings: RunSettings;
  readonly #spawn: (path: string, args: string[]) => Promise<Process>;
  readonly #terminal: Terminal | null;
  #process: Process | null = null;
  /** From the host: end it now. */
  #signal: keyof typeof SIGNALS | null = null;
  #printedMs = 0;
  #shown = { stdout: 0, stderr: 0 };

  constructor(settings: RunSettings) {
    this.#settings = settings;
    const { loader, image, own, kept, seed, limitNs } = settings;
    const options = { programs: loader, image, seed };
    const { world, machine } = kept?.boot(options, own) ??
      makePlayground({ ...options, own });
    this.#world = world;
    this.#machine = machine;
    const interactive = process.stdin.isTTY && process.stdout.isTTY;
    this.#driver = new Driver({
      world,
      compile: (wanted) => loader.compile(wanted),
      clock: REAL_CLOCK,
      speed: Infinity,
      limitNs,
      onState: (state) => state === "idle" && this.#idle(),
      onSlice: () => this.#printSometimes(),
    });
    this.#terminal = interactive
      ? new Terminal({ driver: this.#driver, machine })
      : null;
    this.#spawn = async (path, args) =>
      machine.spawn(path, args, {
        cwd: "/home",
        ...(interactive ? { console: true } : { stdin: await readStdin() }),
      });
  }

  /** Runs it to its end and gives the exit status. */
  async finish(path: string, args: string[]): Promise<number> {
    const { kept } = this.#settings;
    if (kept !== null) this.#listenToSignals();
    this.#process = await this.#spawn(path, args);
    const result = await this.#driver.run(this.#process);
    this.#terminal?.close();
    this.#print();
    kept?.save(this.#machine, result.reason === "panic");
    return this.#status(result);
  }

  /** With a disk to save, ^C ends the machine and not this process. */
  #listenToSignals(): void {
    for (const name of ["INT", "TERM", "HUP"] as const) {
      process.on(`SIG${name}`, () => {
        this.#signal = name;
        this.#driver.stop();
      });
    }
  }

  /** Nothing is due: it waits for a key, or for ever. */
  #idle(): void {
    if (this.#terminal === null) return this.#driver.stop();
    this.#driver.speed = 1;
    this.#terminal.open();
    this.#terminal.idle();
  }

  #printSometimes(): void {
    const nowMs = REAL_CLOCK.now();
    if (nowMs - this.#printedMs < PRINT_EVERY_MS) return;
    this.#printedMs = nowMs;
    this.#print();
  }

  /** Hands on what the program has written since the last time. */
  #print(): void {
    const captured = this.#process?.captured ?? null;
    if (captured === null) return;
    for (const [fd, name] of [[1, "stdout"], [2, "stderr"]] as const) {
      const { bytes } = captured[name];
      writeAll(fd, bytes.subarray(this.#shown[name]));
      this.#shown[name] = bytes.length;
    }
  }

  #status({ reason, report }: RunResult): number {
    const { exit } = this.#process!;
    if (exit !== null) {
      return "status" in exit ? exit.status : signalStatus(exit.signal);
    }
    if (reason === "panic") return complain(report, 1);
    if (this.#signal !== null) return signalStatus(this.#signal);
    const { limitNs } = this.#settings;
    if (this.#world.now >= limitNs) {
      return complain(
        `kettle run: stopped after ${
          limitNs / 1e9
        } s of virtual time (--budget)`,
        BUDGET_SPENT,
      );
    }
    return complain(this.#world.deadlocks || waitingText(this.#world), 1);
  }

  #writePackets(file: string): void {
    try {
      writeFileSync(file, pcapOf(this.#world));
    } catch (error) {
      complain(`kettle run: --pcap: ${(error as Error).message}`, 1);
    }
  }

  report(given: CommandLine["given"]): void {
    const { pid } = this.#process!;
    const columns = process.stderr.columns ?? 80;
    if (given.strace) writeText(2, straceText(this.#world, pid));
    if (given.timeline) writeText(2, timelineText(this.#world, pid, columns));
    if (given.trace !== undefined) {
      writeFileSync(String(given.trace), chromeTrace(this.#world));
    }
    if (given.pcap !== undefined) this.#writePackets(String(given.pcap));
  }
}

function signalStatus(signal: keyof typeof SIGNALS): number {
  return 128 + SIGNALS[signal];
}

/** What is piped in, all of it; nothing from a terminal. */
async function readStdin(): Promise<Uint8Array> {
  if (process.stdin.isTTY) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

function complain(text: string, status: number): number {
  if (text !== "") writeText(2, text + "\n");
  return status;
}

function writeText(fd: number, text: string): void {
  writeAll(fd, new TextEncoder().encode(text));
}

/** Writes everything, now; a pipe that nobody reads any more is let go. */
function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
    }
  }
}
