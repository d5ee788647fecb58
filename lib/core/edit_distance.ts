/**
 * How far two words are from each other: the fewest letters to add, drop or change (Levenshtein). The packages that
 * compute it are of the older kind of module, and to load one costs some runtimes more than all the rest of a check.
 *
 * @example
 * editDistance("stdot", "stdout"); // 1
 */
export function editDistance(a: string, b: string): number {
  // One row of the usual table, which becomes the next one from left to right.
  const row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    let before = i;
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const least = Math.min(changed, (row[j] ?? 0) + 1, before + 1);
      row[j - 1] = before;
      before = least;
    }
    row[b.length] = before;
  }
  return row[b.length] ?? 0;
}
