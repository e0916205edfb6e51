// The pure parts of the library and the programs: options, names, dates, formats.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { bytes, percentiles, text } from "../../mod.ts";
import { echoed } from "../../userland/bin/echo.ts";
import { formatted } from "../../userland/bin/printf.ts";
import { parsed } from "../../userland/bin/kill.ts";
import { helpText, parseOptions, UsageError } from "../../userland/lib/args.ts";
import { calendar } from "../../userland/lib/calendar.ts";
import { columnsOf } from "../../userland/lib/columns.ts";
import { editDistance, nearest } from "../../userland/lib/nearest.ts";
import { baseName, directoryName } from "../../userland/lib/paths.ts";

const USAGE = {
  name: "x",
  synopsis: "[FILE]…",
  about: "Does x.",
  options: { "-a, --all": "all", "-n, --lines COUNT": "how many", "-v": "v" },
};

test("options are letters, groups, long names, values in both forms", () => {
  const result = parseOptions(
    ["-av", "f", "-n5", "--lines=7", "--", "-z"],
    USAGE,
  );
  assertEquals({ ...result.given }, { a: true, v: true, n: "7" });
  assertEquals(result.operands, ["f", "-z"]);
  assertEquals(parseOptions(["-n", "3", "-"], USAGE), {
    given: { n: "3" },
    order: [{ key: "n", value: "3" }],
    operands: ["-"],
  });
});

test("a wrong option is named, with the nearest one that exists", () => {
  const complaint = (args: string[]) =>
    assertThrows(() => parseOptions(args, USAGE), UsageError).message;
  assertEquals(complaint(["-z"]), "invalid option -- 'z'");
  assertEquals(complaint(["-n"]), "option requires an argument -- 'n'");
  assertEquals(
    complaint(["--alp"]),
    "unrecognized option '--alp'; did you mean --all?",
  );
  assertEquals(helpText(USAGE).split("\n")[0], "Usage: x [FILE]…");
});

test("the nearest name is at most two edits away", () => {
  assertEquals(nearest("gerp", ["grep", "ls"]), "grep");
  assertEquals(nearest("sl", ["sed", "ls"]), "ls");
  assertEquals(nearest("frobnicate", ["grep", "ls"]), null);
  assertEquals(editDistance("kitten", "sitting"), 3);
});

test("the calendar begins on a Tuesday and knows leap years", () => {
  const at = (seconds: number) => {
    const { weekday, year, month, day, hour, minute, second } = calendar(
      seconds * 1e9,
    );
    return `${weekday} ${month} ${day} ${hour}:${minute}:${second} ${year}`;
  };
  assertEquals(at(0), "Tue Sep 18 10:00:00 2012");
  assertEquals(at(14 * 3600 - 1), "Tue Sep 18 23:59:59 2012");
  assertEquals(at(86_400 * 105), "Tue Jan 1 10:00:00 2013");
  assertEquals(at(86_400 * (105 + 365 * 3 + 59)), "Mon Feb 29 10:00:00 2016");
  assertEquals(calendar(0).epoch, 1_347_962_400);
});

test("the calendar agrees with the host's for 400 years", () => {
  for (let day = 0; day < 146_097; day += 97) {
    const { year, monthNumber, day: date } = calendar(day * 86_400 * 1e9);
    const real = new Date((1_347_962_400 + day * 86_400) * 1000).toISOString();
    assertEquals(
      `${year}-${monthNumber}-${date.padStart(2, "0")}`,
      real.slice(0, 10),
    );
  }
});

test("percentiles are samples, by nearest rank", () => {
  const samples = [15, 20, 35, 40, 50];
  assertEquals(percentiles(samples, [5, 30, 40, 50, 100]), [
    15,
    20,
    20,
    35,
    50,
  ]);
  assertEquals(percentiles([], [50]), [NaN]);
  assertEquals(percentiles([3, 1, 2]), [2, 3, 3, 3]);
});

test("text and bytes are UTF-8 and keep a byte order mark", () => {
  assertEquals(text(bytes("äöü 漢字 😀")), "äöü 漢字 😀");
  assertEquals([...bytes(text(Uint8Array.of(0xef, 0xbb, 0xbf, 65)))], [
    0xef,
    0xbb,
    0xbf,
    65,
  ]);
});

test("echo replaces escapes as dash does", () => {
  const echo = (...args: string[]) => text(echoed(args));
  assertEquals(echo("a", "b"), "a b\n");
  assertEquals(echo("-n", "a"), "a");
  assertEquals(echo("a\\tb\\n\\0101\\\\"), "a\tb\nA\\\n");
  assertEquals(echo("a\\cb", "c"), "a");
  assertEquals(echo("\\q"), "\\q\n");
});

test("printf formats text, numbers and escapes, and uses its format again", () => {
  const printf = (...args: string[]) => text(formatted(args).output);
  assertEquals(printf("%s|", "$HOME", "\\n"), "$HOME|\\n|");
  assertEquals(printf("%b\\n", "a\\tb"), "a\tb\n");
  assertEquals(printf("%5d|%-5d|%05d", "42", "42", "-42"), "   42|42   |-0042");
  assertEquals(
    printf("%x %X %o %#x", "255", "255", "8", "255"),
    "ff FF 10 0xff",
  );
  assertEquals(printf("%.2f %e", "3.14159", "12345"), "3.14 1.234500e+04");
  assertEquals(printf("%c%c%%", "ab", "é"), "aé%");
  assertEquals(printf("%.2s|%*d", "abcdef", "4", "7"), "ab|   7");
  assertEquals(printf("%d", "'A"), "65");
  assertEquals(printf("x\\n"), "x\n");
  assertEquals([...formatted(["\\303\\251"]).output], [0xc3, 0xa9]);
  assertEquals(formatted(["%d", "x"]).problems.length, 1);
});

test("kill takes its signal in every usual form", () => {
  assertEquals(parsed(["5"]), { signal: "TERM", targets: ["5"] });
  assertEquals(parsed(["-9", "5", "6"]), {
    signal: "KILL",
    targets: ["5", "6"],
  });
  assertEquals(parsed(["-s", "int", "5"]), { signal: "INT", targets: ["5"] });
  assertEquals(parsed(["-SIGSTOP", "-5"]), { signal: "STOP", targets: ["-5"] });
  assertEquals(parsed(["--", "-5"]), { signal: "TERM", targets: ["-5"] });
  assertEquals(parsed(["-X", "5"]).signal, null);
});

test("paths are taken apart", () => {
  assertEquals([baseName("/a/b/"), baseName("/"), baseName("x")], [
    "b",
    "/",
    "x",
  ]);
  assertEquals(
    [directoryName("/a/b"), directoryName("x"), directoryName("/a")],
    ["/a", ".", "/"],
  );
});

test("columns fill downwards and fit", () => {
  const names = ["a", "bb", "ccc", "d", "e"];
  assertEquals(columnsOf(names, 10), "a    d\nbb   e\nccc\n");
  assertEquals(columnsOf(names, 0), "a\nbb\nccc\nd\ne\n");
});
