import { after, test } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = join(ROOT, "host/cli.ts");
const directory = mkdtempSync(join(tmpdir(), "kettle-cli-"));
after(() => rmSync(directory, { recursive: true }));

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `kettle` as a process of its own, in the engine that runs the test. */
function kettle(args: string[], stdin = ""): Promise<Finished> {
  const isDeno = "Deno" in globalThis;
  const engine = isDeno ? ["run", "-A", "--no-check", CLI] : [CLI];
  const child = spawn(process.execPath, [...engine, ...args], { cwd: ROOT });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => output.stdout += String(data));
  child.stderr.on("data", (data) => output.stderr += String(data));
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...output }));
  });
}

function file(name: string, source: string): string {
  const path = join(directory, name);
  writeFileSync(path, source);
  return path;
}

test("run hands on output, errors, input and exit status, and imports from beside it", async () => {
  file("words.ts", `export const word = "hello";\n`);
  const program = file(
    "greet.ts",
    `import { print, readAll, s, sleep, text, write } from "kettle";
import { word } from "./words.ts";
export default function* main(args: string[]) {
  yield* sleep(3600 * s);
  yield* print(\`\${word} \${args.join(" ")} \${text(yield* readAll(0))}\`);
  yield* write(2, "and an error\\n");
  return 7;
}
`,
  );
  const trace = join(directory, "trace.json");
  const options = ["--trace", trace, "--strace", "--timeline", "--seed", "2"];
  const { status, stdout, stderr } = await kettle(
    ["run", ...options, program, "a", "--b"],
    "from stdin",
  );
  assertEquals(stdout, "hello a --b from stdin\n");
  assertStringIncludes(stderr, "and an error\n");
  assertStringIncludes(stderr, "sleep(3600000000000) = 0");
  assertStringIncludes(stderr, "B timer");
  assertEquals(status, 7);
  const { traceEvents } = JSON.parse(readFileSync(trace, "utf8"));
  const names: string[] = traceEvents.map((event: { name: string }) =>
    event.name
  );
  assertEquals(names.includes("sleep(3600000000000)"), true);
  assertEquals(names.some((name) => name.startsWith("read(0, ")), true);
});

test("run of a program with a mistake says where, and runs nothing", async () => {
  const program = file(
    "slip.ts",
    `import { write } from "kettle";
export default function* main() {
  write(1, "hi");
}
`,
  );
  const { status, stdout, stderr } = await kettle(["run", program]);
  assertEquals(stdout, "");
  assertEquals(
    stderr,
    'slip.ts:3  write(1, "hi") was built but never used, so nothing was written.  Put yield* in front.\n',
  );
  assertEquals(status, 126);
});

test("an unknown command gives the nearest name", async () => {
  const { status, stderr } = await kettle(["shel"]);
  assertMatch(stderr, /there is no command shel\. Did you mean shell\?/);
  assertEquals(status, 2);
});

test("the shell takes keys from a pipe and ends with the shell's status", async () => {
  const { status, stdout } = await kettle(
    ["shell", "--speed", "max"],
    "echo one; echo two | cat\nexit 5\n",
  );
  assertStringIncludes(stdout, "one\r\ntwo\r\n");
  assertEquals(status, 5);
  assertEquals((await kettle(["shell"])).status, 0);
});
