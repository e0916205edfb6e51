// The files in the editor's tabs, and how what the visitor writes and what the
// disk holds come together: who writes while nothing has changed sees it saved,
// what a program writes shows where nobody has written, and where both have, it
// is said and nothing is lost. Pure; it knows neither editor nor machine.

/** Files that are part of Kettle are read here, and changed with `edit -t`. */
const SHIPPED = /^\/(lib|sh|servers|man)\/|^\/sys\.ts$/;

/** Whether a tab of this file may be written in. */
export function isWritable(path: string): boolean {
  return path.startsWith("/") && !SHIPPED.test(path) && !isOurs(path);
}

/** A file beside the machine: the sources behind "kettle", the language's declarations. */
export function isOurs(path: string): boolean {
  return /^\/\.(kettle|typescript)\//.test(path);
}

export type DocumentState =
  /** It is not known yet what the disk has. */
  | "opening"
  | "saved"
  /** Written, and not on the disk yet. */
  | "draft"
  | "saving"
  /** Somebody else has written as well. */
  | "conflict"
  /** The disk has it no more; its text is still here. */
  | "gone"
  /** It is to be read only. */
  | "read only"
  /** It cannot be shown. */
  | "refused";

export class Document {
  /** What the editor has, with "\n" between lines. */
  text = "";
  /** What the disk had when it was last told; null: there was no such file. */
  #disk: string | null = null;
  #isKnown = false;
  #saving: string | null = null;
  /** What the disk got while something else was written here. */
  #other: { text: string | null } | null = null;
  #isGone = false;
  #lineEnd = "\n";
  /** Why it cannot be shown. */
  why: string | null = null;
  /** Whose words the text is: after another turn of time the visitor's are kept. */
  isVisitors = false;

  constructor(readonly path: string, readonly isReadOnly = !isWritable(path)) {}

  get state(): DocumentState {
    if (this.why !== null) return "refused";
    if (!this.#isKnown) return "opening";
    if (this.#other !== null) return "conflict";
    if (this.#isGone) return "gone";
    if (this.isReadOnly) return "read only";
    if (this.#saving !== null) return "saving";
    return this.isChanged ? "draft" : "saved";
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** There is something that the disk does not have. */
  get isChanged(): boolean {
    return this.#isKnown && this.why === null &&
      (this.#disk === null ? this.text !== "" : this.onDisk !== this.#disk);
  }

  /** The text as the disk is to have it. */
  get onDisk(): string {
    return this.#lineEnd === "\n"
      ? this.text
      : this.text.replaceAll("\n", this.#lineEnd);
  }

  /** What a save takes the place of. */
  get before(): string | null {
    return this.#disk;
  }

  /** The visitor writes. */
  write(text: string): void {
    this.text = text;
    this.isVisitors = true;
    this.#isGone = false;
  }

  /** A file that there is not yet. */
  begin(text: string): void {
    this.#isKnown = true;
    this.write(text);
  }

  /**
   * Time has taken another way, and the disk has this. What the visitor wrote
   * stays, to be saved again; what programs wrote later is gone.
   */
  diskIsAnother(text: string | null, why: string | null): boolean {
    const isKept = this.isVisitors && this.#isKnown && why === null;
    if (!isKept) return this.diskHas(text, why);
    this.#disk = text;
    this.#saving = null;
    return false;
  }

  /** What the visitor wrote at an earlier visit; true if the disk has something else by now. */
  restore(text: string, before: string | null): boolean {
    this.text = text;
    this.isVisitors = true;
    if (before === this.#disk) return false;
    this.#other = { text: this.#disk };
    return true;
  }

  /** The disk has this now; true if the editor is to show another text. */
  diskHas(text: string | null, why: string | null): boolean {
    this.why = why;
    if (why !== null) {
      this.#isKnown = true;
      return false;
    }
    const wasKnown = this.#isKnown, wasChanged = this.isChanged;
    this.#isKnown = true;
    if (wasKnown && text === this.#disk) return false;
    if (this.#saving !== null && text === this.#saving) {
      this.#disk = text;
      return false;
    }
    if (text === null && wasKnown) return this.#gone();
    if (wasChanged && text !== this.onDisk) {
      this.#other = { text };
      this.#disk = text;
      return false;
    }
    this.#disk = text;
    this.#other = null;
    this.#isGone = false;
    return this.#show(text ?? "");
  }

  /** A file that is gone keeps its text here. */
  #gone(): boolean {
    this.#isGone = !this.isChanged;
    this.#disk = null;
    return false;
  }

  #show(text: string): boolean {
    this.#lineEnd = /\r\n/.test(text) && !/[^\r]\n/.test(text) ? "\r\n" : "\n";
    const shown = text.replace(/\r\n/g, "\n");
    if (shown === this.text) return false;
    this.text = shown;
    this.isVisitors = false;
    return true;
  }

  // ----------------------------------------------------------- saving

  /** What is to be saved; null if nothing is, or cannot be now. */
  toSave(): { text: string; before: string | null } | null {
    if (this.state !== "draft") return null;
    this.#saving = this.onDisk;
    return { text: this.#saving, before: this.#disk };
  }

  saved(): void {
    if (this.#saving !== null) this.#disk = this.#saving;
    this.#saving = null;
  }

  /** It was not saved: somebody else wrote, or it may not be now. */
  notSaved(): void {
    this.#saving = null;
  }

  /** What stands here is to be saved, whatever the disk has. */
  keepMine(): void {
    this.#other = null;
    this.#isGone = false;
    this.isVisitors = true;
  }

  /** What the disk has is shown; what stood here can be had again by undoing. */
  takeTheirs(): void {
    const text = this.#other?.text ?? this.#disk ?? "";
    this.#other = null;
    this.#show(text);
  }
}
