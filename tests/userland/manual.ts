// What the tests of the manual share: its books as they are in the checkout, and
// a machine that runs the examples, compiled by the real loader.

import { readdirSync, readFileSync } from "node:fs";
import { compileNative } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground, type Playground } from "../../host/playground.ts";
import type { Process } from "../../kernel/process.ts";
import * as kettle from "../../mod.ts";
import { type Block, type Page, parseBook } from "../../userland/lib/manual.ts";

const MAN = new URL("../../userland/man/", import.meta.url);

/** File name → text. */
export const BOOKS: Record<string, string> = Object.fromEntries(
  readdirSync(MAN).sort().map((name) => [
    name,
    readFileSync(new URL(name, MAN), "utf8"),
  ]),
);

export const PAGES: Page[] = Object.values(BOOKS).flatMap(parseBook);

/** An example, and what it must print (null: anything). */
export interface Example {
  page: Page;
  language: string;
  lines: string[];
  output: string | null;
}

export function examplesOf(page: Page): Example[] {
  const blocks = page.parts.flatMap((part) => part.blocks);
  const examples: Example[] = [];
  for (const [at, block] of blocks.entries()) {
    if (!isCode(block, "kettle") && !isCode(block, "sh")) continue;
    const next = blocks[at + 1];
    const output = next !== undefined && isCode(next, "out")
      ? next.lines.join("\n") + "\n"
      : null;
    const { language, lines } = block;
    examples.push({ page, language, lines, output });
  }
  return examples;
}

function isCode(
  block: Block,
  language: string,
): block is Block & { kind: "code" } {
  return block.kind === "code" && block.language === language;
}

/** The body of a program as a program: imports what it uses of "kettle". */
export function programOf({ lines }: Example): string {
  const imports = lines.filter((line) => line.startsWith("import "));
  const body = lines.filter((line) => !line.startsWith("import "));
  const words = new Set(body.join("\n").match(/[A-Za-z_]\w*/g));
  const own = imports.join("\n");
  const names = [...Object.keys(kettle), "Routine"].filter((name) =>
    words.has(name) && !new RegExp(`\\b${name}\\b`).test(own)
  );
  return [
    `import { ${
      ["type Program", ...names].join(", ").replace("Routine", "type Routine")
    } } from "kettle";`,
    ...imports,
    "export default function* main(): Program {",
    ...body.map((line) => `  ${line}`),
    "}",
    "",
  ].join("\n");
}

/** An example ends well, complains of nothing, and prints what its page says; "" if it does. */
export function whatIsWrong(
  { stdout, stderr, exit }: Process,
  output: string | null,
): string {
  const ended = JSON.stringify(exit);
  if (ended !== '{"status":0}') return `ended with ${ended}: ${stderr}`;
  if (stderr !== "") return `complained: ${stderr}`;
  const isAsSaid = output === null || stdout === output;
  return isAsSaid ? "" : `printed: ${stdout}`;
}

/** One machine on which all examples of a test run, one after the other. */
export class Bench {
  readonly #loader = new Loader({ compile: compileNative });
  readonly #playground: Playground;
  /** Where the trace was when the last program began. */
  #from = 0;

  constructor(files: Record<string, string>) {
    this.#playground = makePlayground({
      programs: this.#loader,
      image: { ...readImage(), ...files },
    });
  }

  /** How long each call of a process took, that ended: name and ns. */
  *callTimes(pid: number): Generator<[string, number]> {
    const entered = new Map<number, { call: string; at: number }>();
    for (const event of this.#playground.world.trace.events(this.#from)) {
      if (event.pid !== pid) continue;
      if (event.kind === "sys_enter") {
        entered.set(event.tid, { call: String(event.call), at: event.at });
      } else if (event.kind === "sys_exit") {
        const { call, at } = entered.get(event.tid)!;
        yield [call, event.at - at];
      }
    }
  }

  async run(path: string, args: string[]): Promise<Process> {
    const { world, machine } = this.#playground;
    this.#from = world.trace.length;
    const process = machine.spawn(path, args, { cwd: "/home" });
    while (true) {
      const { reason, report } = world.run({ until: process, budgetNs: 300e9 });
      if (reason === "until") return process;
      if (reason !== "host") {
        throw new Error(`${path} ${args.join(" ")}: ${reason} ${report}`);
      }
      await this.#loader.compile(world.wanted!);
    }
  }
}
