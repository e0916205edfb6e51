import { after, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { LOGO_BYTES } from "../../host/logo.ts";
import { readImage, readPrograms } from "../../host/image.ts";
import { importCode } from "../../host/import_code.ts";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { Loader, type PrecompiledFile } from "../../host/loader.ts";
import { precompile } from "../../host/precompile.ts";
import { Workshop } from "./workshop.ts";

after(stopCompiler);

const image = readImage();
const sources = Object.fromEntries(
  Object.entries(image).filter(([, content]) => typeof content === "string"),
) as Record<string, string>;
const commands = Object.keys(sources).filter((path) =>
  path.startsWith("/bin/") || path.startsWith("/servers/") ||
  path.startsWith("/home/")
);

test("every program that comes with Kettle compiles, links and starts", async () => {
  const workshop = new Workshop(sources);
  const problems: string[] = [];
  for (const path of commands) {
    await workshop.compile(path);
    const loaded = workshop.load(path)!;
    if ("error" in loaded) problems.push(loaded.error);
    else problems.push(...loaded.notes);
  }
  assertEquals(problems, []);
});

test("the image holds the programs, the logo and a first program", () => {
  assert(commands.includes("/bin/hello"));
  assert(commands.includes("/home/hello.ts"));
  assert("/sh/lexer.ts" in image && "/lib/stdio.ts" in image);
  assertEquals((image["/srv/logo"] as Uint8Array).length, LOGO_BYTES);
});

test("two readings of the image are equal to the byte", () => {
  assertEquals(readImage(), image);
});

test("the precompiled module starts every program with no compiler", async () => {
  const text = await precompile(readPrograms());
  const names = "{ programs, precompiled }";
  const { factory } = await importCode(
    `${text}\nexport default () => (${names});`,
  );
  const { precompiled } = factory({}, [], null) as unknown as {
    precompiled: PrecompiledFile[];
  };
  const loader = new Loader({
    compile: (path) => Promise.reject(new Error(`${path}: no compiler`)),
    precompiled,
  });
  const readFile = (path: string) => sources[path] ?? null;
  for (const path of commands) {
    const loaded = loader.load(path, sources[path]!, readFile);
    assert(loaded !== null, path);
  }
  assertEquals(await compileNative("/bin/hello", sources["/bin/hello"]!), {
    ...precompiled.find(({ path }) => path === "/bin/hello")!.file,
    code: (await compileNative("/bin/hello", sources["/bin/hello"]!)).code,
    rows: (await compileNative("/bin/hello", sources["/bin/hello"]!)).rows,
  });
});
