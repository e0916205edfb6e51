// grade [ASSIGNMENT [PROGRAM]]: what is to be done, and how many points a program
// has. The host grades it, in worlds of their own.

import { getcwd, type Program } from "kettle";
import { askAndPrint } from "../lib/host.ts";
import { absolutePath } from "../lib/paths.ts";

export default function* main(args: string[]): Program {
  const [name, program, ...more] = args;
  const words = program === undefined
    ? args
    : [name!, absolutePath(program, yield* getcwd()), ...more];
  return yield* askAndPrint(words, {
    name: "grade",
    synopsis: "[ASSIGNMENT [PROGRAM]]",
    about: "Shows an assignment, or says how many points a program has.\n" +
      "Without a name it lists the assignments.",
  });
}
