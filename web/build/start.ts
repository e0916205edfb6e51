// `deno task start`: builds the page into a directory of its own, and serves it.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.ts";
import { serve, type Served } from "./serve.ts";

export async function startPage(port: number): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), "kettle-page-"));
  await build(directory);
  return await serve(directory, port);
}
