/// <reference lib="dom" />
// Files to the visitor and from them. It knows nothing of what is in them.

const FORGET_AFTER_MS = 60_000;

/** The browser saves it, or asks where to. */
export function saveFile(
  name: string,
  content: Uint8Array | string | Blob,
  type = "application/octet-stream",
): void {
  const blob = content instanceof Blob
    ? content
    : new Blob([content as BlobPart], { type });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), FORGET_AFTER_MS);
}

/** Asks for a file; null: there is none chosen. */
export function chooseFile(accept: string): Promise<File | null> {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  return new Promise((resolve) => {
    input.onchange = () => resolve(input.files?.[0] ?? null);
    input.oncancel = () => resolve(null);
    input.click();
  });
}

/** True if it is on the clipboard: the browser may refuse. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
