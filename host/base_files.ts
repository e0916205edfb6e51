// What stands on a fresh disk beside the programs: a greeting, a picture to
// read from the disk, a first program of the visitor's own. The same on every
// host, so a file system is the same to the byte.

import { LOGO } from "./logo.ts";

/** Path in the machine → contents: what a machine is booted with. */
export type Image = Record<string, string | Uint8Array>;

/** The visitor's first program: edit it and run it. */
const HELLO = `// Your first program. Try:  run hello.ts   strace run hello.ts
// A call does nothing until yield* hands it to the kernel.

import { ms, print, type Program, sleep } from "kettle";

export default function* main(args: string[]): Program {
  yield* print(\`hello, \${args[0] ?? "kettle"}\`);
  yield* sleep(10 * ms);
  yield* print("10 ms later");
}
`;

/** /lib is written beside sys.ts; in the machine the calls come from "kettle". */
const SYS = `// The calls, for the files of /lib.\n\nexport * from "kettle";\n`;

const MOTD = "Kettle: a toy kernel in virtual time.\n";

/** Programs that are in no room of userland. */
export const OWN_PROGRAMS: Record<string, string> = {
  "/sys.ts": SYS,
  "/home/hello.ts": HELLO,
};

/** The programs (as from `readPrograms`) with everything else on a fresh disk. */
export function makeImage(programs: Image): Image {
  return { ...programs, "/etc/motd": MOTD, "/srv/logo": LOGO };
}
