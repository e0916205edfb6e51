// What must be on a disk after the power went: told from what programs were
// told, and from nothing in the kernel. Each worker has a territory of names and
// files of its own, so that what it does has one order.
//
// Names: the states that the tree went through since the last that is durable.
// After the cut the tree is as in one of them. A file is as durable as its name:
// fsync of a file keeps the names it had, fsync of a directory the names in it,
// sync everything.
// Bytes: the versions of a file since the last that is durable. After the cut it
// has the size of one of them, and each byte is as in one of them.

export interface DirectoryRecord {
  kind: "directory";
  ino: number | null;
  /** The state in which its names, or the names in it, changed last. */
  changed: State | null;
}
export interface FileRecord {
  kind: "file";
  id: number;
  ino: number | null;
  changed: State | null;
  /** Oldest first; the first is durable. */
  versions: Uint8Array[];
}
export type Node = DirectoryRecord | FileRecord;
/** Path → what has that name. */
export type State = ReadonlyMap<string, Node>;

/** What is found on a disk. */
export interface Found {
  type: string;
  ino: number;
  size: number;
  nlink: number;
  bytes: Uint8Array | null;
}

export function newDirectory(ino: number | null = null): DirectoryRecord {
  return { kind: "directory", ino, changed: null };
}

/** Changes of names that a worker has under way at once. */
const UNDER_WAY_MAX = 1;

/** Takes back what was not done after all. */
export type Undo = () => void;

export class Territory {
  /** Oldest first; the first is durable. */
  history: State[] = [new Map()];
  /** Directories that it shares with others: path → the last change of its own names there. */
  readonly shared = new Map<string, DirectoryRecord>();
  #lastFile: number;

  constructor(readonly worker: number, shared: readonly string[]) {
    this.#lastFile = worker * 1_000_000;
    for (const path of shared) this.shared.set(path, newDirectory());
  }

  newFile(
    bytes: Uint8Array = new Uint8Array(0),
    ino: number | null = null,
  ): FileRecord {
    const id = ++this.#lastFile;
    return { kind: "file", id, ino, changed: null, versions: [bytes] };
  }

  /** The directory of that name, its own or shared. */
  directory(path: string): DirectoryRecord | undefined {
    const own = this.names.get(path);
    return own?.kind === "directory" ? own : this.shared.get(path);
  }

  get names(): State {
    return this.history.at(-1)!;
  }

  /** The names change, now or never. */
  change(edit: (names: Map<string, Node>) => void, touched: Node[]): Undo {
    const next = new Map(this.names);
    edit(next);
    const before = touched.map(({ changed }) => changed);
    this.history.push(next);
    for (const node of touched) node.changed = next;
    return () => {
      this.history.splice(this.history.indexOf(next), 1);
      touched.forEach((node, i) => node.changed = before[i]!);
    };
  }

  /** The names are, for good, as in this state or a later one. */
  keepNames(state: State | null): void {
    const index = state === null ? -1 : this.history.indexOf(state);
    if (index > 0) this.history.splice(0, index);
  }

  /** Everything is as it was last. */
  keepNewest(): void {
    this.history = [this.names];
    for (const file of this.files()) file.versions = [file.versions.at(-1)!];
  }

  /** Everybody in the names, or with bytes that may come back. */
  files(): FileRecord[] {
    const files = new Set<FileRecord>();
    for (const state of this.history) {
      for (const node of state.values()) {
        if (node.kind === "file") files.add(node);
      }
    }
    return [...files];
  }

  /** What is wrong with what was found of it after a cut; null if nothing is. */
  compare(found: ReadonlyMap<string, Found>): string | null {
    let nearest = "", differences = Infinity;
    for (const state of [...this.history].reverse()) {
      const wrong = differencesOf(state, found);
      if (wrong.length === 0) return null;
      if (wrong.length >= differences) continue;
      differences = wrong.length;
      nearest = wrong.join("; ");
    }
    return `worker ${this.worker}: the disk is like none of the ${this.history.length} states it may have. In the nearest ${nearest}`;
  }

  /** The same for an image that holds everything done so far; what is under way may be in it or not. */
  compareNewest(found: ReadonlyMap<string, Found>): string | null {
    const copy = new Territory(this.worker, []);
    copy.history = this.history.slice(-1 - UNDER_WAY_MAX);
    return copy.compare(found);
  }

  /** Begins anew from what was found. */
  restart(found: ReadonlyMap<string, Found>): void {
    const names = new Map<string, Node>();
    const files = new Map<number, FileRecord>();
    for (const [path, { type, ino, bytes }] of found) {
      if (type === "directory") {
        names.set(path, newDirectory(ino));
        continue;
      }
      let file = files.get(ino);
      if (file === undefined) {
        file = this.newFile(bytes!, ino);
        files.set(ino, file);
      }
      names.set(path, file);
    }
    this.history = [names];
    for (const record of this.shared.values()) record.changed = null;
  }
}

/** A file has, for good, the bytes of this version or of later ones. */
export function keepBytes(file: FileRecord, version: Uint8Array): void {
  const index = file.versions.indexOf(version);
  if (index > 0) file.versions.splice(0, index);
}

function differencesOf(
  state: State,
  found: ReadonlyMap<string, Found>,
): string[] {
  const wrong: string[] = [];
  for (const [path, node] of state) {
    const it = found.get(path);
    if (it === undefined) wrong.push(`${path} is missing`);
    else if (it.type !== node.kind) wrong.push(`${path} is a ${it.type}`);
    else if (node.ino !== null && it.ino !== node.ino) {
      wrong.push(`${path} is another ${it.type}`);
    } else if (node.kind === "file") {
      const bad = wrongBytes(node.versions, it.bytes!);
      if (bad !== null) wrong.push(`${path} (file ${node.id}) ${bad}`);
      const names = [...state.values()].filter((each) => each === node).length;
      if (it.nlink !== names) {
        wrong.push(`${path} has ${it.nlink} links and ${names} names`);
      }
    }
  }
  for (const path of found.keys()) {
    if (!state.has(path)) wrong.push(`${path} should not be there`);
  }
  return wrong;
}

/** What is wrong with the bytes of a file that had these versions; null if nothing is. */
export function wrongBytes(
  versions: readonly Uint8Array[],
  bytes: Uint8Array,
): string | null {
  if (!versions.some(({ length }) => length === bytes.length)) {
    const sizes = [...new Set(versions.map(({ length }) => length))];
    return `has ${bytes.length} bytes, and should have ${sizes.join(" or ")}`;
  }
  for (let i = 0; i < bytes.length;) {
    let end = i;
    for (let v = versions.length - 1; v >= 0 && end === i; v--) {
      end = agreesUntil(versions[v]!, bytes, i);
    }
    if (end === i) {
      const had = versions.map((version) => version[i] ?? "none").join(" ");
      return `of ${bytes.length} bytes has a foreign byte at ${i}: ${
        bytes[i]
      }, where its versions had ${had}`;
    }
    i = end;
  }
  return null;
}

/** Where two files that agree at `from` begin to differ. */
function agreesUntil(a: Uint8Array, b: Uint8Array, from: number): number {
  const end = Math.min(a.length, b.length);
  let at = from;
  while (at < end && a[at] === b[at]) at++;
  return at;
}

/** Bytes that only this write has, none of them zero. */
export function patternOf(
  file: FileRecord,
  version: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = Math.imul(file.id, 0x9e3779b1) ^ Math.imul(version, 0x85ebca6b);
  for (let i = 0; i < length; i++) {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    bytes[i] = (x >>> 24) || 1;
  }
  return bytes;
}

/** `before` with `data` at `offset`; what was skipped is zero. */
export function written(
  before: Uint8Array,
  offset: number,
  data: Uint8Array,
): Uint8Array {
  const after = new Uint8Array(Math.max(before.length, offset + data.length));
  after.set(before);
  after.set(data, offset);
  return after;
}

export function resized(before: Uint8Array, size: number): Uint8Array {
  const after = new Uint8Array(size);
  after.set(before.subarray(0, size));
  return after;
}
