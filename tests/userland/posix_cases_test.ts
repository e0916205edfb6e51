// Further shell cases from POSIX, with what dash 0.5.12 gave for each. Where a
// dash is on the build machine it is asked again, so that the list stays true.

import { readCases, testCases } from "./dash.ts";

testCases(readCases("posix_cases.json"));
