// `deno task model`: measures what moves when a constant is halved or doubled, a
// minute or two, and writes the tables of docs/model.md anew.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CONSTANT_TABLES, MEASURED_TABLES, withTable } from "./card.ts";

const PAGE = fileURLToPath(new URL("../../docs/model.md", import.meta.url));

let page = readFileSync(PAGE, "utf8");
const tables = { ...CONSTANT_TABLES, ...MEASURED_TABLES };
for (const [name, make] of Object.entries(tables)) {
  const text = make();
  console.log(`${name}\n\n${text}\n`);
  page = withTable(page, name, text);
}
writeFileSync(PAGE, page);
