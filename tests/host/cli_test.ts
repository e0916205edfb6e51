import { after, test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { crc32 } from "../../host/checksum.ts";
import {
  decodeImage,
  encodeImage,
  sectorsOfModel,
} from "../../host/disk_image.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import { World } from "../../kernel/mod.ts";

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
function kettle(
  args: string[],
  stdin = "",
  onOutput: (child: ChildProcess, stdout: string) => void = () => {},
): Promise<Finished> {
  const isDeno = "Deno" in globalThis;
  const engine = isDeno ? ["run", "-A", "--no-check", CLI] : [CLI];
  const child = spawn(process.execPath, [...engine, ...args], { cwd: ROOT });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    output.stdout += String(data);
    onOutput(child, output.stdout);
  });
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

const COUNT =
  `import { O_CREAT, O_RDWR, open, pread, print, pwrite, text } from "kettle";
export default function* main() {
  const fd = yield* open("/home/count", O_CREAT | O_RDWR);
  const count = Number(text(yield* pread(fd, 10, 0))) + 1;
  yield* pwrite(fd, String(count), 0);
  yield* print(String(count));
}
`;

test("run --disk keeps the disk from one run to the next, without a sync", async () => {
  const program = file("count.ts", COUNT);
  const disk = join(directory, "count.img");
  for (const expected of ["1\n", "2\n", "3\n"]) {
    const { status, stdout, stderr } = await kettle(
      ["run", "--disk", disk, program],
    );
    assertEquals([stdout, stderr, status], [expected, "", 0]);
  }
});

test("shell --disk keeps files and edited programs; the rest of /bin is replaced", async () => {
  const disk = join(directory, "shell.img");
  const shell = (lines: string) =>
    kettle(["shell", "--disk", disk, "--speed", "max"], `${lines}\nexit 3\n`);
  const first = await shell(
    "echo tea > cup; cp /bin/echo /bin/say; cp /bin/true /bin/false; rm /bin/yes",
  );
  assertEquals(first.status, 3);
  const decoded = decodeImage(readFileSync(disk));
  assert("platter" in decoded);
  const { platter: image, model } = decoded;
  const { files } = new World().boot({ disk: { image, model } });
  const shipped = new TextDecoder().decode(files.peek("/etc/shipped")!);
  const old = shipped.replace(/^.{8} (\/bin\/wc)$/m, `${"0".repeat(8)} $1`);
  assert(old !== shipped);
  files.poke("/etc/shipped", old.replace(/^0{8}/m, hexOf("an old wc\n")));
  files.poke("/bin/wc", "an old wc\n");
  writeFileSync(disk, encodeImage(files.image(), model));
  const { stdout } = await shell(
    "cat cup; say said; /bin/false && echo edited; ls /bin/yes; echo a b | wc -w",
  );
  for (const shown of ["tea\r\n", "said\r\n", "edited\r\n"]) {
    assertStringIncludes(stdout, shown);
  }
  assertMatch(stdout, /\/bin\/yes.: No such file/);
  assertMatch(stdout, /\n *2\r\n/);
});

test("a damaged image is named, left as it is, and ends with status 1", async () => {
  const program = file("count.ts", COUNT);
  const disk = join(directory, "damaged.img");
  assertEquals((await kettle(["run", "--disk", disk, program])).status, 0);
  const bytes = readFileSync(disk);
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(disk, bytes);
  for (
    const args of [["run", "--disk", disk, program], ["shell", "--disk", disk]]
  ) {
    const { status, stdout, stderr } = await kettle(args);
    assertEquals([status, stdout], [1, ""]);
    assertMatch(
      stderr,
      /damaged\.img: block \d+ is damaged: its checksum is another\. The file is left as it is/,
    );
  }
  assertEquals(readFileSync(disk), bytes);
});

test("an image without a file system is refused and left as it is", async () => {
  const disk = join(directory, "empty.img");
  const bytes = encodeImage(
    new Platter(sectorsOfModel("barracuda")!),
    "barracuda",
  );
  writeFileSync(disk, bytes);
  const { status, stderr } = await kettle(["shell", "--disk", disk]);
  assertEquals(status, 1);
  assertMatch(stderr, /empty\.img: .*no file system.*left as it is/);
  assertEquals(new Uint8Array(readFileSync(disk)), bytes);
});

test("a signal ends run --disk, and what was written is saved", async () => {
  const program = file(
    "loop.ts",
    `import { open, print, sleep, ms, write } from "kettle";
export default function* main() {
  const fd = yield* open("/home/log", "w");
  yield* write(fd, "kept\\n");
  yield* print("written");
  for (;;) yield* sleep(1 * ms);
}
`,
  );
  const disk = join(directory, "signal.img");
  const { status } = await kettle(
    ["run", "--disk", disk, program],
    "",
    (child, shown) => {
      if (shown === "written\n") process.kill(child.pid!, "SIGINT");
    },
  );
  assertEquals(status, 130);
  const decoded = decodeImage(readFileSync(disk));
  assert("platter" in decoded);
  const { platter: image, model } = decoded;
  const { files } = new World().boot({ disk: { image, model } });
  assertEquals(new TextDecoder().decode(files.peek("/home/log")!), "kept\n");
});

/** The checksum of a text as the list of shipped files has it. */
function hexOf(text: string): string {
  return crc32(new TextEncoder().encode(text)).toString(16).padStart(8, "0");
}
