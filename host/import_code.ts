// From the text of a module to the module, in any engine and under a policy
// that forbids eval: a blob URL is imported and forgotten.

import type { Factory } from "./compiled.ts";

/** Imports a compiled file's code and gives its factory. */
export async function importCode(code: string): Promise<Factory> {
  const blob = new Blob([code], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  try {
    const module = await import(url) as { default: Factory };
    return module.default;
  } finally {
    URL.revokeObjectURL(url);
  }
}
