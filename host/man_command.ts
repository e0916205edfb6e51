// `kettle man NAME`: a page of the manual in this terminal. It is the machine's
// own man that shows it, so it says the same as there; the machine takes no time.

import process from "node:process";
import { compileNative } from "./compile_native.ts";
import { readImage } from "./image.ts";
import { Loader } from "./loader.ts";
import { type CommandLine, type OptionTable } from "./options.ts";
import { makePlayground } from "./playground.ts";

export const MAN_OPTIONS: OptionTable = {
  apropos: { about: "list the pages that have the word in their sentence" },
};

export async function manCommand(
  { given, rest }: CommandLine,
): Promise<number> {
  const loader = new Loader({ compile: compileNative });
  const { world, machine } = makePlayground({
    programs: loader,
    image: readImage(),
  });
  const args = given.apropos === true ? ["-k", ...rest] : rest;
  const man = machine.spawn("/bin/man", args, { cwd: "/home" });
  while (world.run({ until: man }).reason === "host") {
    await loader.compile(world.wanted!);
  }
  process.stdout.write(man.stdout);
  process.stderr.write(man.stderr);
  const { exit } = man;
  return exit !== null && "status" in exit ? exit.status : 1;
}
