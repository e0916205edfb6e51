// What a stranger may hand to the page: links, images of disks, messages, all of
// them wrong in some way, the same again from the same seed; and what must be true
// of each: a sentence, or something that can be shown.

import { assert } from "@std/assert";
import { LinkError, linkOf, openLink, type Shared } from "../../host/share.ts";
import type { Input } from "../../kernel/mod.ts";
import { readImage } from "../../web/disk/disk_panel.ts";
import { readMessage } from "../../web/embed/messages.ts";
import { runOfFiles } from "../../web/embed/run_of.ts";
import { contentsOf, filesIn } from "../../web/share/contents.ts";

/** Draws from a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 … n − 1 */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return Math.floor(((t ^ t >>> 14) >>> 0) / 2 ** 32 * n);
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  text(most: number): string {
    const letters = "abc \n\0'\"<&>éß漢🫖\ud800/.-{[";
    return Array.from({ length: this.below(most) }, () => this.of([...letters]))
      .join("");
  }

  /** Any JSON at all. */
  value(depth = 3): unknown {
    const kind = this.below(depth > 0 ? 9 : 7);
    if (kind < 7) {
      return [
        null,
        true,
        this.below(1000) - 500,
        this.below(1000) / 7,
        2 ** 60,
        this.text(12),
        "/home/a.ts",
      ][kind];
    }
    const many = Array.from(
      { length: this.below(5) },
      () => this.value(depth - 1),
    );
    if (kind === 7) return many;
    const names = [
      "machines",
      "name",
      "programs",
      "run",
      "__proto__",
      "kettle",
    ];
    return Object.fromEntries(many.map((it) => [this.of(names), it]));
  }
}

// ------------------------------------------------------------- links

/** An input that may be in a log, and be of no sense there. */
function oddInput(dice: Dice): Omit<Input, "atNs" | "step"> {
  const machine = dice.below(6);
  const path = dice.of([
    "/",
    "/home",
    "/home/a.ts",
    "/bin/sh",
    "/dev/tty",
    "/x/y",
  ]);
  return dice.of<() => Omit<Input, "atNs" | "step">>([
    () => ({ machine: 0, keys: dice.text(20) }),
    () => ({
      machine: 0,
      keys: dice.of(["ls\r", "\x03", "exit\r", "yes\r", "\x04"]),
    }),
    () => ({ machine, kill: dice.below(9) }),
    () => ({
      machine,
      columns: 1 + dice.below(1000),
      rows: 1 + dice.below(1000),
    }),
    () => ({ machine, path, text: dice.text(40) }),
    () => ({ machine, path, movedTo: "/home/b" }),
    () => ({ machine, path, removed: true }),
    () => ({ machine, power: dice.of(["off", "on"] as const) }),
    () => ({ machine, host: true }),
    () => ({ machine, answer: { id: dice.below(3), text: "{}" } }),
    () => ({
      machine,
      login: { path, args: [dice.text(4)], cwd: dice.text(5) },
    }),
    () => ({ machine, login: { path: "/bin/sh", args: ["--login"] } }),
  ])();
}

/** A run that is well formed, and may be of no sense. */
export function oddRun(dice: Dice): Shared {
  const run = runOfFiles({ "/home/a.ts": dice.text(50) });
  let atNs = 0, step = 0;
  const log = Array.from({ length: dice.below(12) }, (): Input => {
    atNs += dice.below(20_000_000);
    step += dice.below(60);
    const stalled = dice.below(9) === 0 ? { stalled: true as const } : {};
    return { atNs, step, ...stalled, ...oddInput(dice) };
  });
  const odd = (dice.below(4) === 0 ? dice.value() : null) as unknown;
  return {
    ...run,
    log: [...run.log, ...log],
    world: odd ?? null,
    seed: dice.below(3),
    view: dice.below(2) === 0 ? null : [dice.below(9), 10 + dice.below(1e9)],
    atNs: dice.below(60_000_000),
    hash: "0123456789abcdef",
    done: dice.below(log.length + 1),
  };
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  return btoa(String.fromCharCode(...packed)).replace(/\+/g, "-")
    .replace(/\//g, "_").replace(/=/g, "");
}

/** A fragment: cut, changed, of anything, or of a run of no sense. */
export async function oddLink(dice: Dice): Promise<string> {
  const encoder = new TextEncoder();
  const good = await linkOf(oddRun(dice));
  switch (dice.below(7)) {
    case 0:
      return good.slice(0, dice.below(good.length));
    case 1: {
      const at = 1 + dice.below(good.length - 1);
      const letter = dice.of([..."abcXYZ019-_%#"]);
      return good.slice(0, at) + letter + good.slice(at + dice.below(3));
    }
    case 2:
      return `1${await deflated(dice.bytes(dice.below(200)))}`;
    case 3:
      return `1${await deflated(
        encoder.encode(JSON.stringify(dice.value(5)) ?? ""),
      )}`;
    case 4: {
      const { files, world, seed, log, view, atNs, hash } = oddRun(dice);
      const all = [files, world, {}, seed, log, 1, view, atNs, hash];
      all[dice.below(9)] = dice.value() as never;
      return `1${await deflated(encoder.encode(JSON.stringify(all)))}`;
    }
    case 5:
      return `${dice.below(10)}${dice.text(30)}`;
    default:
      return good;
  }
}

/** It is a run that can be shown, or a sentence. */
export async function checkLink(
  fragment: string,
): Promise<"opened" | "refused"> {
  try {
    const shared = await openLink(fragment);
    const rows = contentsOf(shared);
    assert(
      rows.every((row) => row.every((words) => typeof words === "string")),
    );
    assert(
      Object.values(filesIn(shared)).every((it) => typeof it === "string"),
    );
    return "opened";
  } catch (error) {
    assert(error instanceof LinkError, `${fragment}: ${error}`);
    assert(/^[A-Z].*\.$/.test(error.message), error.message);
    return "refused";
  }
}

// ------------------------------------------------------------- images

/** A file that says it is a disk: noise, cut, with bytes changed in a good one, or good. */
export function oddImage(
  dice: Dice,
  good: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const kind = dice.below(9) === 0 ? -1 : dice.below(4);
  if (kind === 0) return dice.bytes(dice.below(2000));
  if (kind === 1) return good.slice(0, dice.below(good.length)) as never;
  const bytes = good.slice();
  if (kind < 0) return bytes as Uint8Array<ArrayBuffer>;
  const most = kind === 2 ? 200 : bytes.length;
  for (let i = 0; i <= dice.below(20); i++) {
    bytes[dice.below(Math.min(most, bytes.length))] = dice.below(256);
  }
  return bytes as Uint8Array<ArrayBuffer>;
}

/** It is a disk, or a sentence. */
export async function checkImage(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<"opened" | "refused"> {
  const found = await readImage(new File([bytes], "odd.img"));
  if (!("error" in found)) return "opened";
  assert(/^\w.* .{3,}$/s.test(found.error), found.error);
  return "refused";
}

// ------------------------------------------------------------- messages

const MESSAGE_NAMES = ["load", "run", "pause", "seek", "events", "state", "x"];

export function oddMessage(dice: Dice): unknown {
  const kind = dice.below(4);
  if (kind === 0) return dice.value(4);
  return {
    kettle: dice.of([1, 1, 1, 1, 2, "1", null]),
    id: dice.value(1),
    do: dice.of(MESSAGE_NAMES),
    atNs: dice.value(0),
    on: dice.value(0),
    ...(kind === 1 ? { link: dice.value(1) } : {}),
    files: dice.below(2) === 0 ? dice.value(2) : {
      [dice.of(["/home/a.ts", "/home/../bin/sh", "/etc/x", "/home/"])]: dice
        .value(0),
    },
    command: dice.value(0),
  };
}

/** It is not for us, or checked, or answered with a sentence. */
export function checkMessage(message: unknown): "opened" | "refused" {
  const asked = readMessage(message);
  if (asked === null) return "refused";
  if ("error" in asked) {
    assert(/^\w.* .{3,}$/.test(asked.error), asked.error);
    return "refused";
  }
  assert(MESSAGE_NAMES.includes(asked.do));
  return "opened";
}
