// Numbers that pages tell are those of the kernel: change a limit or a cost, and
// the page that names it is named here.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  CHAIN_MAX,
  DEFAULT_COSTS,
  LINE_MAX,
  MEMORY_BYTES,
  NAME_MAX,
  OPEN_FILES_MAX,
  PATH_MAX,
  PIPE_BUF,
  PIPE_BYTES,
  PROCESS_BYTES,
  QUANTUM_NS,
  QUEUE_CAPACITY,
  QUEUE_CAPACITY_MAX,
  REQUESTS_MAX,
  STACK_BYTES,
  TTY_BYTE_NS,
  TTY_OUTPUT_BYTES,
} from "../../kernel/params.ts";
import { titleOf } from "../../userland/lib/manual.ts";
import { PAGES } from "./manual.ts";

const {
  syscallNs,
  contextSwitchNs,
  threadCreateNs,
  interruptNs,
  callbackNs,
  pageHitNs,
  copyPerKiBNs,
  execNs,
} = DEFAULT_COSTS;
const us = (ns: number) => `${ns / 1000} µs`;
const KiB = (bytes: number) => `${bytes / 1024} KiB`;
const many = (count: number) => count.toLocaleString("en");

/** Page, and what must stand in it. */
const NUMBERS: [string, string][] = [
  ["time(7)", `a call ${syscallNs} ns`],
  ["time(7)", `a switch of threads ${us(contextSwitchNs)}`],
  ["time(7)", `an interrupt ${us(interruptNs)}`],
  ["time(7)", `a callback ${us(callbackNs)}`],
  ["time(7)", `a new thread ${us(threadCreateNs)}`],
  ["time(7)", `a program ${us(execNs)}`],
  [
    "time(7)",
    `a page in memory ${us(pageHitNs)} and ${us(copyPerKiBNs)} a KiB`,
  ],
  ["time(7)", `for ${QUANTUM_NS / 1e6} ms at most`],
  ["doors(7)", `${us(callbackNs)} for each callback`],
  ["read(2)", `A call costs ${syscallNs} ns`],
  ["write(2)", `Up to ${PIPE_BUF} bytes into a pipe`],
  ["write(2)", `${us(TTY_BYTE_NS)} a byte once ${KiB(TTY_OUTPUT_BYTES)}`],
  ["pipe(2)", `It holds ${KiB(PIPE_BYTES)}`],
  ["open(2)", `a name has more than ${NAME_MAX} bytes`],
  ["open(2)", `or the path more than ${PATH_MAX}`],
  ["open(2)", `${OPEN_FILES_MAX} files are open`],
  ["submit(2)", `${many(REQUESTS_MAX)} requests are under way`],
  ["queue(2)", `(${QUEUE_CAPACITY} unless said)`],
  ["queue(2)", `a number from 1 to ${many(QUEUE_CAPACITY_MAX)}`],
  ["chain(2)", `Up to ${CHAIN_MAX} members`],
  ["push(2)", `${us(callbackNs)} to enter a callback`],
  ["spawn(2)", `${us(execNs)} to load a program, ${us(threadCreateNs)}`],
  ["thread(2)", `a stack of ${KiB(STACK_BYTES)}`],
  ["thread(2)", `of ${MEMORY_BYTES / 1024 / 1024} MiB there are about`],
  ["meminfo(5)", `A process takes ${KiB(PROCESS_BYTES)}`],
  ["tty(4)", `more than ${KiB(TTY_OUTPUT_BYTES)} ahead waits`],
  ["tty(4)", `A line has up to ${LINE_MAX} bytes`],
];

test("numbers in pages are the kernel's", () => {
  const texts = new Map(PAGES.map((page) => [
    titleOf(page),
    page.parts.flatMap(({ blocks }) => blocks).map((block) =>
      block.kind === "code" ? block.lines.join("\n") : block.text
    ).join("\n"),
  ]));
  const missing = NUMBERS.filter(([title, words]) =>
    !texts.get(title)!.includes(words)
  );
  assertEquals(missing, []);
});
