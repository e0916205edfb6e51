// Percentiles by the nearest-rank method: each answer is one of the samples, so
// integers stay integers and two engines agree to the last bit. Knows nothing
// of what was measured.

/** For each point p: the smallest sample that at least p percent do not exceed. */
export function percentiles(
  samples: Iterable<number>,
  points: readonly number[] = [50, 90, 99, 100],
): number[] {
  const sorted = [...samples].sort((a, b) => a - b);
  return points.map((point) => {
    const rank = Math.ceil(point * sorted.length / 100);
    const index = Math.min(Math.max(rank, 1), sorted.length) - 1;
    return sorted[index] ?? NaN;
  });
}
