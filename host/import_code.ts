// From the text of a module to the module, in any engine and under a policy
// that forbids eval: a blob URL is imported and forgotten.

import type { Factory } from "./compiled.ts";

export interface Imported {
  factory: Factory;
  /** What stack traces call it. */
  url: string;
}

/** Imports a compiled file's code. */
export async function importCode(code: string): Promise<Imported> {
  const blob = new Blob([code], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  try {
    const module = await import(url) as { default: Factory };
    return { factory: module.default, url };
  } finally {
    URL.revokeObjectURL(url);
  }
}
