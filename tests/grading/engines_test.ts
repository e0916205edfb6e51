// Grading runs wherever a worker does: nothing that it is made of asks for Node, a
// disk or a page.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("grading and the assignments can be bundled for a browser, with nothing left to import", async () => {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: {
      contents: `export { grade } from "./grading/grade.ts";
export { reportText } from "./grading/report.ts";
export { ASSIGNMENTS } from "./assignments/catalog.ts";`,
      resolveDir: ROOT,
      loader: "ts",
    },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    alias: { kettle: `${ROOT}mod.ts`, "kettle/world": `${ROOT}kernel/mod.ts` },
  });
  const [output] = Object.values(metafile!.outputs);
  assertEquals(output!.imports, []);
  const text = outputFiles![0]!.text;
  assert(text.length < 600_000, `${text.length} bytes`);
  await esbuild.stop();
});
