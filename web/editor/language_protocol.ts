// What the editor and the worker with the language service say to each other:
// files, and questions about places in them. Places are offsets in UTF-16.

/** What the worker begins with (build/library.ts). */
export interface Library {
  /** Name of a declaration file → its text. */
  libs: Record<string, string>;
  /** Those that stand for the language. */
  roots: string[];
  engine: string;
  /** The sources behind "kettle": path in the checkout → text. */
  kettle: Record<string, string>;
  /** Books of the manual. */
  pages: Record<string, string>;
}

export interface Change {
  from: number;
  to: number;
  insert: string;
}

export interface Finding {
  from: number;
  to: number;
  severity: "error" | "warning" | "info" | "unused";
  text: string;
  /** Whose words these are: the loader says the same when it is run. */
  source: "kettle" | "typescript";
  fix?: { name: string; changes: Change[] };
}

export interface Completion {
  label: string;
  /** As TypeScript calls it: "function", "const", "keyword" … */
  kind: string;
  sortText: string;
  /** It is not imported yet: from there. */
  from?: string;
  /** And so it gets there. */
  changes?: Change[];
}

/** What is shown of a name. */
export interface About {
  /** `read(2)`, or "". */
  title: string;
  /** One sentence, or "". */
  about: string;
  /** TypeScript. */
  signature: string;
  /** A small part of Markdown: paragraphs, items, code. */
  text: string;
}

export interface Place {
  path: string;
  from: number;
  to: number;
  /** Of a file that is in no machine. */
  text?: string;
}

/** Question → answer. */
export interface Answers {
  findings: Finding[];
  completions: { from: number; options: Completion[] } | null;
  detail: About | null;
  hover: About & { from: number; to: number } | null;
  definition: Place | null;
  parameters: { signature: string; active: [number, number] | null } | null;
}

export type Question = keyof Answers;

export type ToLanguage =
  | { kind: "start"; library: Library }
  /** null: it is gone. */
  | { kind: "file"; path: string; text: string | null }
  | {
    kind: "ask";
    id: number;
    question: Question;
    path: string;
    at: number;
    /** Of the completion that is asked about. */
    name?: string;
  };

export type FromLanguage =
  | { kind: "started" }
  | { kind: "failed"; text: string }
  | { kind: "answer"; id: number; value: Answers[Question] }
  | { kind: "broke"; id: number; text: string };
