// Cases that go through the shell rule by rule (expansions, here-docs, builtins,
// traps, options), with what dash gave for each; dash is asked again where there
// is one.

import { readCases, testCases } from "./dash.ts";

testCases(readCases("sh_dash_cases.json"));
