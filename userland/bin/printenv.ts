// printenv [-0] [NAME]…: prints the environment, or what these names mean. Status 1
// if one means nothing.

import { environ, type Program } from "kettle";
import { options } from "../lib/args.ts";
import { Output } from "../lib/stdio.ts";

const USAGE = {
  name: "printenv",
  synopsis: "[-0] [NAME]…",
  about: "Prints the environment, or what names in it mean.",
  options: { "-0, --null": "a zero byte after each, not a newline" },
  trouble: 2,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const env = yield* environ();
  const end = given["0"] === undefined ? "\n" : "\0";
  const output = new Output();
  let status = 0;
  if (operands.length === 0) {
    for (const [name, value] of Object.entries(env)) {
      yield* output.write(`${name}=${value}${end}`);
    }
  }
  for (const name of operands) {
    if (Object.hasOwn(env, name)) yield* output.write(env[name] + end);
    else status = 1;
  }
  yield* output.flush();
  return status;
}
