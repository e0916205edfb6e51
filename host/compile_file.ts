// Compiles one file: TypeScript to JavaScript, a syntax tree of that, the
// checks, the rewriting into a factory. What comes out is plain data. It does
// not know which esbuild it has, nor where its result will run.

import { parse, type Program } from "acorn";
import { checkFile } from "./check.ts";
import { baseName, type CompiledFile, failedFile } from "./compiled.ts";
import { whyNoProgram } from "./main_check.ts";
import { MESSAGES, placed } from "./messages.ts";
import type { Parsed } from "./parsed.ts";
import { rewrite } from "./rewrite.ts";
import { resolveNames } from "./scope.ts";
import { Sites } from "./sites.ts";
import { explainProblem } from "./syntax.ts";
import type { Transform } from "./transform.ts";

/** Compiles a file of the machine; it never throws for what the file holds. */
export async function compileFile(
  path: string,
  text: string,
  transform: Transform,
): Promise<CompiledFile> {
  const file = baseName(path);
  if (text.includes("\0")) {
    return failedFile(path, [placed(file, 1, MESSAGES.binary())]);
  }
  const source = text.startsWith("#!") ? `//${text.slice(2)}` : text;
  const answer = await transform(source, { path });
  if ("problems" in answer) {
    return failedFile(
      path,
      answer.problems.map((problem) => explainProblem(file, source, problem)),
    );
  }
  try {
    return compileCode(path, source, answer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failedFile(path, [placed(file, 1, MESSAGES.tooDeep())]);
  }
}

function compileCode(
  path: string,
  source: string,
  { code, map }: { code: string; map: string },
): CompiledFile {
  const file = baseName(path);
  const sites = new Sites(code, map);
  const program = parseCode(code);
  if (!("body" in program)) {
    const { line, column } = sites.placeOf(program.offset);
    const problem = { text: program.text, line, column };
    return failedFile(path, [explainProblem(file, source, problem)]);
  }
  const names = resolveNames(program);
  const parsed: Parsed = { file, source, code, program, names, sites };
  const { errors, notes, bareCalls } = checkFile(parsed);
  if (errors.length > 0) return failedFile(path, errors);
  return {
    path,
    ...rewrite(parsed),
    lines: sites.lines,
    rows: sites.rows(),
    errors,
    notProgram: whyNoProgram(parsed),
    notes,
    bareCalls,
  };
}

/** The syntax tree, or what the parser stumbled over. */
function parseCode(code: string): Program | { text: string; offset: number } {
  try {
    return parse(code, { ecmaVersion: 2022, sourceType: "module" });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { pos } = error as SyntaxError & { pos: number };
    const text = error.message.replace(/ \(\d+:\d+\)$/, "");
    return { text, offset: pos };
  }
}
