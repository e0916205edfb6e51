// uname [-a]: what system this is.

import { print, type Program } from "kettle";
import { options } from "../lib/args.ts";

export default function* main(args: string[]): Program {
  const { given } = yield* options(args, {
    name: "uname",
    synopsis: "[-a]",
    about: "Tells what system this is.",
    options: { "-a, --all": "all of it", "-s": "the name of the kernel" },
  });
  yield* print(given.a === undefined ? "Kettle" : "Kettle 1.0 virtual-time");
}
