// `kettle`: the command line. Finds the command, reads its options, ends with
// its status. What the commands do is in files of their own.

import process from "node:process";
import { nearest } from "../userland/lib/nearest.ts";
import { stopCompiler } from "./compile_native.ts";
import {
  type CommandLine,
  optionsHelp,
  type OptionTable,
  readOptions,
  UsageError,
} from "./options.ts";
import { COMPARE_OPTIONS, compareCommand } from "./compare_command.ts";
import { DiskError } from "./kept_disk.ts";
import { GRADE_OPTIONS, gradeCommand } from "./grade_command.ts";
import { MAN_OPTIONS, manCommand } from "./man_command.ts";
import { NEW_OPTIONS, newCommand } from "./new_command.ts";
import { RUN_OPTIONS, runCommand } from "./run_command.ts";
import { SCENARIO_OPTIONS, scenarioCommand } from "./scenario_command.ts";
import { SHELL_OPTIONS, shellCommand } from "./shell_command.ts";
import { START_OPTIONS, startCommand } from "./start_command.ts";

interface Command {
  synopsis: string;
  about: string;
  options: OptionTable;
  run(line: CommandLine): Promise<number> | number;
}

const COMMANDS: Record<string, Command> = {
  start: {
    synopsis: "start",
    about: "the page: a shell and a timeline in the browser",
    options: START_OPTIONS,
    run: startCommand,
  },
  shell: {
    synopsis: "shell",
    about: "the machine's shell in this terminal (F9 skips to the next event)",
    options: SHELL_OPTIONS,
    run: shellCommand,
  },
  run: {
    synopsis: "run PROGRAM.ts [ARG]…",
    about: "runs a program of yours, without a shell",
    options: RUN_OPTIONS,
    run: runCommand,
  },
  new: {
    synopsis: "new NAME",
    about: "makes a program with a test, to begin with",
    options: NEW_OPTIONS,
    run: newCommand,
  },
  man: {
    synopsis: "man [SECTION] NAME",
    about: "a page of the manual: man 2 read, man ls",
    options: MAN_OPTIONS,
    run: manCommand,
  },
  scenario: {
    synopsis: "scenario [NAME [OPTION]…]",
    about: "a claim of the article as an experiment; without a name, the list",
    options: SCENARIO_OPTIONS,
    run: scenarioCommand,
  },
  compare: {
    synopsis: "compare PROGRAM…",
    about: "the same crowd before several servers, side by side",
    options: COMPARE_OPTIONS,
    run: compareCommand,
  },
  grade: {
    synopsis: "grade [ASSIGNMENT [PROGRAM.ts]]",
    about: "what is to be done, and how many points a program has",
    options: GRADE_OPTIONS,
    run: gradeCommand,
  },
  help: {
    synopsis: "help",
    about: "this text",
    options: {},
    run: () => {
      console.log(helpText());
      return 0;
    },
  },
};

const USAGE_STATUS = 2, DISK_STATUS = 1;

export function helpText(): string {
  const lines = [
    "Kettle: a toy kernel in virtual time.",
    "",
    "Usage: kettle COMMAND  (here: deno task kettle COMMAND, or deno task COMMAND)",
  ];
  for (const { synopsis, about, options } of Object.values(COMMANDS)) {
    lines.push(
      "",
      `  ${synopsis.padEnd(24)} ${about}`,
      ...optionsHelp(options),
    );
  }
  return lines.join("\n");
}

/** Runs one command line and gives the exit status. */
export async function kettle(args: string[]): Promise<number> {
  const [word = "help", ...rest] = args;
  const name = ["-h", "--help"].includes(word) ? "help" : word;
  if (!Object.hasOwn(COMMANDS, name)) return complain(unknown(name));
  const command = COMMANDS[name]!;
  if (rest[0] === "--help" || rest[0] === "-h") return await kettle(["help"]);
  try {
    return await command.run(readOptions(rest, command.options));
  } catch (error) {
    if (error instanceof DiskError) return complain(error.message, DISK_STATUS);
    if (!(error instanceof UsageError)) throw error;
    return complain(error.message);
  }
}

function unknown(name: string): string {
  if (name.endsWith(".ts")) return `to run a program: kettle run ${name}`;
  const near = nearest(name, Object.keys(COMMANDS));
  const hint = near === null ? "Try kettle help" : `Did you mean ${near}?`;
  return `there is no command ${name}. ${hint}`;
}

function complain(sentence: string, status = USAGE_STATUS): number {
  console.error(`kettle: ${sentence}`);
  return status;
}

if (import.meta.main) {
  const status = await kettle(process.argv.slice(2));
  await stopCompiler();
  process.exit(status);
}
