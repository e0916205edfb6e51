// lesson [N]: opens a lesson, where the host has them; without a number it says
// which there are.

import type { Program } from "kettle";
import { askAndPrint } from "../lib/host.ts";

export default function* main(args: string[]): Program {
  return yield* askAndPrint(args, {
    name: "lesson",
    synopsis: "[N]",
    about: "Opens lesson N; without one it says which lessons there are.",
  });
}
