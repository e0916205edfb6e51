// sed [-n] [-E] [-i[SUFFIX]] [-s] [-z] {-e SCRIPT | -f FILE | SCRIPT} [FILE]…: edits
// lines as they pass: s/old/new/, d, p, q, a, i, c, y and the others of GNU sed.

import {
  close,
  exit,
  getpid,
  link,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  open,
  type Program,
  readAll,
  rename,
  type Routine,
  stat,
  SysError,
  text,
  unlink,
} from "kettle";
import { type Options, options, refuse } from "../lib/args.ts";
import { directoryName } from "../lib/paths.ts";
import { FileLines, FileSink } from "../lib/sed_files.ts";
import { SedMachine } from "../lib/sed_machine.ts";
import { type Command, parseSed, SedError } from "../lib/sed_script.ts";
import { complain, endWriting, isWriteError, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "sed",
  synopsis: "[OPTION]… {-e SCRIPT | -f FILE | SCRIPT} [FILE]…",
  about: "Edits lines as they pass.",
  options: {
    "-n, --quiet, --silent": "only what the script prints",
    "-e, --expression SCRIPT": "a script; there may be several",
    "-f, --file FILE": "a script from a file",
    "-E, -r, --regexp-extended":
      "patterns have + ? | ( ) { } without backslash",
    "-i, --in-place[=SUFFIX]":
      "change the files themselves, the old ones kept with SUFFIX",
    "-s, --separate": "line numbers begin anew in each file",
    "-u, --unbuffered": "nothing: output never waits",
    "-z, --null-data": "lines end with a zero byte",
  },
};

/** A piece of the script and how it is called in a complaint. */
interface Source {
  name: string;
  start: number;
  isFile: boolean;
}

export default function* main(args: string[]): Program {
  const asked = yield* options(args, USAGE);
  const { given, operands } = asked;
  const files = [...operands];
  const { script, quiet } = yield* scriptOf(asked, files);
  if (files.length === 0) files.push("-");
  const editor = new Editor(
    script,
    quiet || given.n !== undefined,
    given.z !== undefined,
  );
  const groups = given.i !== undefined || given.s !== undefined
    ? files.map((file) => [file])
    : [files];
  try {
    for (const group of groups) {
      if (given.i === undefined) yield* editor.edit(group);
      else yield* editor.editInPlace(group[0]!, given.i);
      if (editor.machine.status !== null) break;
    }
    yield* editor.sink.close();
  } catch (error) {
    if (isWriteError(error)) yield* endWriting("sed", error, 4);
    yield* complain("sed", error);
    return 4;
  }
  return editor.machine.status || editor.problem;
}

/** One script at work on file after file. */
class Editor {
  readonly machine: SedMachine;
  readonly sink: FileSink;
  /** The worst that happened to a file. */
  problem = 0;

  constructor(script: Command[], quiet: boolean, readonly zero: boolean) {
    const newline = zero ? "\0" : "\n";
    this.machine = new SedMachine(script, quiet, newline);
    this.sink = new FileSink(new Output(), newline);
  }

  *edit(files: string[]): Routine {
    const { output } = this.sink;
    const lines = new FileLines(files, this.zero ? 0 : 10, output);
    yield* this.machine.run(lines, this.sink);
    yield* output.flush();
    this.problem = Math.max(this.problem, lines.problem);
  }

  /** Writes beside the file, then puts the new one in its place: it is never half there. */
  *editInPlace(file: string, suffix: string | true): Routine {
    if (!(yield* this.#isFile(file))) return;
    const beside = `${directoryName(file)}/sed${yield* getpid()}`;
    const fd = yield* open(beside, O_WRONLY | O_CREAT | O_EXCL);
    this.sink.output = new Output(fd);
    try {
      yield* this.edit([file]);
    } catch (error) {
      yield* unlink(beside);
      throw error;
    }
    yield* close(fd);
    if (suffix !== true) {
      const kept = suffix.includes("*")
        ? suffix.replaceAll("*", file)
        : file + suffix;
      yield* keep(file, kept);
    }
    yield* rename(beside, file);
  }

  *#isFile(file: string): Routine<boolean> {
    try {
      if ((yield* stat(file)).type === "file") return true;
      yield* complain("sed", `couldn't edit ${file}: not a regular file`);
      this.problem = 4;
    } catch (error) {
      yield* complain("sed", error, `can't read ${file}`);
      this.problem = Math.max(this.problem, 2);
    }
    return false;
  }
}

function* keep(file: string, kept: string): Routine {
  try {
    yield* unlink(kept);
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "ENOENT") throw error;
  }
  yield* link(file, kept);
}

/** All -e and -f together, or the first operand. */
function* scriptOf(
  { order }: Options,
  files: string[],
): Routine<{ script: Command[]; quiet: boolean }> {
  let whole = "", expressions = 0;
  const sources: Source[] = [];
  const extended = order.some(({ key }) => key === "E");
  const add = (piece: string, name: string | null) => {
    if (sources.length > 0) whole += "\n";
    sources.push({
      name: name ?? `-e expression #${++expressions}`,
      start: whole.length,
      isFile: name !== null,
    });
    whole += piece;
  };
  for (const { key, value } of order) {
    if (key === "e") add(String(value), null);
    if (key === "f") {
      const file = String(value);
      add((yield* scriptFile(file)).replace(/\n$/, ""), `file ${file}`);
    }
  }
  if (sources.length === 0) {
    const first = files.shift();
    if (first === undefined) {
      return yield* refuse(
        { ...USAGE, name: "Usage" },
        "sed [OPTION]... {script-only-if-no-other-script} [input-file]...\nTry 'sed --help' for more information.",
      );
    }
    add(first, null);
  }
  try {
    return {
      script: parseSed(whole, extended),
      quiet: /^#n(?:\n|$)/.test(whole),
    };
  } catch (error) {
    if (!(error instanceof SedError)) throw error;
    const trouble = error.at < 0 ? 4 : 1;
    const message = placed(error, whole, sources);
    return yield* refuse({ ...USAGE, trouble }, message);
  }
}

function* scriptFile(file: string): Routine<string> {
  try {
    const fd = file === "-" ? 0 : yield* open(file);
    const all = text(yield* readAll(fd));
    if (fd !== 0) yield* close(fd);
    return all;
  } catch (error) {
    yield* complain("sed", error, `couldn't open file ${file}`);
    yield* exit(4);
    throw error;
  }
}

/** Says where in the script it is wrong. */
function placed({ message, at }: SedError, whole: string, sources: Source[]) {
  if (at < 0) return message;
  const source = sources.findLast(({ start }) => start <= at) ?? sources[0]!;
  const offset = at - source.start;
  if (!source.isFile) return `${source.name}, char ${offset}: ${message}`;
  const line = whole.slice(source.start, at).split("\n").length;
  return `${source.name} line ${line}: ${message}`;
}
