// load [OPTION]… HOST[:PORT][/TARGET]: HTTP clients in any number, and what they
// met with: how many answers a second, how long they took, who was turned away,
// who gave up, what the server did for nobody.

import { print, type Program, type Routine, s, us, write } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { type LoadPlan, PLAN, runLoad } from "../lib/load.ts";
import { summaryText, type Tally } from "../lib/tally.ts";
import { type Law, lawOf } from "../lib/variates.ts";

const USAGE = {
  name: "load",
  synopsis: "[OPTION]… HOST[:PORT][/TARGET]",
  about: "Sends HTTP requests and tells how they fared.\n" +
    "A LAW of times in µs: 300, exp:300, uniform:100-500, mix:0.9:1-20.",
  options: {
    "-r, --rate RATE": "open loop: so many requests a second, come what may",
    "--poisson": "they come by chance, at that rate (if not said otherwise)",
    "--even": "they come at equal distances",
    "-c, --clients N":
      "closed loop: so many clients, each waits for its answer (1)",
    "-t, --think LAW": "how long each of them thinks between two requests (0)",
    "-n, --requests N": "stop after so many (1000, unless -d)",
    "-d, --duration S": "begin no request after so many seconds",
    "-T, --timeout MS": "a client gives up after so long",
    "--retry N": "and tries again so many times (0)",
    "--pause MS": "so long after it gave up or was refused (100)",
    "-k, --keep-alive": "use connections again; else one for each request",
    "--work LAW": "ask for so much CPU time on the server",
    "--io LAW": "ask for so much I/O time on the server",
    "--key WORD": "other draws than those of another load",
    "--json": "all figures as one line of JSON, times in ns",
    "-q, --quiet": "no line every second while it runs",
  },
};
type Given = Record<string, string | true | undefined>;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const plan = yield* planOf(given, operands);
  const tally = yield* runLoad(plan);
  const summary = tally.summary();
  yield* print(given.json ? JSON.stringify(summary) : summaryText(summary));
  return tally.counts.ok > 0 ? 0 : 1;
}

function* planOf(given: Given, operands: string[]): Routine<LoadPlan> {
  const where = /^(?:http:\/\/)?([^:/]+)(?::(\d+))?(\/\S*)?$/
    .exec(operands[0] ?? "");
  if (where === null || operands.length > 1) {
    return yield* usageError(USAGE, "must have one HOST[:PORT][/TARGET]");
  }
  const [, host = "", port = "80", target = "/"] = where;
  const seconds = yield* amount(given.d, Infinity);
  const milliseconds = yield* amount(given.T, Infinity);
  const rate = given.r === undefined ? null : yield* amount(given.r, 1);
  if (rate === 0) yield* usageError(USAGE, "a rate is more than 0");
  return {
    ...PLAN,
    to: { host, port: Number(port) },
    target,
    rate,
    arrivals: given.even ? "even" : "poisson",
    clients: yield* count(USAGE, given.c, 1),
    think: (yield* law(given.t)) ?? PLAN.think,
    requests: yield* count(
      USAGE,
      given.n,
      given.d === undefined ? 1000 : Infinity,
    ),
    durationNs: Math.round(seconds * s),
    timeoutNs: Math.round(milliseconds * 1000 * us),
    retries: yield* count(USAGE, given.retry, 0),
    pauseNs: Math.round((yield* amount(given.pause, 100)) * 1000 * us),
    keepAlive: given.k !== undefined,
    compute: yield* law(given.work),
    io: yield* law(given.io),
    key: String(given.key ?? PLAN.key),
    progress: given.q || given.json ? null : progress,
  };
}

function* amount(
  value: string | true | undefined,
  otherwise: number,
): Routine<number> {
  if (value === undefined) return otherwise;
  if (/^\d+(\.\d+)?$/.test(String(value))) return Number(value);
  return yield* usageError(USAGE, `invalid number: '${value}'`);
}

function* law(value: string | true | undefined): Routine<Law | null> {
  if (value === undefined) return null;
  const found = lawOf(String(value));
  return found ?? (yield* usageError(USAGE, `no law of times: '${value}'`));
}

function* progress(tally: Tally, nowNs: number): Routine {
  const { ok, refused, timedOut, failed } = tally.counts;
  const at = Math.round((nowNs - tally.fromNs) / s);
  const line = `${at} s: ${ok} answered, ${refused} refused, ` +
    `${timedOut} timed out, ${failed} failed, ${tally.inside} inside\n`;
  yield* write(2, line);
}
