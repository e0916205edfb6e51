// A page without a browser that sends what was done in it and opens what was
// sent, for tests.

import { assert } from "@std/assert";
import { compileNative } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { linkOf, openLink, type Shared } from "../../host/share.ts";
import type {
  DiskBlocks,
  FromRunner,
  Sent,
  ToRunner,
} from "../../web/protocol.ts";
import { Session } from "../../web/runner/session.ts";

const WAIT_MS = 20_000;
export const image = readImage();

type Boot = Extract<ToRunner, { kind: "boot" }>;
type Heard<K> = Extract<FromRunner, { kind: K }>;

/** A page that hears, and compiles. */
export class Page {
  screen = "";
  readonly heard: FromRunner[] = [];
  readonly session: Session;

  constructor(boot: Partial<Boot> = {}) {
    const send = (message: FromRunner) => this.#hear(message);
    this.session = new Session({ image, precompiled: [], send }, {
      kind: "boot",
      disk: null,
      files: {},
      columns: 80,
      rows: 24,
      speed: Infinity,
      notice: "",
      ...boot,
    });
  }

  all<K extends FromRunner["kind"]>(kind: K): Heard<K>[] {
    return this.heard.filter((it): it is Heard<K> => it.kind === kind);
  }

  get state(): string {
    return this.all("status").at(-1)?.status.state ?? "";
  }

  get now(): number {
    return this.all("status").at(-1)!.status.now;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const ends = performance.now() + WAIT_MS;
    while (!holds()) {
      assert(performance.now() < ends, `${what}: never. Shown: ${this.screen}`);
      await new Promise((done) => setTimeout(done, 2));
    }
  }

  async enter(line: string): Promise<void> {
    await this.until("prompt", () => this.#isAtPrompt);
    this.screen = "";
    this.session.handle({ kind: "keys", text: `${line}\r` });
    await this.until(line, () => this.#isAtPrompt);
  }

  async share(): Promise<Sent> {
    const { length } = this.all("sent");
    this.session.handle({ kind: "share" });
    await this.until("sent", () => this.all("sent").length > length);
    return this.all("sent").at(-1)!.sent;
  }

  async opened(): Promise<Heard<"opened">> {
    await this.until("opened", () => this.all("opened").length > 0);
    return this.all("opened")[0]!;
  }

  /** All that was told of the disk. */
  get disk(): DiskBlocks {
    const blocks = new Map<number, Uint8Array>();
    for (const { blocks: { numbers, bytes } } of this.all("disk")) {
      numbers.forEach((number, i) =>
        blocks.set(number, bytes.subarray(i * 4096, (i + 1) * 4096))
      );
    }
    const bytes = new Uint8Array(blocks.size * 4096);
    [...blocks.values()].forEach((block, i) => bytes.set(block, i * 4096));
    const numbers = Uint32Array.from(blocks.keys());
    return { ...this.all("disk")[0]!.blocks, numbers, bytes };
  }

  get #isAtPrompt(): boolean {
    return this.state === "idle" &&
      this.screen.trimEnd().endsWith("kettle$\x1b[0m");
  }

  #hear(message: FromRunner): void {
    this.heard.push(message);
    if (message.kind === "output") {
      this.screen += new TextDecoder().decode(message.bytes);
      const { length: bytes } = message.bytes;
      queueMicrotask(() => this.session.handle({ kind: "shown", bytes }));
    } else if (message.kind === "compile") {
      const { id, path, source } = message;
      compileNative(path, source).then((file) =>
        this.session.handle({ kind: "compiled", id, file, lasting: true })
      );
    }
  }
}

/** With a page of its own, closed in the end. */
export async function withPage<T>(
  boot: Partial<Boot>,
  body: (page: Page) => Promise<T>,
): Promise<T> {
  const page = new Page(boot);
  try {
    return await body(page);
  } finally {
    page.session.close();
  }
}

/** Through a link, as it would come to somebody else. */
export async function throughLink({ shared }: Sent): Promise<Shared> {
  return await openLink(await linkOf(shared));
}

export const HELLO =
  `import { print } from "kettle";\nexport default function* main() {\n  yield* print("tea is ready");\n}\n`;
