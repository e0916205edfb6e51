// What `deno task oracle` does: every figure with its reference beside it; or
// OSTEP's disk for a list of requests.
//
//   deno task oracle
//   deno task oracle disk.py -a 7,30,8 -p SATF -S 2 -R 1 -o 1 -w 10 -z 10,20,30

import process from "node:process";
import {
  backlogs,
  bursts,
  frameTimes,
  goodput,
  handshake,
  jumboTime,
  nagle,
  packetRates,
  slowStart,
  synAckRetries,
  synRetries,
} from "./network.ts";
import {
  meanSeeks,
  mediaRates,
  ostepTable,
  seekSamples,
  sequentialRates,
} from "./drives.ts";
import { ORACLES, queueRows } from "./queueing.ts";
import { livelock } from "./livelock.ts";
import { closedLoops, POISSON, poisson, serviceMoments } from "./load.ts";
import { isWithin, type Row, ROW_HEAD, rowText } from "./oracle.ts";
import { ostepOptions, type OstepTimes, runOstep } from "./ostep_disk.ts";
import { ostepCases } from "./ostep_cases.ts";

const SECTIONS: [string, () => Row[]][] = [
  ["Seeks of real drives", () => [...seekSamples(), ...meanSeeks()]],
  ["Media rates", () => [...mediaRates(), ...sequentialRates()]],
  ["OSTEP, figure 37.6", () => ostepTable()],
  ["Random 4 KiB reads, closed loop", () => closedLoops()],
  ["Service times", () => serviceMoments()],
  [
    "Poisson arrivals (Pollaczek–Khinchine)",
    () =>
      POISSON.map(([rate, ms]) =>
        poisson(rate, ms, rate === 80 ? 4_000_000 : 400_000)
      ),
  ],
  ["Frames on the wire", () => [...frameTimes(), ...jumboTime()]],
  ["Bursts and rates", () => [...bursts(), ...packetRates()]],
  ["Goodput of a bulk transfer", () => goodput()],
  ["TCP: opening a connection", () => handshake()],
  ["TCP: nobody answers", () => [...synRetries(), ...synAckRetries()]],
  ["TCP: backlog, twelve clients (Linux 6.18)", () => backlogs()],
  ["TCP: slow start, round trip 100 ms", () => slowStart()],
  ["TCP: Nagle's rule", () => nagle()],
  ["Receive livelock: datagrams that reach a program", () => livelock()],
  [
    "HTTP servers as queues (±3.5 standard errors)",
    () => ORACLES.flatMap((oracle) => queueRows(oracle, PRINTED_SHARE)),
  ],
];
/** Nearly two million requests: two or three minutes. */
const PRINTED_SHARE = 0.3;

function main(args: string[]): number {
  if (args[0] === "disk.py") return disk(args.slice(1));
  if (args.length > 0) {
    console.error(`oracle: what is ${args[0]}? There is disk.py, or nothing`);
    return 2;
  }
  let off = 0;
  for (const [title, rows] of SECTIONS) {
    console.log(`\n${title}\n${ROW_HEAD}`);
    for (const row of rows()) {
      console.log(rowText(row));
      if (!isWithin(row)) off++;
    }
  }
  const cases = ostepCases();
  const wrong = cases.filter(({ agrees }) => !agrees);
  console.log(
    `\nOSTEP disk.py: ${
      cases.length - wrong.length
    } of ${cases.length} cases exact`,
  );
  for (const { args } of wrong) console.log(`  not: ${args}`);
  console.log(off === 0 ? "\nAll within." : `\n${off} off.`);
  return off + wrong.length === 0 ? 0 : 1;
}

function disk(args: string[]): number {
  try {
    printTimes(runOstep(ostepOptions(args)));
    return 0;
  } catch (error) {
    console.error(`disk.py: ${(error as Error).message}`);
    return 2;
  }
}

function printTimes(times: OstepTimes[]): void {
  const line = ({ seek, rotate, transfer, total }: Omit<OstepTimes, "block">) =>
    `  Seek:${String(seek).padStart(3)}  Rotate:${
      String(rotate).padStart(3)
    }  Transfer:${String(transfer).padStart(3)}  Total:${
      String(total).padStart(4)
    }`;
  const totals = { seek: 0, rotate: 0, transfer: 0, total: 0 };
  for (const each of times) {
    console.log(`Block:${String(each.block).padStart(4)}${line(each)}`);
    totals.seek += each.seek;
    totals.rotate += each.rotate;
    totals.transfer += each.transfer;
    totals.total += each.total;
  }
  console.log(`TOTALS    ${line(totals)}`);
}

process.exitCode = main(process.argv.slice(2));
