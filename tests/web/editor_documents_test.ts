// The editor's model by itself: what a tab's file holds against what the disk
// holds, and where a run went wrong, read off the console.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import fc from "fast-check";
import { Document, isWritable } from "../../web/editor/documents.ts";
import { RunErrors } from "../../web/editor/run_errors.ts";

function opened(text: string | null, path = "/home/a.ts"): Document {
  const document = new Document(path);
  document.diskHas(text, null);
  return document;
}

test("what is written is a draft, is saved in place of what was there, and then is saved", () => {
  const document = opened("one");
  assertEquals(document.state, "saved");
  document.write("two");
  assertEquals(document.state, "draft");
  assertEquals(document.toSave(), { text: "two", before: "one" });
  assertEquals(document.state, "saving");
  document.write("three");
  document.saved();
  assertEquals(document.toSave(), { text: "three", before: "two" });
});

test("what a program writes is shown where nobody has written", () => {
  const document = opened("one");
  assert(document.diskHas("two", null));
  assertEquals([document.text, document.state], ["two", "saved"]);
  assert(!document.diskHas("two", null));
});

test("where both have written nothing is saved before somebody has chosen, and both texts are there", () => {
  const document = opened("one");
  document.write("mine");
  assert(!document.diskHas("theirs", null));
  assertEquals([document.text, document.state], ["mine", "conflict"]);
  assertEquals(document.toSave(), null);
  document.keepMine();
  assertEquals(document.toSave(), { text: "mine", before: "theirs" });
  const other = opened("one");
  other.write("mine");
  other.diskHas("theirs", null);
  other.takeTheirs();
  assertEquals([other.text, other.state], ["theirs", "saved"]);
});

test("its own save coming back is no conflict, whatever was written since", () => {
  const document = opened("one");
  document.write("two");
  document.toSave();
  document.write("three");
  assert(!document.diskHas("two", null));
  document.saved();
  assertEquals([document.text, document.state], ["three", "draft"]);
});

test("a file that is removed keeps its text and is not made again by itself", () => {
  const document = opened("one");
  document.diskHas(null, null);
  assertEquals([document.text, document.state], ["one", "gone"]);
  assertEquals(document.toSave(), null);
  document.keepMine();
  assertEquals(document.toSave(), { text: "one", before: null });
});

test("when time takes another way, what the visitor wrote is to be saved again, what programs wrote is gone", () => {
  const mine = opened("old");
  mine.write("mine");
  mine.toSave();
  mine.saved();
  mine.diskIsAnother("old", null);
  assertEquals(mine.toSave(), { text: "mine", before: "old" });
  const theirs = opened("old");
  theirs.diskHas("by a program", null);
  assert(theirs.diskIsAnother("old", null));
  assertEquals([theirs.text, theirs.state], ["old", "saved"]);
});

test("lines that end in CR LF are shown without and saved with it", () => {
  const document = opened("a\r\nb\r\n");
  assertEquals([document.text, document.state], ["a\nb\n", "saved"]);
  document.write("a\nc\n");
  assertEquals(document.toSave()!.text, "a\r\nc\r\n");
});

test("a draft of an earlier visit is taken if the disk is as it was, and asked about if not", () => {
  const document = opened("one");
  assert(!document.restore("mine", "one"));
  assertEquals(document.state, "draft");
  const other = opened("two");
  assert(other.restore("mine", "one"));
  assertEquals(other.state, "conflict");
});

test("files of Kettle itself are read only, those in /home and /bin are not", () => {
  assert(isWritable("/home/a.ts") && isWritable("/bin/hello"));
  for (const path of ["/lib/text.ts", "/sys.ts", "/.kettle/mod.ts"]) {
    assert(!isWritable(path), path);
  }
});

test("whatever happens in whatever order, no text that somebody wrote is lost without being asked", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("write"), text: fc.string() }),
    fc.record({ kind: fc.constant("disk"), text: fc.string() }),
    fc.record({ kind: fc.constant("save"), text: fc.constant("") }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    let disk = "";
    const document = opened(disk);
    for (const { kind, text } of steps) {
      const plain = text.replaceAll("\r", "");
      if (kind === "write") document.write(plain);
      else if (kind === "disk") {
        const mine = document.isChanged ? document.text : null;
        disk = plain;
        document.diskHas(disk, null);
        if (mine !== null) assertEquals(document.text, mine);
      } else {
        const save = document.toSave();
        if (save === null) continue;
        assertEquals(save.before, disk);
        disk = save.text;
        document.saved();
        assertEquals(document.state, "saved");
      }
    }
  }));
});

const SAID: [string, ReturnType<RunErrors["take"]>][] = [
  ["hello.ts:3  read(0, 1) was built.\r\n", [
    { file: "hello.ts", line: 3, text: "read(0, 1) was built." },
  ]],
  ["copy.ts: /etc/none: ENOENT, no such file (open at copy.ts:7)\r\n", [
    {
      file: "copy.ts",
      line: 7,
      text: "/etc/none: ENOENT, no such file",
    },
  ]],
  ["\x1b[1m\x1b[32mkettle$ \x1b[0mls\r\nhello.ts:12:  grep does so\r\n", []],
  ["hello.ts  note.ts:1\r\n", []],
];

test("errors are read off what the console shows, in whatever pieces it comes", () => {
  for (const [text, wanted] of SAID) {
    const bytes = new TextEncoder().encode(text);
    assertEquals(new RunErrors().take(bytes), wanted, text);
    const errors = new RunErrors();
    const found = [...bytes].flatMap((byte) =>
      errors.take(Uint8Array.of(byte))
    );
    assertEquals(found, wanted, text);
  }
});
