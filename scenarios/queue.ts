// A waiting line by itself, worked out step by step: arrivals at equal distances,
// a service that always takes the same time, some workers, some places to wait.
// The scenarios of overload are compared with it to the last request. Who comes
// at the instant when another leaves, comes first: a request is served a little
// after its connection was asked for, so that is how it is on a wire.

export interface Line {
  perSecond: number;
  seconds: number;
  workers: number;
  /** Places to wait, beside those with the workers. */
  backlog: number;
  serviceNs: number;
}

export interface LineOutcome {
  refused: number;
  /** After the first arrival; Infinity: nobody was. */
  firstRefusedNs: number;
  /** Times of those who were let in, in the order in which they came. */
  timesNs: number[];
}

export function lineOf(line: Line): LineOutcome {
  const { perSecond, seconds, workers, backlog, serviceNs } = line;
  const free: number[] = new Array(workers).fill(0);
  const outcome: LineOutcome = {
    refused: 0,
    firstRefusedNs: Infinity,
    timesNs: [],
  };
  let leaving: number[] = [];
  const gapNs = 1_000_000_000 / perSecond;
  for (let i = 0; i < Math.round(perSecond * seconds); i++) {
    const atNs = Math.round(i * gapNs);
    leaving = leaving.filter((endNs) => endNs >= atNs);
    if (leaving.length >= workers + backlog) {
      outcome.refused++;
      outcome.firstRefusedNs = Math.min(outcome.firstRefusedNs, atNs);
      continue;
    }
    const next = free.indexOf(Math.min(...free));
    const endNs = Math.max(atNs, free[next]!) + serviceNs;
    free[next] = endNs;
    leaving.push(endNs);
    outcome.timesNs.push(endNs - atNs);
  }
  return outcome;
}
