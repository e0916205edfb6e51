// edit [-t] [+LINE] FILE: changes a text file. Where the host has an editor it is
// opened there; else, and with -t, it is this one, on the whole screen: ^S saves,
// ^X ends, ^G shows the keys. Saving writes a new file and then puts it in the
// place of the old one, so at no moment is neither there.

import {
  close,
  fstat,
  getcwd,
  isatty,
  open,
  type Program,
  readAll,
  type Routine,
  type Stat,
  stat,
  SysError,
  write,
} from "kettle";
import { CHARACTERS_MAX, isShowable } from "../lib/cells.ts";
import { options, type Usage, usageError } from "../lib/args.ts";
import { Editor, type Wish } from "../lib/editor.ts";
import { type FullScreen, withFullScreen } from "../lib/full_screen.ts";
import { absolutePath, directoryName, isDirectory } from "../lib/paths.ts";
import { askHost } from "../lib/host.ts";
import { complain } from "../lib/stdio.ts";
import {
  decodeText,
  encodeText,
  replaceFile,
  type TextContent,
} from "../lib/text_file.ts";

const USAGE: Usage = {
  name: "edit",
  synopsis: "[-t] [+LINE] FILE",
  about: "Changes a text file: in the host's editor, or on the whole screen.",
  options: { "-t, --terminal": "in this terminal, whatever the host has" },
};
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** A file as it was read, or last written. */
interface Opened {
  path: string;
  content: TextContent;
  /** Null: there was none. */
  stat: Stat | null;
  message: string;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const line = operands[0]?.startsWith("+") ? Number(operands.shift()!) : 1;
  const [path, ...more] = operands;
  if (path === undefined || more.length > 0 || !Number.isInteger(line)) {
    return yield* usageError(USAGE, "one file, please");
  }
  if (given.t === undefined && (yield* openedByHost(path, line))) return 0;
  if (!(yield* isatty(0)) || !(yield* isatty(1))) {
    return yield* complain("edit", "it needs a terminal");
  }
  const opened = yield* openFile(path);
  if ("why" in opened) return yield* complain("edit", `${path}: ${opened.why}`);
  const session = new Session(opened);
  session.editor.goToLine(line);
  yield* withFullScreen(
    (screen) => session.run(screen),
    () => session.rescue(),
  );
}

/** The host has opened it in an editor of its own. A directory it is not asked for. */
function* openedByHost(path: string, line: number): Routine<boolean> {
  if (yield* isDirectory(path)) return false;
  if (!(yield* isDirectory(directoryName(path)))) return false;
  const absolute = absolutePath(path, yield* getcwd());
  const answer = yield* askHost("edit", { path: absolute, line });
  return answer.opened === true;
}

function* openFile(path: string): Routine<Opened | { why: string }> {
  const content: TextContent = { text: "", lineEnd: "\n" };
  try {
    const fd = yield* open(path);
    const stat = yield* fstat(fd);
    if (stat.type !== "file") return { why: `it is a ${stat.type}` };
    if (stat.size > FILE_BYTES_MAX) {
      return { why: `${stat.size} bytes are too many: 4 MiB at most` };
    }
    const decoded = decodeText(yield* readAll(fd));
    yield* close(fd);
    if ("why" in decoded) return decoded;
    const long = decoded.text.split("\n").findIndex((it) => !isShowable(it));
    if (long >= 0) {
      return { why: `line ${long + 1} is too long: ${CHARACTERS_MAX} letters` };
    }
    const message = yield* whyNotWritable(path);
    return { path, content: decoded, stat, message };
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.code !== "ENOENT") return { why: reasonOf(error) };
    const message = yield* whyNoNewFile(path);
    return { path, content, stat: null, message };
  }
}

function* whyNotWritable(path: string): Routine<string> {
  try {
    yield* close(yield* open(path, "r+"));
    return "";
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return `it cannot be written: ${reasonOf(error)}; ^O saves elsewhere`;
  }
}

function* whyNoNewFile(path: string): Routine<string> {
  const directory = directoryName(path);
  try {
    yield* stat(directory);
    return "a new file";
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return `there is no directory ${directory} to save it in; ^O saves elsewhere`;
  }
}

/** `EACCES, permission denied` */
function reasonOf(error: SysError): string {
  return error.message.slice(error.message.indexOf(error.code));
}

class Session {
  readonly editor: Editor;
  #opened: Opened;
  /** The path whose change on the disk was agreed to. */
  #agreed: string | null = null;

  constructor(opened: Opened) {
    this.#opened = opened;
    this.editor = new Editor(opened.path, opened.content.text);
    this.editor.message = opened.message;
  }

  *run(screen: FullScreen): Routine {
    while (true) {
      this.editor.resize(yield* screen.size());
      if (!(yield* screen.hasMore())) yield* screen.write(this.editor.draw());
      const key = yield* screen.key();
      if (key === null) return yield* this.rescue();
      const wish = this.editor.press(key);
      if (wish.kind === "quit") return;
      if (wish.kind !== "save") continue;
      const isSaved = yield* this.#save(wish);
      if (isSaved && wish.thenQuit) return;
    }
  }

  /** Ended from outside: what was not saved goes to FILE.save. */
  *rescue(): Routine {
    if (!this.editor.isChanged) return;
    const path = `${this.editor.path}.save`;
    try {
      yield* replaceFile(path, this.#bytes());
      yield* write(2, `edit: what was not saved is in ${path}\n`);
    } catch (error) {
      yield* complain("edit", error);
    }
  }

  #bytes(): Uint8Array {
    const { lineEnd } = this.#opened.content;
    return encodeText({ text: this.editor.text, lineEnd });
  }

  *#save({ path, thenQuit }: Wish & { kind: "save" }): Routine<boolean> {
    try {
      if (this.#agreed !== path && (yield* this.#isOthers(path))) {
        this.#agreed = path;
        this.editor.askToOverwrite(path, thenQuit);
        return false;
      }
      this.#agreed = null;
      const content = this.#bytes();
      yield* replaceFile(path, content);
      this.#opened = { ...this.#opened, path, stat: yield* stat(path) };
      this.editor.saved(path, content.length);
      return true;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.editor.message = `not saved: ${reasonOf(error)}`;
      return false;
    }
  }

  /** Whether what stands under that name is not what we read or wrote. */
  *#isOthers(path: string): Routine<boolean> {
    const before = path === this.#opened.path ? this.#opened.stat : null;
    try {
      const now = yield* stat(path);
      return before === null || now.ino !== before.ino ||
        now.mtimeNs !== before.mtimeNs || now.size !== before.size;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return false;
    }
  }
}
