// tr [-d] [-s] SET1 [SET2]: replaces characters of SET1 by those of SET2 in the
// same place, or deletes them. Sets: a-z, [:upper:], \n. Text in, text out.

import { type Program, read, text, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { addEscaped, ByteText } from "../lib/escape.ts";
import { CHUNK_BYTES } from "../lib/stdio.ts";

const USAGE = {
  name: "tr",
  synopsis: "[-c] [-d] [-s] SET1 [SET2]",
  about: "Replaces or deletes characters.",
  options: {
    "-c": "SET1 means all characters that are not in it",
    "-d, --delete": "delete those in SET1",
    "-s, --squeeze-repeats": "of a run of the same in the last set keep one",
  },
};
const CLASSES = new Map([
  ["upper", "A-Z"],
  ["lower", "a-z"],
  ["digit", "0-9"],
  ["alpha", "A-Za-z"],
  ["alnum", "A-Za-z0-9"],
  ["space", " \t-\r"],
]);

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [from, to] = operands.map(expandSet);
  const alone = given.d !== undefined || given.s !== undefined;
  if (from === undefined || to === undefined && !alone) {
    return yield* usageError(USAGE, "missing operand");
  }
  const change = changer(from, to ?? [], given);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  while (true) {
    const chunk = yield* read(0, CHUNK_BYTES);
    const more = chunk.length > 0;
    const output = change(decoder.decode(chunk, { stream: more }));
    if (output !== "") yield* write(1, output);
    if (!more) return 0;
  }
}

/** `a-cx\n` as a list of characters. */
function expandSet(set: string): string[] {
  const plain = set.replace(
    /\[:(\w+):\]/g,
    (whole, name) => CLASSES.get(name) ?? whole,
  );
  const output = new ByteText();
  addEscaped(output, plain, "\\ooo");
  const chars = [...text(output.bytes())];
  const found: string[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const start = chars[at]!.codePointAt(0)!;
    const range = chars[at + 1] === "-" && at + 2 < chars.length;
    const end = range ? chars[at + 2]!.codePointAt(0)! : start;
    for (let code = start; code <= end; code += 1) {
      found.push(String.fromCodePoint(code));
    }
    if (range) at += 2;
  }
  return found;
}

function changer(
  from: string[],
  to: string[],
  given: Record<string, unknown>,
): (input: string) => string {
  const places = new Map(from.map((char, index) => [char, index]));
  const drop = given.d !== undefined;
  const squeezed = given.s === undefined ? [] : to.length > 0 ? to : from;
  let previous = "";
  return (input) => {
    let output = "";
    for (const char of input) {
      const inside = places.has(char) !== (given.c !== undefined);
      if (inside && drop) continue;
      const place = given.c !== undefined ? to.length : places.get(char) ?? 0;
      const last = to[to.length - 1] ?? char;
      const next = inside && !drop ? to[place] ?? last : char;
      if (next === previous && squeezed.includes(next)) continue;
      output += next;
      previous = next;
    }
    return output;
  };
}
