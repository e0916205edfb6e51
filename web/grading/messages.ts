// What the page and the worker that grades say to each other.

import type { CompiledFile } from "../../host/compiled.ts";

export type ToGrader =
  | { kind: "ping"; number: number }
  | {
    kind: "grade";
    args: unknown;
    /** The visitor's: path in the machine → contents. */
    files: Record<string, Uint8Array>;
  }
  | { kind: "compiled"; id: number; file: CompiledFile };

export type FromGrader =
  | { kind: "pong"; number: number }
  | { kind: "compile"; id: number; path: string; source: string }
  | {
    kind: "graded";
    text: string;
    status: number;
    links?: { rule: string; link: string }[];
  }
  | { kind: "failed"; text: string };
