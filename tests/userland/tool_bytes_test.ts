// What the file and text tools do with bytes that are no text, with much of them,
// and with readers that go away: nothing is changed, little is held, all ends.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { MiB } from "kettle";
import {
  byteString,
  decode,
  encode,
  fromByteString,
} from "../../userland/lib/lossless.ts";
import { newMachine, runProgram, type Setting, sh } from "./programs.ts";

/** All byte values, broken UTF-8, NULs, lines of all lengths, no newline at the end. */
function noise(length: number): Uint8Array {
  const data = new Uint8Array(length);
  let state = 12345;
  for (let at = 0; at < length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    data[at] = state >>> 24;
  }
  data.set([...Array(256).keys(), 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xff, 0xfe]);
  data[length - 1] = 0x80;
  return data;
}

const DATA = noise(100_000);

/** One machine for many commands. */
class Bench {
  readonly #made;

  constructor(files: Setting["files"]) {
    this.#made = newMachine({ files });
  }

  run(command: string) {
    const { world, machine } = this.#made;
    const shell = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
    const { reason } = world.run({ until: shell, budgetNs: 60e9 });
    const { stdout, stderr, exit } = shell;
    const status = exit !== null && "status" in exit ? exit.status : reason;
    return { stdout, stderr, status };
  }

  /** What a command writes. */
  output(command: string): Uint8Array {
    const { stderr, status } = this.run(`${command} >o`);
    assertEquals({ stderr, status }, { stderr: "", status: 0 }, command);
    return this.#made.machine.files.peek("/home/o")!;
  }

  file(name: string): Uint8Array {
    return this.#made.machine.files.peek(`/home/${name}`)!;
  }
}

const data = new Bench({ "/home/f": DATA });
const through = (command: string) => data.output(command);

/** Lines as one character a byte, each with its newline. */
function linesOf(data: Uint8Array): string[] {
  return byteString(data).split(/(?<=\n)/);
}

function same(found: Uint8Array, wanted: Uint8Array, why: string): void {
  assertEquals(found.length, wanted.length, why);
  assert(found.every((byte, at) => byte === wanted[at]), why);
}

test("any bytes become text and come back, in both ways", () => {
  for (const data of [DATA, DATA.subarray(0, 1), new Uint8Array(0)]) {
    same(encode(decode(data)), data, "as UTF-8");
    same(fromByteString(byteString(data)), data, "a character a byte");
  }
  for (let first = 0x7f; first < 256; first += 4) {
    for (let second = 0; second < 256; second += 3) {
      const four = Uint8Array.of(first, second, 0x80, 0xbf);
      const back = encode(decode(four));
      assert(back.every((byte, at) => byte === four[at]), four.join(" "));
      assert(back.length === 4);
    }
  }
  assertEquals(decode(encode("茶 ñ 😀")), "茶 ñ 😀");
});

test("every byte passes through the tools that change nothing", () => {
  for (
    const command of [
      "cat f",
      "cat <f",
      "cat f | cat",
      "head -n 999999 f",
      "head -c 999999 f",
      "head -n -0 f",
      "tail -n 999999 f",
      "tail -n +1 f",
      "tail -c +1 f",
      "cat f | tail -c 999999",
      "tee p <f",
      "dd if=f bs=777 status=none",
      "tr a a <f",
      "tr é é <f",
      "grep -a '' f | head -c 100000",
      "sed -n p f",
      "sed s/nothing/at_all/ f",
      "cut -b 1- -z f | head -c 100000",
      "cat f | uniq | head -c 100000",
      "tac f | head -c 100000 >r; cat f",
    ]
  ) same(through(command), DATA, command);
  data.run("cp f p");
  same(data.file("p"), DATA, "cp");
});

test("tools that change the order, or drop some, leave each line as it is", () => {
  const lines = linesOf(DATA);
  const bare = lines.map((line) => line.replace(/\n$/, ""));
  const ended = bare.map((line) => `${line}\n`);
  const sorted = [...bare].sort().map((line) => `${line}\n`);
  const joined = (rows: string[]) => fromByteString(rows.join(""));
  same(through("tac f"), joined([...lines].reverse()), "tac");
  same(through("sort f"), joined(sorted), "sort");
  same(through("sort -r f"), joined([...sorted].reverse()), "sort -r");
  same(through("head -n 100 f"), joined(lines.slice(0, 100)), "head");
  same(through("tail -n 100 f"), joined(lines.slice(-100)), "tail");
  same(through("tail -c 1000 f"), DATA.slice(-1000), "tail -c");
  same(through("head -c -1000 f"), DATA.slice(0, -1000), "head -c -");
  same(
    through("cut -b 2-3 f"),
    joined(ended.map((line) => line.slice(0, -1).slice(1, 3) + "\n")),
    "cut",
  );
  same(through("tr -d '\\000' <f"), DATA.filter((byte) => byte !== 0), "tr -d");
  same(
    through("tr '\\200-\\377' '[x*]' <f"),
    DATA.map((byte) => byte < 128 ? byte : 120),
    "tr of bytes",
  );
  const swapped = DATA.map((byte) => byte === 0 ? 10 : byte === 10 ? 0 : byte);
  same(through("tr '\\n\\0' '\\0\\n' <f"), swapped, "tr swaps");
  same(
    through("grep -a q f"),
    joined(ended.filter((line) => line.includes("q"))),
    "grep",
  );
});

test("hexdump shows every byte: read back, it is the file", () => {
  const text = new TextDecoder().decode(through("hexdump -vC f"));
  const bytes = text.split("\n").flatMap((line) =>
    line.slice(10, 58).split(" ").filter((word) => word.length === 2)
  );
  same(Uint8Array.from(bytes, (byte) => parseInt(byte, 16)), DATA, "hexdump");
});

/** What a command makes of so many zero bytes in a pipe. */
function ofZeros(mebibytes: number, cases: [string, string][]): void {
  for (const [command, wanted] of cases) {
    const { stdout, stderr } = data.run(
      `head -c ${mebibytes}M /dev/zero | ${command}`,
    );
    assertEquals({ stdout, stderr }, { stdout: wanted, stderr: "" }, command);
  }
}

test("8 MiB go through the tools that read and write on", () => {
  const size = `${8 * MiB}\n`;
  ofZeros(8, [
    ["cat | wc -c", size],
    ["tee /dev/null | tail -c +1 | wc -c", size],
    ["head -c 9M | tail -c 5 | wc -c", "5\n"],
    ["tr '\\0' x | dd bs=64K status=none | wc -c", size],
    ["tr -d '\\0' | wc -c", "0\n"],
    ["wc -l", "0\n"],
  ]);
});

test("a line of 2 MiB is a line for those that read lines", () => {
  const size = `${2 * MiB}\n`;
  ofZeros(2, [
    ["tail -n 1 | wc -c", size],
    ["cut -b 1-3 | wc -c", "4\n"],
    ["uniq | wc -c", `${2 * MiB + 1}\n`],
    ["sed -n '$='", "1\n"],
    ["grep -c .", "1\n"],
    ["tac | wc -c", size],
    ["sort | wc -c", `${2 * MiB + 1}\n`],
    ["hexdump -C | wc -l", "3\n"],
  ]);
});

test("tools that can begin before the end of the input do, on a stream without end", () => {
  for (
    const command of [
      "cat",
      "cat -n",
      "head -n -3",
      "head -c -9",
      "tail -n +5",
      "tail -c +7",
      "tr y x",
      "tr é ñ",
      "cut -c 1",
      "grep y",
      "grep -n y",
      "sed s/y/x/",
      "sed -n '5,$p'",
      "tee /dev/null",
      "uniq -D",
      "dd bs=1K status=none",
      "hexdump -v",
    ]
  ) {
    const { stdout, stderr, status } = data.run(
      `yes | ${command} | head -n 1000 | wc -l`,
    );
    assertEquals({ stdout, stderr, status }, {
      stdout: "1000\n",
      stderr: "",
      status: 0,
    }, command);
  }
});

test("whoever is not read any more ends without a word", () => {
  const bench = new Bench({
    "/home/f": "a line of text\n".repeat(20_000),
    "/home/d/x": "",
  });
  const commands = "cat f;cat -n f;tac f;head -n 19999 f;tail -n 19999 f;" +
    "sort f;uniq -D f;cut -c 1-9 f;tr a b <f;grep a f;sed s/a/b/ f;tee g <f;" +
    "seq 100000;yes;dd if=f status=none;hexdump -v f;" +
    "find / -type f;ls -R /;du -a /;wc f f;stat -c %n f f;env;printenv;date;" +
    "basename -a f f;dirname f f;which -a ls cat;cp -rv d e;" +
    "mkdir -pv p/q/r;df -a;echo x y;printf '%s\\n' a b;rm -v f d/x";
  for (const command of commands.split(";")) {
    const { stdout, stderr, status } = bench.run(`${command} | head -n 1`);
    assertEquals({ stderr, status }, { stderr: "", status: 0 }, command);
    assertEquals(stdout.split("\n").length, 2, command);
  }
});

test("where SIGPIPE is ignored the tools say that nobody reads", () => {
  for (const command of ["cat f", "tr a b <f", "sed p f", "yes", "sort f"]) {
    const name = command.split(" ")[0];
    const { stderr } = sh(`trap '' PIPE; ${command} | head -n 1`, {
      files: { "/home/f": "a line of text\n".repeat(20_000) },
    });
    assertEquals(stderr, `${name}: write error: Broken pipe\n`);
  }
});

test("what cannot be written is told by the tool that writes, and ends it", () => {
  const { stderr, status } = sh(
    "dd if=/dev/zero of=big bs=1 count=1 seek=1T status=none 2>/dev/null; " +
      "dd if=/dev/zero of=big bs=1M count=1 seek=1048575 status=none; " +
      "cat f f >>big",
    { files: { "/home/f": "x" } },
  );
  assertEquals(stderr, "cat: write error: File too large\n");
  assertEquals(status, 1);
});

test("a line of 8 MiB in small pieces takes no more time than it is long", () => {
  const took = (mebibytes: number) => {
    const start = performance.now();
    const { stdout } = sh(
      `dd if=/dev/zero bs=4K count=${mebibytes * 256} status=none | ` +
        "sed s/x/y/ | grep -ac . ",
    );
    assertEquals(stdout, "1\n");
    return performance.now() - start;
  };
  took(1);
  const [short, long] = [took(2), took(8)];
  assert(long < 40 * short + 500, `${short} ms, ${long} ms`);
});

test("tail -f shows what another process writes, when it looks again", () => {
  const { stdout, status } = sh(
    "echo old >log; tail -f log & sleep 0.5; echo new >>log; sleep 1; " +
      "echo last >>log; sleep 1; kill $!; wait $!; echo $?",
  );
  assertEquals([stdout, status], ["old\nnew\nlast\n143\n", 0]);
  const quick = sh(
    "echo a >log; tail -f -s 0.01 log & sleep 0.1; echo b >>log; sleep 0.02; " +
      "echo c >log; sleep 0.02; echo d >>log; sleep 0.02; kill $!",
  );
  assertEquals(quick.stdout, "a\nb\nd\n");
  assertEquals(quick.stderr, "tail: log: file truncated\n");
});

test("tail -F goes on with a new file of the same name", () => {
  const { stdout, stderr } = sh(
    "echo a >log; tail -F -s 0.01 log & sleep 0.1; mv log old; sleep 0.02; " +
      "echo b >log; sleep 0.1; echo c >>old; echo d >>log; sleep 0.1; kill $!",
  );
  assertEquals(stdout, "a\nb\nd\n");
  assertEquals(
    stderr,
    "tail: 'log' has been replaced;  following new file\n",
  );
});

test("tail -f of several files names the one that grows", () => {
  const { stdout } = sh(
    "echo a >x; echo b >y; tail -f -s 0.01 x y & sleep 0.1; echo c >>x; " +
      "sleep 0.1; kill $!",
  );
  assertEquals(
    stdout,
    "==> x <==\na\n\n==> y <==\nb\n\n==> x <==\nc\n",
  );
});

test("sort of many lines gives the kernel its turn, and says how much CPU it took", () => {
  const lines = Array.from({ length: 60_000 }, (_, at) => at * 7919 % 60_013);
  const { stdout, world } = runProgram("/bin/sort", ["-n"], {
    stdin: lines.join("\n"),
  });
  const sorted = [...lines].sort((a, b) => a - b).join("\n") + "\n";
  assert(stdout === sorted);
  assert(world.now > 10_000_000);
});
