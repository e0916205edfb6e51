// What can be taken out of a machine: a trace that is Chrome's format, packets
// that tcpdump reads (where there is one) with right checksums, files that unzip.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import { unzipSync } from "fflate";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import make from "../../web/share/exports.ts";

after(stopCompiler);

const programs = new Loader({ compile: compileNative });
const { world, machine } = makePlayground({ programs, image: readImage() });
const process = machine.spawn("/bin/curl", ["-s", "http://www/"]);
let reason = "";
do {
  reason = world.run({ until: process }).reason;
  if (reason === "host") await programs.compile(world.wanted!);
} while (reason === "host");

test("the trace is Chrome's JSON, with a track for each thread", () => {
  const { traceEvents } = JSON.parse(
    new TextDecoder().decode(make("trace", world, machine)),
  ) as { traceEvents: { ph: string; name: string }[] };
  assert(traceEvents.length > 100);
  assert(traceEvents.some(({ name }) => name.startsWith("connect(")));
});

test("the packets are a pcap file: a handshake first, each packet once, no checksum wrong", () => {
  const bytes = make("pcap", world, machine);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  assertEquals(view.getUint32(0, true), 0xa1b23c4d);
  let packets = 0;
  for (let at = 24; at < bytes.length; packets++) {
    at += 16 + view.getUint32(at + 8, true);
  }
  let came = 0;
  for (const { kind } of world.trace.events()) if (kind === "net_rx") came++;
  assertEquals(packets, came);
  assert(packets >= 6, `${packets}`);
  const { stdout, error } = spawnSync("tcpdump", ["-nvv", "-r", "-"], {
    input: bytes,
  });
  if (error !== undefined) return; // there is none here
  const text = String(stdout);
  assert(/Flags \[S\][\s\S]*Flags \[S\.\]/.test(text), text);
  assertEquals([...text.matchAll(/cksum 0x\w+ \(correct\)/g)].length, packets);
  assert(!text.includes("incorrect"), text);
});

test("the files of /home are a zip, the same twice", () => {
  machine.files.poke("/home/d/cup", new TextEncoder().encode("no directory\n"));
  machine.files.poke("/home/cup", new TextEncoder().encode("tea\n"));
  const zip = make("files", world, machine);
  assertEquals(make("files", world, machine), zip);
  const found = unzipSync(zip);
  assertEquals(new TextDecoder().decode(found["home/cup"]), "tea\n");
  assert(Object.keys(found).includes("home/hello.ts"));
});

test("what cannot be taken out is said", () => {
  const quiet = makePlayground({ programs, image: readImage() });
  assertThrows(() => make("pcap", quiet.world, machine), Error, "no packet");
  assertThrows(() => make("x", world, machine), Error, "nothing is exported");
});
