// scenario [NAME [OPTION]…]: runs one of the experiments, where the host has them;
// without a name it says which there are. Each runs in a world of its own.

import type { Program } from "kettle";
import { askAndPrint } from "../lib/host.ts";

export default function* main(args: string[]): Program {
  return yield* askAndPrint(args, {
    name: "scenario",
    synopsis: "[NAME [OPTION]…]",
    about: "Runs an experiment; without a name it says which there are.",
  });
}
