// Prints the hashes as one JSON line, for comparing engines.

import { hashes } from "./scenarios.ts";

console.log(JSON.stringify(hashes()));
