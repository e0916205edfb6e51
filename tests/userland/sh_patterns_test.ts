// Patterns against a model that follows the definition word for word, on random
// texts; and the worst patterns there are, which must not take long.

import fc from "fast-check";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { compilePattern, removeMatch } from "../../userland/sh/glob.ts";

const pattern = fc.array(
  fc.constantFrom("a", "b", "*", "*", "?", "😀", "[ab]"),
  {
    maxLength: 7,
  },
);
const text = fc.array(fc.constantFrom("a", "b", "c", "😀"), { maxLength: 9 });

/** True if the pattern's parts match all of the characters. */
function matches(chars: string[], parts: string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return chars.length === 0;
  if (part === "*") {
    return matches(chars, rest) ||
      chars.length > 0 && matches(chars.slice(1), parts);
  }
  const [char = "none"] = chars;
  const fits = part === "[ab]" ? "ab".includes(char) : part === char;
  return chars.length > 0 && (part === "?" || fits) &&
    matches(chars.slice(1), rest);
}

test("a pattern matches exactly what its definition says", () => {
  fc.assert(
    fc.property(text, pattern, (chars, parts) => {
      const found = compilePattern(parts.join("")).test(chars.join(""));
      assertEquals(found, matches(chars, parts));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("# ## % %% cut off the shortest or longest that matches", () => {
  const cut = (chars: string[], size: number, end: "front" | "back") =>
    end === "front"
      ? { gone: chars.slice(0, size), rest: chars.slice(size) }
      : {
        gone: chars.slice(chars.length - size),
        rest: chars.slice(0, chars.length - size),
      };
  const model = (
    chars: string[],
    parts: string[],
    end: "front" | "back",
    longest: boolean,
  ) => {
    const sizes = Array.from({ length: chars.length + 1 }, (_, n) => n);
    if (longest) sizes.reverse();
    const size = sizes.find((n) => matches(cut(chars, n, end).gone, parts));
    return (size === undefined ? chars : cut(chars, size, end).rest).join("");
  };
  fc.assert(
    fc.property(text, pattern, (chars, parts) => {
      for (const end of ["front", "back"] as const) {
        for (const longest of [false, true]) {
          const rest = removeMatch(chars.join(""), parts.join(""), {
            end,
            longest,
          });
          assertEquals(rest, model(chars, parts, end, longest));
        }
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("many stars on a long text are no trouble", () => {
  const long = "a".repeat(50_000);
  const stars = "*a".repeat(30);
  assertEquals(compilePattern(`${stars}*b`).test(long), false);
  assertEquals(compilePattern(`${stars}*`).test(long), true);
  for (const end of ["front", "back"] as const) {
    for (const longest of [false, true]) {
      assertEquals(removeMatch(long, `${stars}b`, { end, longest }), long);
      assertEquals(removeMatch(long, "*x*y", { end, longest }), long);
    }
  }
});
