// Output on its way to the page: nothing is lost while the page keeps up, and
// what comes too fast is left out where it says so.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Output } from "../../web/runner/output.ts";

function listened(): { output: Output; sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  const output = new Output((message) => {
    if (message.kind === "output") sent.push(message.bytes);
  });
  return { output, sent };
}

test("what was added is sent once, in order", () => {
  const { output, sent } = listened();
  output.add(new Uint8Array([1, 2]));
  output.add(new Uint8Array([3]));
  output.flush();
  output.flush();
  assertEquals(sent, [new Uint8Array([1, 2, 3])]);
});

test("nothing more is sent before the page has drawn, and then it is", () => {
  const { output, sent } = listened();
  output.add(new Uint8Array(100_000));
  output.flush();
  output.add(new Uint8Array([7]));
  output.flush();
  assertEquals(sent.length, 1);
  output.shown(100_000);
  assertEquals(sent[1], new Uint8Array([7]));
});

test("a flood keeps its end and says how much is missing", () => {
  const { output, sent } = listened();
  for (let i = 0; i < 1000; i++) {
    output.add(new TextEncoder().encode(`${i}\n`.padStart(4096, ".")));
  }
  output.flush();
  const text = new TextDecoder().decode(sent[0]);
  assert(text.length < 600_000);
  assert(/… [\d,]+ bytes came too fast/.test(text.slice(0, 80)));
  assert(text.endsWith("999\n"));
});
