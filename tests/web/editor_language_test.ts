// The language service by itself: types of "kettle", the loader's sentences in
// the loader's words, completion with imports, the manual at a name, and where a
// name comes from.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { before, test } from "node:test";
import { readPrograms } from "../../host/image.ts";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readLibrary } from "../../web/build/library.ts";
import { LanguageService } from "../../web/editor/language_service.ts";
import type { Finding } from "../../web/editor/language_protocol.ts";

const PATH = "/home/a.ts";
let service: LanguageService;

before(() => {
  const begin = performance.now();
  service = new LanguageService(readLibrary());
  for (const [path, text] of Object.entries(readPrograms())) {
    service.files.set(path, text);
  }
  console.log(`service made: ${(performance.now() - begin).toFixed(0)} ms`);
});

function put(text: string): string {
  service.files.set(PATH, text);
  return text;
}

async function findings(text: string): Promise<Finding[]> {
  put(text);
  return await service.findings(PATH);
}

/** `line: text` of the errors. */
async function errors(text: string): Promise<string[]> {
  const found = await findings(text);
  return found.filter(({ severity }) => severity === "error").map((it) =>
    `${text.slice(0, it.from).split("\n").length}: ${it.text}`
  );
}

/** Applies a fix. */
function fixed(text: string, { fix }: Finding): string {
  const [change] = fix!.changes;
  return text.slice(0, change!.from) + change!.insert + text.slice(change!.to);
}

const HEAD = 'import { print, read } from "kettle";\n';

test("a program that is right has nothing wrong", async () => {
  const begin = performance.now();
  assertEquals(
    await errors(
      `${HEAD}export default function* main(args: string[]) {
  const bytes = yield* read(0, 10);
  yield* print(bytes.length + args.length);
}
`,
    ),
    [],
  );
  console.log(`first findings: ${(performance.now() - begin).toFixed(0)} ms`);
});

test("a request that is built and dropped is told in the loader's words, and the fix puts yield* in front", async () => {
  const text = `${HEAD}export default function* main() {
  read(0, 10);
  yield* print("x");
}
`;
  const [found, ...more] = await findings(text);
  assertEquals(more, []);
  assertEquals(
    found!.text,
    "read(0, 10) was built but never used, so nothing was read.  Put yield* in front.",
  );
  assertEquals(text.slice(found!.from, found!.to), "read(0, 10)");
  assertEquals(await errors(fixed(text, found!)), []);
});

const WRONG: Record<string, string> = {
  "a bare yield": "export default function* main() {\n  yield read(0, 1);\n}\n",
  "await": "export default async function main() {\n  await read(0, 1);\n}\n",
  "a missing star":
    "export default function main() {\n  yield* read(0, 1);\n}\n",
  "an inner function":
    "export default function* main() {\n  [1].forEach((fd) => { yield* read(fd, 1); });\n}\n",
  "a name that is not imported":
    "export default function* main() {\n  yield* close(3);\n  yield* read(0, 1);\n}\n",
  "a name of the host":
    "export default function* main() {\n  yield* read(0, Math.random());\n  setTimeout(() => {}, 1);\n}\n",
  "a routine that is never run":
    "function* help() { yield* read(0, 1); }\nexport default function* main() {\n  help();\n}\n",
  "a module that is not there":
    'import { x } from "fs";\nimport { y } from "./none.ts";\nexport default function* main() { yield* read(x, y); }\n',
};

for (const [what, body] of Object.entries(WRONG)) {
  test(`${what} is said once a line, as the loader says it`, async () => {
    const text = `import { read } from "kettle";\n${body}`;
    const { errors: said } = await compileNative(PATH, text);
    const shown = await errors(text);
    for (const sentence of said) {
      const [, line, words] = /^a\.ts:(\d+) {2}([\s\S]*)$/.exec(sentence)!;
      const there = shown.filter((it) => it.startsWith(`${line}: `));
      assertEquals(there, [`${line}: ${words}`], shown.join("\n"));
    }
    assert(shown.length > 0, what);
  });
}

test("what only types can tell is told", async () => {
  const found = await errors(
    `import { poll, read, submit } from "kettle";
export default function* main() {
  const n: number = yield* read(0, "ten");
  const event = yield* poll(yield* submit(read(0, 1)));
  return event.ok ? 0 : n;
}
`,
  );
  assertMatch(found.join("\n"), /3: .*'Uint8Array.*' is not assignable/);
  assertMatch(found.join("\n"), /3: .*'string' is not assignable.*'number'/);
  assertMatch(found.join("\n"), /5: 'event' is possibly 'null'/);
});

test("a call of a routine of another file is looked into", async () => {
  service.files.set(
    "/home/dial.ts",
    'import { read } from "kettle";\nexport function* dial() { yield* read(0, 1); }\n',
  );
  assertEquals(
    await errors(
      'import { dial } from "./dial.ts";\nexport default function* main() {\n  dial();\n}\n',
    ),
    ["3: dial() only makes the routine; nothing of it ran.  Put yield* in front."],
  );
});

test("sleep(100) is noted, and what is unused is marked as that", async () => {
  const found = await findings(
    'import { print, sleep } from "kettle";\nexport default function* main() {\n  yield* sleep(100);\n}\n',
  );
  assertEquals(found.map(({ severity }) => severity), ["unused", "info"]);
  assertMatch(found[1]!.text, /100 nanoseconds. Did you mean 100 \* ms/);
});

test("completion offers members, and names of kettle with their import", async () => {
  const text = put(
    `${HEAD}export default function* main() {\n  const bytes = yield* read(0, 1);\n  bytes.le\n  sub\n}\n`,
  );
  const member = service.completions(PATH, text.indexOf("bytes.le") + 8)!;
  assert(member.options.some(({ label }) => label === "length"));
  assert(!member.options.some(({ label }) => label === "submit"));
  const at = text.indexOf("  sub\n") + 5;
  const { options, from } = service.completions(PATH, at)!;
  assertEquals(from, at - 3);
  const submit = options.find(({ label }) => label === "submit")!;
  assertEquals(submit.from, "kettle");
  const [change] = submit.changes!;
  const whole = text.slice(0, change!.from) + change!.insert +
    text.slice(change!.to);
  assertMatch(whole, /^import \{ print, read, submit \} from "kettle";/);
  assert(!options.some(({ label }) => label === "setTimeout"));
  assertEquals(service.detail(PATH, at, "submit")!.title, "submit(2)");
  await Promise.resolve();
});

test("a name that is not imported is imported by the fix", async () => {
  const text = "export default function* main() {\n  yield* close(3);\n}\n";
  const [found] = await findings(text);
  assertEquals(found!.fix!.name, "Import close");
  const whole = fixed(text, found!);
  assertEquals(whole, `import { close } from "kettle";\n\n${text}`);
  assertEquals(await errors(whole), []);
});

test("a call shows its page of the manual, other names their type", () => {
  const text = put(
    `${HEAD}export default function* main() {\n  const got = yield* read(0, 1);\n  yield* print(got);\n}\n`,
  );
  const read = service.hover(PATH, text.indexOf("read(0") + 1)!;
  assertEquals(read.title, "read(2)");
  assertMatch(read.about, /^reads bytes from a file/);
  assertMatch(read.text, /- EBADF: the number is not open/);
  assertMatch(read.signature, /read\(fd: number, count: number\)/);
  const got = service.hover(PATH, text.indexOf("got"))!;
  assertEquals(got.title, "");
  assertMatch(got.signature, /const got: Uint8Array/);
});

test("definitions lead into kettle, into /lib and into one's own files", () => {
  const text = put(
    `${HEAD}import { dial } from "./dial.ts";\nimport { options } from "/lib/args.ts";\nexport default function* main() {\n  yield* dial();\n  yield* read(0, 1);\n  return options.length;\n}\n`,
  );
  const to = (word: string) =>
    service.definition(PATH, text.lastIndexOf(word) + 1)!;
  assertEquals(to("dial").path, "/home/dial.ts");
  assertEquals(to("options").path, "/lib/args.ts");
  const read = to("read");
  assertMatch(read.path, /userland\/sys\.ts$/);
  assertMatch(read.text!.slice(read.from - 20, read.to), /function read$/);
});

test("while arguments are written, the call's parameters are told", () => {
  const text = put(
    `${HEAD}export default function* main() {\n  yield* read(0, );\n}\n`,
  );
  const help = service.parameters(PATH, text.indexOf("(0, )") + 4)!;
  const [from, to] = help.active!;
  assertEquals(help.signature.slice(from, to), "count: number");
});

test("what ships has nothing wrong for the loader's half", async () => {
  for (const path of ["/bin/figure_block", "/bin/cat", "/lib/http.ts"]) {
    const found = await service.findings(path);
    assertEquals(
      found.filter(({ source, severity }) =>
        source === "kettle" && severity === "error"
      ),
      [],
      path,
    );
  }
  await stopCompiler();
});
