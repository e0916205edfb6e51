// tac [FILE]…: writes the lines of files, the last one first. All of a file is
// in memory meanwhile.

import { type Program, readAll, write } from "kettle";
import { options } from "../lib/args.ts";
import { byteString, fromByteString } from "../lib/lossless.ts";
import { CHUNK_BYTES, eachInput } from "../lib/stdio.ts";
import { quoted } from "../lib/strerror.ts";

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, {
    name: "tac",
    synopsis: "[FILE]…",
    about: "Writes the lines of files, the last one first.",
  });
  return yield* eachInput("tac", operands, function* (fd) {
    const text = byteString(yield* readAll(fd));
    const lines = text.split(/(?<=\n)/).reverse().join("");
    for (let at = 0; at < lines.length; at += CHUNK_BYTES) {
      yield* write(1, fromByteString(lines.slice(at, at + CHUNK_BYTES)));
    }
  }, {
    open: (file) => `failed to open '${file}' for reading`,
    read: (file) => `${quoted(file)}: read error`,
    stdin: "standard input",
  });
}
