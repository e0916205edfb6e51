// ln FILE NAME: gives a file a second name. (Kettle has no symbolic links.)

import { link, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { inside, isDirectory } from "../lib/paths.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "ln",
  synopsis: "FILE NAME",
  about: "Gives a file a second name.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  const [file, name] = operands;
  if (file === undefined || name === undefined || operands.length > 2) {
    return yield* usageError(USAGE, "a file and its new name, please");
  }
  try {
    yield* link(file, (yield* isDirectory(name)) ? inside(name, file) : name);
  } catch (error) {
    return yield* complain("ln", error);
  }
}
