// which NAME…: where the program lies that a name means.

import { environ, print, type Program, stat, SysError } from "kettle";

export default function* main(args: string[]): Program {
  const path = (yield* environ()).PATH ?? "/bin";
  let status = args.length === 0 ? 1 : 0;
  for (const name of args) {
    let found = false;
    for (const directory of path.split(":")) {
      const file = `${directory}/${name}`;
      try {
        found = (yield* stat(file)).type === "file";
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      }
      if (found) yield* print(file);
      if (found) break;
    }
    if (!found) status = 1;
  }
  return status;
}
