// The runs of disk.py that are kept with its figures (ostep_disk_cases.json), and
// whether Kettle's agree to the tick.

import data from "./ostep_disk_cases.json" with { type: "json" };
import { ostepOptions, type OstepTimes, runOstep } from "./ostep_disk.ts";

type Times = Omit<OstepTimes, "block">;
interface Case {
  id: string;
  args: string;
  totals: Times;
  requests?: number[];
  perRequest?: OstepTimes[];
  perRequestFirst10?: OstepTimes[];
}

export interface CaseResult {
  args: string;
  expected: { totals: Times; first: OstepTimes[] };
  actual: { totals: Times; first: OstepTimes[] };
  agrees: boolean;
}

export function ostepCases(): CaseResult[] {
  return (data.cases as Case[]).map((it) => {
    const expected = {
      totals: it.totals,
      first: it.perRequest ?? it.perRequestFirst10 ?? [],
    };
    const times = runOstep(ostepOptions(argumentsOf(it)));
    const actual = {
      totals: sum(times),
      first: times.slice(0, expected.first.length),
    };
    const agrees = JSON.stringify(actual) === JSON.stringify(expected);
    return { args: it.args, expected, actual, agrees };
  });
}

/** With the list itself in place of the generator's options. */
function argumentsOf({ args, requests }: Case): string[] {
  const kept: string[] = [];
  const words = args.split(" ");
  for (let i = 0; i < words.length; i++) {
    if (["-a", "-A", "-s"].includes(words[i]!)) i++;
    else kept.push(words[i]!);
  }
  const list = requests ?? data.requestLists.seed0_n1000_max24;
  return [...kept, "-a", list.join(",")];
}

function sum(times: readonly OstepTimes[]): Times {
  const totals: Times = { seek: 0, rotate: 0, transfer: 0, total: 0 };
  for (const each of times) {
    totals.seek += each.seek;
    totals.rotate += each.rotate;
    totals.transfer += each.transfer;
    totals.total += each.total;
  }
  return totals;
}
