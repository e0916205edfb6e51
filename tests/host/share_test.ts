// Links: what goes in comes out, twice the same, short; and whatever a stranger
// puts into one is a sentence, never a crash.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  LinkError,
  linkOf,
  openLink,
  type Shared,
  UNPACKED_BYTES_MAX,
} from "../../host/share.ts";
import type { Input } from "../../kernel/world.ts";

const SEED = Number(process.env.SEED ?? 20121);
import process from "node:process";

const NOTHING: Shared = {
  files: {},
  world: null,
  params: {},
  seed: 1,
  log: [],
  speed: 1,
  view: null,
  atNs: 0,
  hash: "",
};

const login = { path: "/bin/sh", args: ["-l"], name: "sh", cwd: "/home" };

/** Somebody types a program of 40 lines and runs it. */
function ordinary(): Shared {
  const program = Array.from(
    { length: 40 },
    (_, i) => `  const event${i} = yield* wait(yield* submit(read(fd, ${i})));`,
  ).join("\n");
  const log: Input[] = [{ atNs: 0, step: 0, machine: 0, login }];
  let atNs = 104_000_200, step = 60;
  for (const keys of "run two.ts; strace two.ts | head -n 20\r") {
    atNs += 90_000_000 + (atNs * 7919) % 80_000_000;
    step += 9;
    log.push({ atNs, step, machine: 0, keys });
  }
  const files = { "/home/two.ts": program };
  const view = [0, 20e6] as const;
  const hash = "0123456789abcdef";
  return { ...NOTHING, files, log, view, atNs, hash, speed: 0.001 };
}

const input = fc.record({
  dAt: fc.nat(),
  dStep: fc.nat(1000),
  what: fc.oneof(
    fc.record({ machine: fc.nat(3), keys: fc.string({ unit: "binary" }) }),
    fc.record({
      machine: fc.nat(3),
      path: fc.string().map((text) => `/${text}`),
      text: fc.string({ unit: "binary" }),
    }),
    fc.constantFrom<Omit<Input, "atNs" | "step">>(
      { machine: 0, columns: 80, rows: 24 },
      { machine: 1, power: "off" },
      { machine: 0, kill: 7, stalled: true },
      { machine: 0, login },
    ),
  ),
});

const shared: fc.Arbitrary<Shared> = fc.record({
  files: fc.dictionary(fc.string(), fc.string({ unit: "binary" })),
  world: fc.oneof(fc.constant(null), fc.jsonValue()),
  params: fc.dictionary(fc.string(), fc.integer()),
  seed: fc.integer(),
  log: fc.array(input).map((rows) => {
    let atNs = 0, step = 0;
    return rows.map(({ dAt, dStep, what }): Input => ({
      atNs: atNs += dAt,
      step: step += dStep,
      ...what,
    }));
  }),
  speed: fc.constantFrom(1, 0.0001, 100, Infinity),
  view: fc.constantFrom<Shared["view"]>(null, [0, 1], [-5, 1e12]),
  atNs: fc.maxSafeNat(),
  hash: fc.constantFrom("", "00ff00ff00ff00ff"),
}).chain((plain) =>
  fc.record({
    done: fc.option(fc.nat(plain.log.length), { nil: undefined }),
    kettle: fc.constantFrom(undefined, "1.0.0+ab12"),
  }).map((more) => ({ ...plain, ...more }))
);

test("what is shared comes out of its link as it went in, and the link is the same twice", async () => {
  console.log(`seed ${SEED}`);
  await fc.assert(
    fc.asyncProperty(shared, async (given) => {
      const link = await linkOf(given);
      assert(/^1[\w-]*$/.test(link), link);
      const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));
      assertEquals(asJson(await openLink(link)), asJson(given)); // no -0
      assertEquals(await linkOf(await openLink(link)), link);
    }),
    { seed: SEED, numRuns: 150 },
  );
});

test("files in another order give the same link", async () => {
  const one = await linkOf({ ...NOTHING, files: { "/a": "1", "/b": "2" } });
  const other = await linkOf({ ...NOTHING, files: { "/b": "2", "/a": "1" } });
  assertEquals(one, other);
});

test("an ordinary program and its session are a link of less than 2,000 letters", async () => {
  const link = await linkOf(ordinary());
  assert(link.length < 2_000, `${link.length}`);
});

/** The link of anything at all. */
async function linkTo(value: unknown): Promise<string> {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const stream = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return "1" +
    btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

test("a wrong link is refused with a sentence that says what is wrong", async () => {
  const whole = await linkOf(ordinary());
  const good: unknown[] = [{}, null, {}, 1, [], 1, null, 0, ""];
  const withField = (index: number, value: unknown) =>
    linkTo(good.map((field, i) => i === index ? value : field));
  const table: [string, string][] = [
    ["lesson", "no link of Kettle"],
    ["2abc", "another version"],
    ["1a b", "letters no link has"],
    ["1", "This link is"],
    [whole.slice(0, -40), `cut off after ${whole.length - 40} characters`],
    [`${whole.slice(0, 90)}___${whole.slice(93)}`, "missing or changed"],
    [await linkTo("no json"), "missing or changed"],
    [await linkTo([]), "does not hold what a link holds"],
    [await withField(0, { "/a": 1 }), "files are wrong"],
    [await withField(3, 1.5), "seed is wrong"],
    [await withField(4, {}), "log is wrong"],
    [await withField(4, [[1, 2]]), "log is wrong"],
    [await withField(4, [[5, 5, "a"], [-1, 0, "b"]]), "back in time"],
    [await withField(4, [[0, 0, { machine: 0, keyz: "a" }]]), "a wrong keyz"],
    [await withField(4, [[0, 0, { machine: 0, __proto__x: 1 }]]), "a wrong"],
    [await withField(4, [[0, 0, { keys: "a" }]]), "names no machine"],
    [await withField(4, [[0, 0, { machine: 0, rows: 1e9 }]]), "a wrong rows"],
    [await withField(5, 0), "speed is wrong"],
    [await withField(6, [5, 1]), "view is wrong"],
    [await withField(7, -1), "time is wrong"],
    [await withField(8, "<b>"), "hash is wrong"],
    [await linkTo([...good, 1, ""]), "its log is wrong"],
    [await linkTo([...good, null, "<b>"]), "its version is wrong"],
    [await linkTo([...good, 0]), "does not hold what a link holds"],
  ];
  for (const [link, sentence] of table) {
    await assertRejects(() => openLink(link), LinkError, sentence, sentence);
  }
});

test("a link that would unpack to more than a link may hold is not unpacked", async () => {
  const bomb = await linkTo(`["${"a".repeat(UNPACKED_BYTES_MAX)}"]`);
  assert(bomb.length < 20_000);
  await assertRejects(() => openLink(bomb), LinkError, "more than a link may");
});

test("a thousand changed links are opened or refused, and never anything else", async () => {
  console.log(`seed ${SEED}`);
  const whole = await linkOf(ordinary());
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.nat(12),
      fc.string({ unit: fc.constantFrom(..."abcXYZ019-_ #%") }),
      async (at, drop, put) => {
        const link = whole.slice(0, at) + put + whole.slice(at + drop);
        try {
          await openLink(link);
        } catch (error) {
          assert(error instanceof LinkError, String(error));
          assert(/^[A-Z].*\.$/.test(error.message), error.message);
        }
      },
    ),
    { seed: SEED, numRuns: 1_000 },
  );
});
