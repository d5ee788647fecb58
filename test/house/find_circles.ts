/**
 * Circles of imports: groups of files each of which leads to all others of its group (Tarjan).
 */

/** The circles in a graph, given as what each file imports; each circle sorted, as are all of them. */
export function findCircles(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const indices = new Map<string, number>();
  const lows = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  const visit = (file: string): number => {
    const index = indices.size;
    indices.set(file, index);
    lows.set(file, index);
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!imports.has(target)) continue;
      const low = indices.has(target)
        ? (open.includes(target) ? indices.get(target) : undefined)
        : visit(target);
      lows.set(file, Math.min(lows.get(file) ?? index, low ?? index));
    }
    const low = lows.get(file) ?? index;
    if (low === index) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1 || imports.get(file)?.includes(file) === true) circles.push(circle.sort());
    }
    return low;
  };

  for (const file of imports.keys()) if (!indices.has(file)) visit(file);
  return circles.sort((a, b) => (a[0] ?? "") < (b[0] ?? "") ? -1 : 1);
}
