// find [PATH]… [EXPRESSION]: goes through trees and does something with what fits
// (writes its path, if nothing is said). In the order of names. Tests: -name
// -iname -path -type -size -mtime -mmin -newer -empty -links -inum; actions:
// -print -print0 -printf -exec … {} ; or + -ok -delete -prune -quit; ( ) ! -a -o ,
// -maxdepth -mindepth -depth.

import { clock, type Program, write } from "kettle";
import { helpText } from "../lib/args.ts";
import {
  FindError,
  isExpression,
  parseExpression,
} from "../lib/find_expression.ts";
import { Finder } from "../lib/find_walk.ts";
import { complain, endWriting, isWriteError } from "../lib/stdio.ts";

const USAGE = {
  name: "find",
  synopsis: "[PATH]… [EXPRESSION]",
  about: "Goes through trees and does something with what fits.",
  options: {
    "-name GLOB":
      "by the name (-iname: in any case; -path: by all of the path)",
    "-type TYPE": "f file, d directory, p pipe, s socket, c device",
    "-size [+-]N[ckMG]": "by the size, rounded up; blocks of 512 bytes else",
    "-mtime [+-]N": "changed N days ago (-mmin: minutes)",
    "-newer FILE": "changed later than FILE",
    "-empty": "no bytes, no entries (also -links N, -inum N, -true, -false)",
    "-print": "write the path (-print0: a zero byte behind it; -printf FORMAT)",
    "-exec COMMAND {} ;": "run it with the path; + in place of ;: with many",
    "-ok COMMAND {} ;": "ask first",
    "-delete": "remove it",
    "-prune": "do not go into the directory (-quit: go nowhere any more)",
    "-maxdepth N":
      "so far down (-mindepth N: not before; -depth: the inside first)",
    "! ( ) -a -o ,": "not, groups, and, or, both",
  },
};
export default function* main(args: string[]): Program {
  if (args[0] === "--help" || args[0] === "-help") {
    yield* write(1, helpText(USAGE));
    return 0;
  }
  const first = args.findIndex(isExpression);
  const paths = first < 0 ? args : args.slice(0, first);
  try {
    const expression = parseExpression(first < 0 ? [] : args.slice(first));
    const finder = new Finder(yield* clock());
    yield* finder.prepare(expression.tree);
    for (const path of paths.length === 0 ? ["."] : paths) {
      yield* finder.visit(path, 0, path, expression);
      if (finder.isOver) break;
    }
    yield* finder.finish();
    return finder.status;
  } catch (error) {
    if (isWriteError(error)) yield* endWriting("find", error);
    if (!(error instanceof FindError)) throw error;
    return yield* complain("find", error.message);
  }
}
