// The table of `strace -c`: how often each call was made, how often it failed, and
// how long its callers were in it (by the clock, as strace -w has it).

interface Sum {
  calls: number;
  errors: number;
  timeNs: number;
}

export type SumOrder = "time" | "calls" | "errors" | "name";

export class CallSums {
  readonly #sums = new Map<string, Sum>();

  add(call: string, timeNs: number, ok: boolean): void {
    const sum = this.#sums.get(call) ?? { calls: 0, errors: 0, timeNs: 0 };
    sum.calls += 1;
    sum.errors += ok ? 0 : 1;
    sum.timeNs += timeNs;
    this.#sums.set(call, sum);
  }

  /** As Linux's, with ns. */
  table(order: SumOrder = "time"): string {
    const rows = [...this.#sums].sort((a, b) =>
      order === "name" ? 0 : b[1][KEYS[order]] - a[1][KEYS[order]]
    );
    if (order === "name") rows.sort(([a], [b]) => a < b ? -1 : 1);
    const all = rows.reduce(
      (sum, [, row]) => ({
        calls: sum.calls + row.calls,
        errors: sum.errors + row.errors,
        timeNs: sum.timeNs + row.timeNs,
      }),
      { calls: 0, errors: 0, timeNs: 0 },
    );
    return [
      TITLES,
      RULE,
      ...rows.map(([name, sum]) => line(name, sum, all.timeNs)),
      RULE,
      line("total", all, all.timeNs),
      "",
    ].join("\n");
  }
}

const KEYS = { time: "timeNs", calls: "calls", errors: "errors" } as const;
const TITLES = "% time     seconds  usecs/call     calls    errors syscall";
const RULE =
  "------ ----------- ----------- --------- --------- ----------------";

function line(name: string, { calls, errors, timeNs }: Sum, allNs: number) {
  const share = allNs === 0 ? 0 : 100 * timeNs / allNs;
  return [
    share.toFixed(2).padStart(6),
    (timeNs / 1e9).toFixed(9).padStart(11),
    (calls === 0 ? 0 : timeNs / 1e3 / calls).toFixed(1).padStart(11),
    String(calls).padStart(9),
    (errors === 0 ? "" : String(errors)).padStart(9),
    name,
  ].join(" ");
}
