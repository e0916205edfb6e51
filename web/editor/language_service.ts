// Types, errors, completion, hover, definitions: TypeScript's language service
// over the files of the machine, with the loader's findings in the loader's
// words and the manual's text at the names of "kettle". Plain data in and out;
// it knows neither the editor nor that it is in a worker.

import ts from "typescript";
import { HOST_GLOBALS } from "../../host/messages.ts";
import { hoverOf, type Page, parseBook } from "../../userland/lib/manual.ts";
import { importChange } from "./import_change.ts";
import {
  fileNameOf,
  isInMachine,
  KETTLE_DOOR,
  LanguageFiles,
} from "./language_files.ts";
import type {
  About,
  Answers,
  Change,
  Completion,
  Finding,
  Library,
  Place,
} from "./language_protocol.ts";
import { LoaderCheck, type Said } from "./loader_check.ts";

/**
 * What the loader says better: names nobody knows, modules that are not there,
 * yield and await where they cannot be.
 */
const LOADER_SAYS: ReadonlySet<number> = new Set([
  ...[1163, 1212, 1213, 1214, 1220, 1308, 1359, 1375, 1378, 1432],
  ...[2304, 2305, 2307, 2318, 2552, 2580, 2583, 2584, 2585, 2591, 2592, 2593],
  ...[2362, 2363, 2614, 2693, 2724, 2792, 7027],
]);
const COMPLETIONS: ts.GetCompletionsAtPositionOptions = {
  includeCompletionsWithInsertText: false,
  includeCompletionsForModuleExports: false,
};
const SHOWN_PAGES: ReadonlySet<string> = new Set(["2", "3"]);

export class LanguageService {
  readonly files: LanguageFiles;
  readonly #service: ts.LanguageService;
  readonly #check: LoaderCheck;
  readonly #pages: Page[];

  constructor(library: Library) {
    this.files = new LanguageFiles(library);
    this.#service = ts.createLanguageService(this.files);
    this.#check = new LoaderCheck(this.files.read);
    this.#pages = Object.values(library.pages).flatMap(parseBook);
  }

  // ----------------------------------------------------------- what is wrong

  async findings(path: string): Promise<Finding[]> {
    const source = this.files.read(path);
    if (source === null) return [];
    const name = this.files.lookAt(path);
    const typed = [
      ...this.#service.getSyntacticDiagnostics(name),
      ...this.#service.getSemanticDiagnostics(name),
      ...this.#service.getSuggestionDiagnostics(name),
    ].map((it) => findingOf(it)).filter((it) => it !== null);
    const said = await this.#check.of(path, source);
    return merged(
      source,
      said,
      typed,
      (name) => importChange(this.#sourceFile(path), name),
    );
  }

  // ----------------------------------------------------------- completion

  completions(path: string, at: number): Answers["completions"] {
    const name = this.files.lookAt(path);
    const info = this.#service.getCompletionsAtPosition(name, at, COMPLETIONS);
    const source = this.files.read(path) ?? "";
    const from = wordStart(source, at);
    const options: Completion[] = [];
    for (const entry of info?.entries ?? []) {
      const { kind, sortText } = entry;
      if (isRefused(entry)) continue;
      options.push({ label: entry.name, kind, sortText });
    }
    // Where a variable may stand, as the one that is everywhere.
    if (info?.entries.some(({ name }) => name === "undefined")) {
      options.push(
        ...this.#importable(path, new Set(info.entries.map(nameOf))),
      );
    }
    return options.length === 0 ? null : { from, options };
  }

  /** What "kettle" has and the file does not import yet. */
  #importable(path: string, known: ReadonlySet<string>): Completion[] {
    const file = this.#sourceFile(path);
    if (file === undefined) return [];
    return this.#exports().filter(({ name }) => !known.has(name)).map((it) => {
      const isType = (it.flags & ts.SymbolFlags.Value) === 0 &&
        !isValue(this.#checker, it);
      return {
        label: it.name,
        kind: isType ? "interface" : "function",
        sortText: "16",
        from: "kettle",
        changes: importChange(file, isType ? `type ${it.name}` : it.name),
      };
    });
  }

  detail(path: string, at: number, name: string): About | null {
    const entry = this.#service.getCompletionEntryDetails(
      this.files.lookAt(path),
      at,
      name,
      {},
      undefined,
      undefined,
      undefined,
    );
    if (entry === undefined) return this.#manual(name);
    return {
      ...this.#about(name, entry.documentation),
      signature: text(entry.displayParts),
    };
  }

  // ----------------------------------------------------------- a place

  hover(path: string, at: number): Answers["hover"] {
    const file = this.files.lookAt(path);
    const info = this.#service.getQuickInfoAtPosition(file, at);
    if (info === undefined) return null;
    const { start, length } = info.textSpan;
    const word = (this.files.read(path) ?? "").slice(start, start + length);
    const isOurs = this.#isKettles(file, at);
    const about = isOurs
      ? this.#about(word, info.documentation)
      : { ...EMPTY, text: text(info.documentation) };
    const signature = text(info.displayParts)
      .replace(/^\(alias\) /, "").replace(/\nimport [\w$]+$/, "");
    return { from: start, to: start + length, ...about, signature };
  }

  definition(path: string, at: number): Place | null {
    const file = this.files.lookAt(path);
    const found = this.#service.getDefinitionAtPosition(file, at) ?? [];
    const best = found.find(({ fileName }) => fileName !== file) ?? found[0];
    if (best === undefined) return null;
    const { fileName, textSpan: { start, length } } = best;
    const place = { path: fileName, from: start, to: start + length };
    if (!isInMachine(fileName)) {
      return { ...place, text: this.files.readFile(fileName) };
    }
    const bare = fileName.replace(/\.ts$/, "");
    return /^\/bin\//.test(bare) ? { ...place, path: bare } : place;
  }

  /** How what is being called is called, and which part is being written. */
  parameters(path: string, at: number): Answers["parameters"] {
    const file = this.files.lookAt(path);
    const help = this.#service.getSignatureHelpItems(file, at, undefined);
    const item = help?.items[help.selectedItemIndex];
    if (help === undefined || item === undefined) return null;
    let signature = text(item.prefixDisplayParts);
    let active: [number, number] | null = null;
    item.parameters.forEach((parameter, index) => {
      if (index > 0) signature += text(item.separatorDisplayParts);
      const from = signature.length;
      signature += text(parameter.displayParts);
      if (index === help.argumentIndex) active = [from, signature.length];
    });
    return { signature: signature + text(item.suffixDisplayParts), active };
  }

  // ----------------------------------------------------------- parts

  get #checker(): ts.TypeChecker {
    return this.#service.getProgram()!.getTypeChecker();
  }

  #sourceFile(path: string): ts.SourceFile | undefined {
    return this.#service.getProgram()?.getSourceFile(fileNameOf(path));
  }

  /** Everything that "kettle" offers; nothing if no file imports it yet. */
  #exports(): ts.Symbol[] {
    const door = this.#service.getProgram()?.getSourceFile(KETTLE_DOOR);
    const checker = this.#checker;
    const symbol = door && checker.getSymbolAtLocation(door);
    return symbol === undefined ? [] : checker.getExportsOfModule(symbol);
  }

  #isKettles(file: string, at: number): boolean {
    const found = this.#service.getDefinitionAtPosition(file, at) ?? [];
    return found.some(({ fileName }) =>
      !isInMachine(fileName) && fileName.startsWith("/.kettle/")
    );
  }

  #about(
    name: string,
    documentation: ts.SymbolDisplayPart[] | undefined,
  ): About {
    return this.#manual(name) ?? { ...EMPTY, text: text(documentation) };
  }

  /** The manual's text of a name in "kettle". */
  #manual(name: string): About | null {
    const pages = this.#pages.filter(({ section }) => SHOWN_PAGES.has(section));
    const page = hoverOf(pages, name);
    if (page === null) return null;
    return { ...page, signature: page.signature.join("\n") };
  }
}

const EMPTY: About = { title: "", about: "", signature: "", text: "" };

function text(parts: ts.SymbolDisplayPart[] | undefined): string {
  return ts.displayPartsToString(parts);
}

function nameOf({ name }: { name: string }): string {
  return name;
}

function isValue(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  if ((symbol.flags & ts.SymbolFlags.Alias) === 0) return false;
  return (checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value) !== 0;
}

/** Where the word that ends here begins. */
function wordStart(source: string, at: number): number {
  let from = at;
  while (from > 0 && /[\w$]/.test(source[from - 1]!)) from -= 1;
  return from;
}

/** A name of the engine that the loader refuses. */
function isRefused({ name, sortText, kind }: ts.CompletionEntry): boolean {
  const isGlobal = sortText.startsWith("15") || kind === "var" ||
    kind === "module";
  return isGlobal && Object.hasOwn(HOST_GLOBALS, name);
}

// ------------------------------------------------------------- findings

interface Typed extends Finding {
  code: number;
}

function findingOf(diagnostic: ts.Diagnostic): Typed | null {
  const { start, length, category, code, reportsUnnecessary } = diagnostic;
  if (start === undefined || length === undefined) return null;
  const isHint = category === ts.DiagnosticCategory.Suggestion ||
    category === ts.DiagnosticCategory.Message;
  if (isHint && !reportsUnnecessary) return null;
  return {
    from: start,
    to: start + length,
    severity: isHint
      ? "unused"
      : category === ts.DiagnosticCategory.Error
      ? "error"
      : "warning",
    text: ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"),
    source: "typescript",
    code,
  };
}

type ImportFix = (name: string) => Change[];

/** The loader's sentences take the place of the compiler's for the same. */
function merged(
  source: string,
  said: readonly Said[],
  typed: readonly Typed[],
  imported: ImportFix,
): Finding[] {
  const starts = lineStarts(source);
  const lineOf = (at: number) => {
    let line = 0;
    while (line + 1 < starts.length && starts[line + 1]! <= at) line += 1;
    return line + 1;
  };
  const findings: Finding[] = [];
  const taken = new Set<Typed>();
  for (const { line, text, isNote } of said) {
    const there = typed.filter((it) =>
      lineOf(it.from) === line && it.severity === "error" &&
      (LOADER_SAYS.has(it.code) || it.text.replace(/\.$/, "") ===
          text.replace(/\.$/, "") ||
        it.code < 2000)
    );
    for (const each of there) taken.add(each);
    const { from, to } = spanOf(source, starts, line, text, there[0]);
    const fix = fixOf(source, text, from, imported);
    const severity = isNote ? "info" : "error";
    findings.push({ from, to, severity, text, source: "kettle", ...fix });
  }
  for (const each of typed) {
    const { code: _, ...finding } = each;
    if (!taken.has(each)) findings.push(finding);
  }
  return findings.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** What of a line a sentence is about: what it begins with, what the compiler marks, or all of it. */
function spanOf(
  source: string,
  starts: readonly number[],
  line: number,
  text: string,
  near: Finding | undefined,
): { from: number; to: number } {
  const start = starts[line - 1] ?? 0;
  const end = line < starts.length ? starts[line]! - 1 : source.length;
  const row = source.slice(start, end);
  const [subject = ""] = /^[^ (]+(\(.*?\)(?= (was|only|needs|is)\b))?/.exec(
    text,
  ) ?? [];
  const [name = ""] = /^(yield |this )?[\w$.]+/.exec(text) ?? [];
  for (const part of [subject, name.replace(/^this /, "")]) {
    const at = part.length < 2 ? -1 : row.indexOf(part);
    if (at >= 0) return { from: start + at, to: start + at + part.length };
  }
  if (near !== undefined) return { from: near.from, to: near.to };
  const from = start + (row.length - row.trimStart().length);
  return { from, to: Math.max(from, start + row.trimEnd().length) };
}

/** What the sentence says to do, done. */
function fixOf(
  source: string,
  text: string,
  from: number,
  imported: ImportFix,
): Pick<Finding, "fix"> {
  if (text.endsWith("Put yield* in front.")) {
    const changes = [{ from, to: from, insert: "yield* " }];
    return { fix: { name: "Put yield* in front", changes } };
  }
  if (/^yield .* needs a star/.test(text) && source.startsWith("yield", from)) {
    const at = from + "yield".length;
    const changes = [{ from: at, to: at, insert: "*" }];
    return { fix: { name: "Give it a star", changes } };
  }
  const [, name] = /^(\S+) is not imported: add it/.exec(text) ?? [];
  if (name === undefined) return {};
  return { fix: { name: `Import ${name}`, changes: imported(name) } };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}
