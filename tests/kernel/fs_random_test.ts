// Random operations against the model: the same results, the same errors, the
// same tree, and after each run a disk that is whole and says the same to
// another machine. A failure prints fast-check's seed and path.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { O_APPEND, OPEN_MODES, SysError } from "../../kernel/abi.ts";
import { Bench, pattern, TestFile, type TestOperation } from "./fs_kit.ts";
import { Model, ModelError, type ModelFile } from "./fs_model.ts";

type Mode = "r" | "r+" | "w" | "a";
type Step =
  | { do: "open"; path: string; mode: Mode }
  | { do: "close"; file: number }
  | { do: "write"; file: number; size: number; seed: number }
  | { do: "pwrite"; file: number; size: number; seed: number; offset: number }
  | { do: "read"; file: number; size: number }
  | { do: "truncate"; file: number; size: number }
  | { do: "stat" | "readdir" | "mkdir" | "rmdir" | "unlink"; path: string }
  | { do: "link" | "rename"; path: string; to: string };

const ROOT = "/tmp";
const path = fc.array(fc.constantFrom("a", "b", "c"), {
  minLength: 1,
  maxLength: 3,
}).map((names) => "/" + names.join("/"));
const file = fc.nat(3);
const size = fc.oneof(fc.nat(100), fc.nat(9_000), fc.constantFrom(4096, 8192));
const offset = fc.oneof(fc.nat(100), fc.nat(40_000), fc.constant(4096));
const seed = fc.integer({ min: 1, max: 200 });
const names: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("stat", "readdir", "rmdir", "unlink"),
    path,
  }) as fc.Arbitrary<Step>,
  fc.record({ do: fc.constant("mkdir"), path }) as fc.Arbitrary<Step>,
  fc.record({
    do: fc.constantFrom("link", "rename"),
    path,
    to: path,
  }) as fc.Arbitrary<Step>,
);
const step: fc.Arbitrary<Step> = fc.oneof(
  names,
  fc.record({
    do: fc.constant("open"),
    path,
    mode: fc.constantFrom<Mode>("r", "r+", "w", "a", "w", "a"),
  }) as fc.Arbitrary<Step>,
  fc.record({ do: fc.constant("close"), file }) as fc.Arbitrary<Step>,
  fc.record({ do: fc.constant("write"), file, size, seed }) as fc.Arbitrary<
    Step
  >,
  fc.record({
    do: fc.constant("pwrite"),
    file,
    size,
    seed,
    offset,
  }) as fc.Arbitrary<Step>,
  fc.record({ do: fc.constant("read"), file, size }) as fc.Arbitrary<Step>,
  fc.record({ do: fc.constant("truncate"), file, size }) as fc.Arbitrary<Step>,
);

/** The kernel's file system and the model, side by side. */
class Pair {
  readonly bench = new Bench();
  readonly model = new Model();
  readonly #files: { real: TestFile; model: ModelFile; offset: number }[] = [];

  /** Does a step on both; what each says of it. */
  both(step: Step): void {
    const real = outcome(() => this.#real(step));
    const expected = outcome(() => this.#expected(step));
    assertEquals(real, expected, JSON.stringify(step));
    if (step.do === "close") this.#close(step.file);
  }

  /** After it all: the same tree, here and on the platter. */
  compareTrees(): void {
    while (this.#files.length > 0) this.#close(0);
    const { platter } = this.bench;
    this.bench.assertClean();
    for (const bench of [this.bench, new Bench({ platter })]) {
      for (const [path, node] of this.model.all()) {
        if (node.type === "directory") {
          assertEquals(
            bench.names(ROOT + path),
            [...node.entries.keys()].sort(),
          );
        } else {
          assertEquals(bench.fs.peek(ROOT + path), node.data, path);
          assertEquals(bench.stat(ROOT + path).nlink, node.nlink, path);
        }
      }
      const top = [...this.model.root.entries.keys()].sort();
      assertEquals(bench.names(ROOT), top);
    }
  }

  #real(step: Step): unknown {
    const { bench } = this;
    switch (step.do) {
      case "open": {
        const real = bench.open(ROOT + step.path, step.mode);
        if (real.object.type === "directory") {
          real.close();
          return "EISDIR"; // the model opens files only
        }
        const model = this.model.open(step.path, step.mode);
        this.#files.push({ real, model, offset: 0 });
        return "opened";
      }
      case "stat": {
        const { type, size, nlink } = bench.stat(ROOT + step.path);
        return type === "file" ? `file ${size} ${nlink}` : `directory ${nlink}`;
      }
      case "readdir":
        return bench.names(ROOT + step.path).join(" ");
      case "mkdir":
      case "rmdir":
      case "unlink":
        return bench[step.do](ROOT + step.path);
      case "link":
      case "rename":
        return bench[step.do](ROOT + step.path, ROOT + step.to);
      default:
        return this.#realFile(step);
    }
  }

  #realFile(step: Extract<Step, { file: number }>): unknown {
    const real = this.#files[step.file]?.real;
    if (real === undefined) return "no file";
    switch (step.do) {
      case "write":
        return step.size === 0 ? 0 : real.write(pattern(step.size, step.seed));
      case "pwrite":
        return step.size === 0
          ? 0
          : real.pwrite(pattern(step.size, step.seed), step.offset);
      case "read":
        return step.size === 0 ? "" : real.read(step.size).join();
      case "truncate":
        return real.truncate(step.size);
    }
  }

  #expected(step: Step): unknown {
    const { model } = this;
    switch (step.do) {
      case "open": {
        // The real one succeeded and has opened the model's too, or both fail.
        model.open(step.path, step.mode);
        return "opened";
      }
      case "stat":
      case "readdir":
      case "mkdir":
      case "rmdir":
      case "unlink":
        return model[step.do](step.path);
      case "link":
      case "rename":
        return model[step.do](step.path, step.to);
      default:
        return this.#expectedFile(step);
    }
  }

  #expectedFile(step: Extract<Step, { file: number }>): unknown {
    const open = this.#files[step.file];
    if (open === undefined) return "no file";
    const { data } = open.model;
    const appends = (open.real.file.flags & O_APPEND) !== 0;
    switch (step.do) {
      case "write": {
        if (step.size === 0) return 0;
        const at = appends ? data.length : open.offset;
        open.offset = at + step.size;
        return this.model.write(
          open.model,
          pattern(step.size, step.seed),
          at,
        );
      }
      case "pwrite": {
        const bytes = pattern(step.size, step.seed);
        return this.model.write(open.model, bytes, step.offset);
      }
      case "read": {
        const part = data.slice(open.offset, open.offset + step.size);
        open.offset += part.length;
        return part.join();
      }
      case "truncate":
        return this.model.truncate(open.model, step.size);
    }
  }

  #close(file: number): void {
    this.#files.splice(file, 1)[0]?.real.close();
    this.bench.settle();
  }
}

function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof SysError || error instanceof ModelError) {
      return error.code;
    }
    throw error;
  }
}

test("random operations do what the model does, errors included", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const pair = new Pair();
      for (const step of steps) pair.both(step);
      pair.compareTrees();
    }),
    { numRuns: 100 },
  );
});

/** Starts a step on names without waiting for its end. */
function start(bench: Bench, step: Step): TestOperation {
  const { fs } = bench;
  return bench.start((op) => {
    switch (step.do) {
      case "link":
      case "rename":
        return fs[step.do](op, ROOT + step.path, ROOT + step.to);
      case "open":
        return fs.open(
          op,
          ROOT + step.path,
          OPEN_MODES[step.mode],
          (object) => {
            op.complete(new TestFile(bench, object, 0));
          },
        );
      case "stat":
      case "readdir":
      case "mkdir":
      case "rmdir":
      case "unlink":
        return fs[step.do](op, ROOT + step.path);
    }
  });
}

test("changes of names that are started together end as if one came after the other", () => {
  const changes = fc.oneof(
    names,
    fc.record({
      do: fc.constant("open"),
      path,
      mode: fc.constant<Mode>("a"),
    }) as fc.Arbitrary<Step>,
  );
  fc.assert(
    fc.property(
      fc.array(changes, { minLength: 10, maxLength: 40 }),
      (steps) => {
        const bench = new Bench(), model = new Model();
        const ops = steps.map((step) => start(bench, step));
        bench.settle();
        ops.forEach((op, i) => {
          const step = steps[i]!;
          const expected = outcome(() => expectedName(model, step));
          assertEquals(realName(op, step), expected, JSON.stringify(step));
          if (op.result instanceof TestFile) op.result.close();
        });
        bench.assertClean();
      },
    ),
    { numRuns: 80 },
  );
});

function expectedName(model: Model, step: Step): unknown {
  switch (step.do) {
    case "open":
      return void model.open(step.path, step.mode);
    case "link":
    case "rename":
      return model[step.do](step.path, step.to);
    case "stat":
    case "readdir":
    case "mkdir":
    case "rmdir":
    case "unlink":
      return model[step.do](step.path);
  }
}

function realName(op: TestOperation, step: Step): unknown {
  if (op.code !== null) return op.code;
  if (step.do === "readdir") {
    return (op.result as { name: string }[]).map(({ name }) => name).join(" ");
  }
  if (step.do !== "stat") return undefined;
  const { type, size, nlink } = op.result as {
    type: string;
    size: number;
    nlink: number;
  };
  return type === "file" ? `file ${size} ${nlink}` : `directory ${nlink}`;
}

test("reads and writes of one file that are started together keep their order", () => {
  const io = fc.record({
    write: fc.boolean(),
    size: fc.integer({ min: 1, max: 9_000 }),
    seed,
  });
  fc.assert(
    fc.property(fc.array(io, { minLength: 5, maxLength: 30 }), (steps) => {
      const bench = new Bench({ files: { "/f": pattern(20_000) } });
      const file = bench.open("/f", "r+");
      const ops = steps.map(({ write, size, seed }) =>
        write ? file.startWrite(pattern(size, seed)) : file.startRead(size)
      );
      bench.settle();
      const model = new Model();
      const data = model.open("/f", "w");
      model.write(data, pattern(20_000), 0);
      let at = 0;
      ops.forEach((op, i) => {
        const { write, size, seed } = steps[i]!;
        if (write) {
          assertEquals(op.result, model.write(data, pattern(size, seed), at));
          at += size;
        } else {
          const part = data.data.slice(at, at + size);
          assertEquals(op.result, part);
          at += part.length;
        }
      });
      assertEquals(file.file.offset, at);
      file.close();
      assertEquals(bench.fs.peek("/f"), data.data);
      bench.assertClean();
    }),
    { numRuns: 80 },
  );
});
