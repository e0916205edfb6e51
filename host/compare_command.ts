// `kettle compare PROGRAM…`: the same crowd before each of several servers, in
// worlds of their own with the same seed, and what came of it side by side. A
// program is a server that comes with Kettle (http_pool) or a file of the host; in
// quotes it may have arguments. It must serve HTTP at port 80 of its machine.

import type { Image } from "./base_files.ts";
import { readImage } from "./image.ts";
import { compileNative } from "./compile_native.ts";
import { DiskFiles } from "./disk_files.ts";
import { Loader } from "./loader.ts";
import {
  type CommandLine,
  type OptionTable,
  UsageError,
  wholeNumber,
} from "./options.ts";
import { compareSteps, CROWD, type CrowdPlan } from "../scenarios/compare.ts";
import { table } from "../scenarios/report.ts";
import type { StyleResult } from "../scenarios/scenario.ts";
import { csv, numbersOf } from "../scenarios/sweep.ts";
import { type Law, lawOf } from "../userland/lib/variates.ts";

const MS = 1_000_000, CANNOT_RUN = 1;

export const COMPARE_OPTIONS: OptionTable = {
  seed: { value: "N", about: "arrivals and draws come from it (1)" },
  clients: { value: "N", about: "so many, each waits for its answer (16)" },
  rate: { value: "N", about: "instead: so many requests a second, by chance" },
  requests: { value: "N", about: "in all (1000)" },
  compute: { value: "LAW", about: "CPU time of each, µs: 100, exp:100 (100)" },
  io: { value: "LAW", about: "waiting in each, µs (10000)" },
  timeout: { value: "MS", about: "a client gives up after so long" },
  json: { about: "a line of JSON for each program" },
  csv: { about: "a row for each program" },
};

type Given = CommandLine["given"];

export async function compareCommand(
  { given, rest }: CommandLine,
): Promise<number> {
  if (rest.length === 0) {
    throw new UsageError(
      'compare takes programs: kettle compare http_block "http_pool -w 8" http_submit',
    );
  }
  const plan = planOf(given);
  const seed = wholeNumber("seed", String(given.seed ?? "1"));
  const results: StyleResult[] = [];
  for (const words of rest) {
    const result = await meet(words, plan, seed);
    if (typeof result === "string") {
      console.error(`kettle compare: ${result}`);
      return CANNOT_RUN;
    }
    results.push(result);
  }
  print(results, given);
  return 0;
}

function print(results: readonly StyleResult[], given: Given): void {
  if (given.json) {
    for (const result of results) console.log(JSON.stringify(result));
  } else if (given.csv) {
    const rows = results.map((it) => ({ program: it.style, ...numbersOf(it) }));
    console.log(csv(rows).trimEnd());
  } else console.log(table(results).join("\n"));
}

function planOf(given: Given): CrowdPlan {
  const count = (name: string, otherwise: number) =>
    given[name] === undefined
      ? otherwise
      : wholeNumber(name, String(given[name]));
  return {
    rate: given.rate === undefined ? null : count("rate", 1),
    clients: count("clients", CROWD.clients),
    requests: count("requests", CROWD.requests),
    timeoutNs: given.timeout === undefined
      ? Infinity
      : count("timeout", 0) * MS,
    compute: law("compute", given.compute ?? "100"),
    io: law("io", given.io ?? "10000"),
  };
}

function law(name: string, text: string | boolean): Law {
  const found = lawOf(String(text));
  if (found !== null) return found;
  throw new UsageError(
    `--${name} takes a time in µs or a law, such as 100 or exp:100: received ${text}`,
  );
}

/** One server meets the crowd; a sentence if it cannot. */
async function meet(
  words: string,
  crowd: CrowdPlan,
  seed: number,
): Promise<StyleResult | string> {
  const [name = "", ...args] = words.split(/\s+/);
  const image = readImage();
  const server = serverNamed(name, image);
  if (typeof server === "string") return server;
  const loader = new Loader({ compile: compileNative });
  const { path, source, readFile } = server;
  await loader.compile({ path, source, readFile });
  const loaded = loader.load(path, source, readFile);
  if (loaded !== null && "error" in loaded) return loaded.error;

  const steps = compareSteps({
    programs: loader,
    files: { ...image, ...server.files },
    server: { path, args, name: words },
    crowd,
    seed,
  });
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (value.wanted !== null) await loader.compile(value.wanted);
  }
}

interface Server {
  path: string;
  source: string;
  readFile: (path: string) => string | null;
  /** Its own files, beside those that come with Kettle. */
  files: Record<string, string>;
}

/** One that comes with Kettle, by its name; or a file of the host. */
function serverNamed(name: string, image: Image): Server | string {
  const path = `/servers/${name.replace(/\.ts$/, "")}.ts`;
  const source = textIn(image, path);
  if (source !== null) {
    const readFile = (file: string) => textIn(image, file);
    return { path, source, readFile, files: {} };
  }
  try {
    const own = new DiskFiles(name, image);
    return {
      path: own.path,
      source: own.source,
      readFile: own.read,
      files: own.files,
    };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return `${name}: ${code === "ENOENT" ? "no such program" : message}`;
  }
}

function textIn(image: Image, path: string): string | null {
  const content = image[path];
  return typeof content === "string" ? content : null;
}
