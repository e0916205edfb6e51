// The load generator: its random times, what it counts, and what it says.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { draw } from "../../kernel/random.ts";
import type { Main } from "kettle";
import { ms, s } from "kettle";
import { type MachineOptions, World } from "kettle/world";
import loadMain from "../../userland/bin/load.ts";
import type { Summary } from "../../userland/lib/tally.ts";
import { Tally } from "../../userland/lib/tally.ts";
import { exponential, lawOf, logarithm } from "../../userland/lib/variates.ts";
import block from "../../userland/servers/http_block.ts";
import pool from "../../userland/servers/http_pool.ts";
import push from "../../userland/servers/http_push.ts";
import submit from "../../userland/servers/http_submit.ts";
import threads from "../../userland/servers/http_threads.ts";

interface Run {
  stdout: string;
  stderr: string;
  status: number | undefined;
  summary: Summary | null;
}

/** A server on `www` and a load from `clients`, until the load ends. */
function load(
  args: string,
  server: Main | null,
  serverArgs = "",
  machine: MachineOptions = {},
): Run {
  const world = new World({ trace: false });
  const www = world.boot({ name: "www", memory: 1024 ** 3, ...machine });
  const clients = world.boot({ name: "clients" });
  world.cable(www, clients);
  if (server !== null) www.spawn(server, serverArgs.split(" ").filter(Boolean));
  world.run({ untilNs: 1 * ms });
  const before = clients.snapshot().counts;
  const process = clients.spawn(loadMain, args.split(" "));
  world.run({ until: process, budgetNs: 3600 * s });
  world.run({ budgetNs: 200 * s });
  assertEquals(clients.snapshot().counts, before);
  const { exit, stdout, stderr } = process;
  const summary = stdout.startsWith("{") ? JSON.parse(stdout) : null;
  const status = exit !== null && "status" in exit ? exit.status : undefined;
  return { stdout, stderr, status, summary };
}

// ------------------------------------------------------------- times by chance

test("the logarithm is that of the host, to 1e-15 of it", () => {
  for (let i = 1; i < 20_000; i++) {
    const x = i % 2 === 0 ? draw(1, i) : i / 7;
    const error = Math.abs(logarithm(x) - Math.log(x));
    assert(error <= 4e-16 * Math.max(Math.abs(Math.log(x)), 0.5), `ln ${x}`);
  }
  assertEquals(logarithm(1), 0);
  assert(Math.abs(logarithm(2 ** -53) + 53 * Math.LN2) < 1e-14);
});

test("exponential times have mean 1, variance 1 and the right quantiles", () => {
  const count = 400_000;
  const times = Array.from(
    { length: count },
    (_, i) => exponential(draw(7, i)),
  );
  const mean = times.reduce((sum, x) => sum + x, 0) / count;
  const variance = times.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  assert(Math.abs(mean - 1) < 3.5 / Math.sqrt(count), `mean ${mean}`);
  // The variance of the sample variance is (μ₄ − σ⁴)/n = 8/n.
  const within = 3.5 * Math.sqrt(8 / count);
  assert(Math.abs(variance - 1) < within, `variance ${variance}`);
  for (const share of [0.01, 0.1, 0.5, 0.9, 0.99, 0.999]) {
    const most = -Math.log(1 - share);
    const found = times.filter((x) => x <= most).length / count;
    const error = 3.5 * Math.sqrt(share * (1 - share) / count);
    assert(Math.abs(found - share) < error, `quantile ${share}: ${found}`);
  }
  assert(times.every((x) => x >= 0));
});

test("the same draw gives the same time to the last bit, on every engine", () => {
  let hash = 0;
  for (let i = 0; i < 1000; i++) {
    const bits = new BigUint64Array(
      new Float64Array([exponential(draw(3, i))]).buffer,
    )[0]!;
    hash = Math.imul(hash, 31) + Number(BigInt.asIntN(32, bits)) | 0;
    hash = Math.imul(hash, 31) + Number(BigInt.asIntN(32, bits >> 32n)) | 0;
  }
  assertEquals(hash, -160814714);
});

test("a law is read from its words and has the mean that it says", () => {
  const laws: [string, number][] = [
    ["300", 300],
    ["exp:20", 20],
    ["uniform:100-500", 300],
    ["mix:0.9:1-20", 2.9],
  ];
  for (const [words, mean] of laws) {
    const law = lawOf(words)!;
    assert(Math.abs(law.mean - mean) < 1e-9);
    const count = 200_000;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += law.at(draw(5, words, i));
    assert(Math.abs(sum / count / mean - 1) < 0.02, words);
  }
  const wrong = ["", "x", "-1", "exp:", "exp:x", "uniform:5-1", "mix:2:1-2"];
  for (const words of [...wrong, "uniform:1", "mix:0.5:1", "exp:1:2"]) {
    assertEquals(lawOf(words), null, words);
  }
});

// ------------------------------------------------------------- counting

test("the area under the number inside is the sum of the times inside, whatever the order", () => {
  const tally = new Tally(100);
  tally.begin(110);
  tally.begin(130);
  tally.end(110, 150, "ok");
  tally.begin(140); // was due before the last event
  tally.end(130, 145, "refused"); // ended before it
  tally.end(140, 200, "ok");
  const { insideNs, areaNs, meanInside } = tally.summary();
  assertEquals([insideNs, areaNs, meanInside], [115, 115, 1.15]);
});

test("sums beyond 2⁵³ stay exact", () => {
  const tally = new Tally(0);
  const each = 2 ** 50 + 1;
  for (let i = 0; i < 32; i++) tally.begin(i);
  for (let i = 0; i < 32; i++) tally.end(i, each + 3 * i, "ok");
  const { insideNs, areaNs } = tally.summary();
  assertEquals(insideNs, areaNs);
  assertEquals(BigInt(insideNs), 2n ** 55n + 32n + 2n * 496n);
});

test("an open loop of even arrivals ends when the last is answered", () => {
  const { summary, status } = load("--json -r 100 --even -n 50 www", block);
  assertEquals(status, 0);
  assertEquals([summary!.sent, summary!.ok], [50, 50]);
  const spanNs = summary!.toNs - summary!.fromNs;
  assert(spanNs > 500 * ms && spanNs < 501 * ms, `${spanNs}`);
  assertEquals(summary!.insideNs, summary!.areaNs);
});

test("an even load below a server's capacity waits for nobody", () => {
  const args = "--json -r 90 --even -n 100 --io 10000 www";
  const { percentilesNs: p } = load(args, block).summary!;
  assert(p.p100! - p.p50! < 10_000, `${p.p50} ${p.p100}`);
  assert(p.p50! > 10 * ms && p.p50! < 10.4 * ms, `${p.p50}`);
});

test("all five servers see the same arrivals and are asked for the same work", () => {
  const crowd = (server: Main) => {
    const world = new World();
    const www = world.boot({ name: "www" });
    const clients = world.boot({ name: "clients" });
    world.cable(www, clients);
    www.spawn(server, []);
    world.run({ untilNs: 1 * ms });
    const args = "-q -r 200 -n 60 --work exp:200 --io exp:500 www";
    const process = clients.spawn(loadMain, args.split(" "));
    world.run({ until: process });
    const submittedAs = (call: string, cut: RegExp) => {
      const all: string[] = [];
      for (const event of world.trace.events()) {
        if (event.machine !== 1 || event.kind !== "request_submit") continue;
        if (event.call === call) all.push(event.args.replace(cut, ""));
      }
      return all.sort();
    };
    const arrivals = submittedAs("sleep", /[^\d]/g);
    const questions = submittedAs("write", /^\d+, /);
    assertEquals(arrivals.length, 60);
    assertEquals(new Set(questions).size, 60);
    return { arrivals, questions };
  };
  const first = crowd(block);
  for (const server of [threads, pool, submit, push]) {
    assertEquals(crowd(server), first);
  }
});

test("a closed loop has never more inside than clients; thinking lowers the rate", () => {
  const closed = load("--json -c 5 -n 500 --io 1000 www", threads).summary!;
  assert(closed.meanInside > 4.5 && closed.meanInside <= 5);
  const args = "--json -c 5 -t 9000 -n 200 --io 1000 www";
  const thinking = load(args, threads).summary!;
  assert(thinking.perSecond > 460 && thinking.perSecond < 500);
});

test("keep-alive saves the handshake of all but the first", () => {
  const fresh = load("--json -c 1 -n 20 www", submit).summary!;
  const kept = load("--json -k -c 1 -n 20 www", submit).summary!;
  assertEquals([fresh.ok, kept.ok], [20, 20]);
  assert(fresh.percentilesNs.p50! > kept.percentilesNs.p50! + 100_000);
  assert(kept.percentilesNs.p100! > kept.percentilesNs.p50! + 100_000);
});

test("nobody listens: all are refused, and the status is 1", () => {
  const { summary, status } = load("--json -r 100 -n 5 www", null);
  assertEquals([summary!.refused, summary!.ok, status], [5, 0, 1]);
});

test("a full backlog that answers with resets refuses at once", () => {
  const args = "--json -r 1000 --even -n 100 --io 10000 www";
  const { summary } = load(args, pool, "-w 1 -b 4", {
    backlogPolicy: "reset",
  });
  assertEquals(summary!.ok + summary!.refused, 100);
  assert(summary!.ok >= 14 && summary!.ok <= 16, `${summary!.ok}`);
  assert(summary!.percentilesNs.p100! < 51 * ms);
});

test("who gives up is counted, and so is the answer that comes too late", () => {
  const args = "--json -r 200 --even -n 20 -T 40 --io 10000 www";
  const { summary } = load(args, pool, "-w 1 -b 100");
  const { ok, timedOut, late } = summary!;
  assertEquals(ok + timedOut, 20);
  assert(timedOut > 10, `${timedOut}`);
  assertEquals(late, timedOut);
});

test("who is refused tries again, and its time counts from the first try", () => {
  const args = "--json -r 1000 --even -n 3 --retry 5 --pause 20 --io 10000 www";
  const { summary } = load(args, pool, "-w 1 -b 0", {
    backlogPolicy: "reset",
  });
  assertEquals([summary!.ok, summary!.refused], [3, 0]);
  assertEquals(summary!.retries > 1, true);
  assert(summary!.percentilesNs.p100! > 30 * ms);
});

test("an error of the server is no answer", () => {
  const { summary, status } = load("--json -n 3 www:80/nowhere", block);
  assertEquals([summary!.failed, summary!.ok, status], [3, 0, 1]);
});

test("a person reads a table, and a line every second meanwhile", () => {
  const { stdout, stderr } = load("-r 10 --even -d 2.5 www", block);
  assertMatch(stdout, /^requests +25 in 2\.5\d\d s, 0 sent again$/m);
  assertMatch(stdout, /^answered +25, 10\.0 a second$/m);
  assertMatch(stdout, /^latency +mean [\d.]+ µs {2}p50 .* p99\.9 .* max /m);
  assertMatch(
    stderr,
    /^1 s: (9|10) answered, 0 refused, 0 timed out, 0 failed, \d inside\n2 s: /,
  );
});

test("what is no load is told so", () => {
  for (
    const [args, what] of [
      ["-n x www", /invalid number: 'x'/],
      ["--work gauss:1 www", /no law of times: 'gauss:1'/],
      ["-r 0 www", /a rate is more than 0/],
      ["www more", /must have one HOST/],
    ] as const
  ) {
    const { stderr, status } = load(args, null);
    assertMatch(stderr, what);
    assertEquals(status, 1);
  }
});
