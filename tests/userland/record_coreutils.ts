// Asks the real tools of this system again for every case of coreutils_cases.json
// and writes their answers into it: `deno run -A tests/userland/record_coreutils.ts`.
// A new case is a line { "command": "…" } there; this fills in the rest.

import { writeFileSync } from "node:fs";
import {
  type Case,
  PATH,
  readCases,
  runReal,
  versions,
} from "./coreutils_machine.ts";

const { files, cases } = readCases();
const recorded = cases.map(({ command, differs }) => ({
  ...runReal(command, files),
  differs,
}));
const text = (value: unknown) => JSON.stringify(value);
const line = (row: Case) => `    ${text(row)}`;
writeFileSync(
  PATH,
  `{\n  "versions": ${text(versions())},\n  "files": ${text(files)},\n` +
    `  "cases": [\n${recorded.map(line).join(",\n")}\n  ]\n}\n`,
);
