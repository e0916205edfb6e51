// Runs that must be the same everywhere: the playground's two machines, a shell
// on the console, some keys. Gives the hash of everything that happened. It is
// run by this engine and, bundled, by a browser.

import { makeImage } from "../../host/base_files.ts";
import { Loader, type PrecompiledFile } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";

export interface Programs {
  programs: Record<string, string>;
  precompiled: readonly PrecompiledFile[];
}

/** What is typed, one run each. */
export const RECIPES = [
  "figure_block",
  "figure_poll",
  "figure_push",
  "ls /bin | sort -r | head -n 3; wc /bin/sh",
  "mkdir a; echo tea > a/cup; mv a/cup a/pot; cat a/pot; rm a/pot; rmdir a",
  "sleep 0.01 & sleep 0.02; wait; false || echo no; yes | head -n 2",
];

/** Recipe → hash of its trace. */
export async function hashes(
  { programs, precompiled }: Programs,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const recipe of RECIPES) {
    found[recipe] = await hashOf(recipe, programs, precompiled);
  }
  return found;
}

async function hashOf(
  recipe: string,
  programs: Record<string, string>,
  precompiled: readonly PrecompiledFile[],
): Promise<string> {
  const loader = new Loader({
    precompiled,
    compile: (path) => Promise.reject(new Error(`${path} is not compiled`)),
  });
  const image = makeImage(programs);
  const { world, machine } = makePlayground({ programs: loader, image });
  machine.spawn("/bin/sh", [], { name: "sh", console: true, cwd: "/home" });
  const untilIdle = async () => {
    for (;;) {
      const { reason, report } = world.run();
      if (reason === "idle") return;
      if (reason !== "host") throw new Error(`${reason} ${report}`);
      await loader.compile(world.wanted!);
    }
  };
  await untilIdle();
  for (const key of `${recipe}\r`) machine.type(key);
  await untilIdle();
  return `${world.trace.hash} after ${world.trace.length} events at ${world.now}`;
}
