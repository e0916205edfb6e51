// Where a run went wrong, read off what the machine printed: the loader's
// `hello.ts:3  sentence`, and a program's `copy: message (open at copy.ts:7)`.
// It takes the bytes of the console and gives sentences with their places.

export interface RunError {
  /** `hello.ts` */
  file: string;
  /** From 1. */
  line: number;
  text: string;
}

/** Longer than that no sentence is. */
const LINE_MAX = 2_000;
// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(?:\[[0-9;?]*[A-Za-z~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)/g;
const LOADERS = /^([\w.-]+):(\d+) {2}(\S.*)$/;
const PROGRAMS =
  /^[\w.-]+: .*\((?:\w+ )?at ([\w.-]+):(\d+)\)\.?$|^[\w.-]+(?: \(pid \d+\))?: .*\(([\w.-]+):(\d+)\)$/;

export class RunErrors {
  readonly #decoder = new TextDecoder();
  #line = "";

  /** The sentences that these bytes complete. */
  take(bytes: Uint8Array): RunError[] {
    const text = this.#line + this.#decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    this.#line = lines.pop()!.slice(-LINE_MAX);
    return lines.map(errorOf).filter((it) => it !== null);
  }
}

function errorOf(line: string): RunError | null {
  if (line.length > LINE_MAX) return null;
  const text = line.replace(ESCAPES, "").replace(/^.*\r(?=.)/, "").trimEnd();
  const loaders = LOADERS.exec(text);
  if (loaders !== null) {
    const [, file, number, said] = loaders;
    return { file: file!, line: Number(number), text: said! };
  }
  const programs = PROGRAMS.exec(text);
  if (programs === null) return null;
  const [, file = programs[3], number = programs[4]] = programs;
  const said = text.replace(/^[\w.-]+(?: \(pid \d+\))?: /, "")
    .replace(/ \((?:\w+ )?(?:at )?[\w.-]+:\d+\)\.?$/, "");
  return { file: file!, line: Number(number), text: said };
}
