import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  duration,
  optionsHelp,
  readOptions,
  UsageError,
  wholeNumber,
} from "../../host/options.ts";

const TABLE = {
  seed: { value: "N", about: "the seed" },
  strace: { about: "show calls" },
};

test("options before the first other word are ours, the rest is the program's", () => {
  const { given, rest } = readOptions(
    ["--seed", "3", "--strace", "a.ts", "--seed", "9", "-x", "b"],
    TABLE,
  );
  assertEquals(given, { seed: "3", strace: true });
  assertEquals(rest, ["a.ts", "--seed", "9", "-x", "b"]);
});

test("a value may stand behind an equals sign", () => {
  assertEquals(readOptions(["--seed=7", "a.ts"], TABLE).given, { seed: "7" });
});

test("no options and no words are fine", () => {
  assertEquals(readOptions([], TABLE), { given: {}, rest: [] });
});

test("an unknown option is answered with the nearest", () => {
  assertThrows(
    () => readOptions(["--srace", "a.ts"], TABLE),
    UsageError,
    "there is no option --srace. Did you mean --strace?",
  );
});

test("an option without its value is refused", () => {
  assertThrows(
    () => readOptions(["--seed"], TABLE),
    UsageError,
    "--seed needs a value: --seed N",
  );
});

test("times have units, and nanoseconds without", () => {
  assertEquals(duration("budget", "10s"), 10_000_000_000);
  assertEquals(duration("budget", "2.5ms"), 2_500_000);
  assertEquals(duration("budget", "300us"), 300_000);
  assertEquals(duration("budget", "42"), 42);
  assertThrows(() => duration("budget", "soon"), UsageError, "--budget takes");
});

test("a seed is a whole number", () => {
  assertEquals(wholeNumber("seed", "12"), 12);
  for (const bad of ["-1", "1.5", "x", "", "1e3", "99999999999999999999"]) {
    assertThrows(() => wholeNumber("seed", bad), UsageError, "--seed takes");
  }
});

test("the help shows every option with its value", () => {
  assertEquals(optionsHelp(TABLE), [
    "    --seed N         the seed",
    "    --strace         show calls",
  ]);
});
