// The nearest known word to one that nobody knows: for error messages.

/** The word of `known` that takes the fewest single-letter edits from `word`. */
export function nearest(word: string, known: readonly string[]): string {
  let best = known[0] ?? "", fewest = Infinity;
  for (const each of known) {
    const edits = distance(word.toLowerCase(), each.toLowerCase());
    if (edits < fewest) {
      best = each;
      fewest = edits;
    }
  }
  return best;
}

/** Levenshtein's distance. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length]!;
}
