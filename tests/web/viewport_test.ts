// Zooming, panning and following, and how times are written.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  axisUnit,
  clock,
  duration,
  moment,
  niceStep,
} from "../../web/parts/units.ts";
import {
  clamped,
  fitted,
  following,
  panned,
  zoomed,
} from "../../web/timeline/viewport.ts";

test("zooming keeps the moment under the pointer where it is", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 1e9 }),
    fc.integer({ min: 1000, max: 1e9 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0.5, max: 2, noNaN: true }),
    (fromNs, width, part, factor) => {
      const pivot = fromNs + part * width;
      const span = zoomed({ fromNs, toNs: fromNs + width }, pivot, factor);
      const place = (pivot - span.fromNs) / (span.toNs - span.fromNs);
      assert(Math.abs(place - part) < 1e-6);
    },
  ));
});

test("panning keeps the width", () => {
  assertEquals(panned({ fromNs: 100, toNs: 300 }, 0.5), {
    fromNs: 200,
    toNs: 400,
  });
});

test("fitting shows both ends", () => {
  const { fromNs, toNs } = fitted(1000, 2000);
  assert(fromNs < 1000 && toNs > 2000);
});

test("some of what happened stays in view", () => {
  const span = clamped({ fromNs: 5_000, toNs: 6_000 }, 1_000);
  assertEquals(span, { fromNs: 900, toNs: 1_900 });
  assertEquals(clamped({ fromNs: -9_000, toNs: -8_000 }, 1_000).fromNs, -500);
});

test("following stands still while the command fits and grows when it does not", () => {
  const fromNs = 1_000_000;
  const first = following({ fromNs: 0, toNs: 1 }, { fromNs, toNs: fromNs });
  const same = following(first, { fromNs, toNs: 1_200_000 });
  assert(same === first);
  const grown = following(first, { fromNs, toNs: 9_000_000 });
  assert(grown.toNs > 9_000_000 && grown.fromNs < 1_000_000);
});

test("the clock shows every nanosecond in the same width", () => {
  assertEquals(clock(5_208_000), "5.208 000");
  assertEquals(clock(1_234_000_000_001), "1,234,000.000 001");
});

test("lengths and moments have their unit", () => {
  assertEquals(duration(200), "200 ns");
  assertEquals(duration(1_500), "1.50 µs");
  assertEquals(duration(3_690_000), "3.69 ms");
  assertEquals(duration(30_000_000_000), "30.0 s");
  assertEquals(moment(8_540_999), "8.540 ms");
});

test("the axis steps by 1, 2 or 5", () => {
  assertEquals([3, 700, 20_001].map(niceStep), [5, 1000, 50_000]);
  assertEquals(axisUnit(1_000_000).name, "ms");
  assertEquals(axisUnit(200).name, "µs");
});
