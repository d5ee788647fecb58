/**
 * A simple picture of very many boxes: a column for each distance from the beginning, and straight arrows.
 */
import type { FoldedNode, FoldedPage } from "./fold_page.ts";
import type { PageLayout, PageNode } from "./page_layout.ts";

/** A column that would be longer becomes several side by side. */
const COLUMN_NODES_MAX = 100;
const GAP_X = 70;
const GAP_Y = 14;

type Size = { readonly width: number; readonly height: number };

export function layInColumns(
  { nodes, lines }: FoldedPage,
  sizeOf: (node: FoldedNode) => Size,
): Omit<PageLayout, "open"> {
  const keyOf = (node: FoldedNode): string => `${node.kind === "output" ? "output" : "actor"} ${node.name}`;
  const distances = findDistances(nodes.map(keyOf), lines.filter(({ isMessages }) => !isMessages));
  const columns = new Map<number, FoldedNode[]>();
  for (const node of nodes) {
    const distance = distances.get(keyOf(node)) ?? 0;
    const known = columns.get(distance);
    if (known === undefined) columns.set(distance, [node]);
    else known.push(node);
  }
  const placed = new Map<string, PageNode>();
  let x = 0;
  let height = 0;
  for (const [, column] of [...columns].sort(([a], [b]) => a - b)) {
    for (let from = 0; from < column.length; from += COLUMN_NODES_MAX) {
      const part = column.slice(from, from + COLUMN_NODES_MAX);
      let y = 0;
      let width = 0;
      for (const node of part) {
        const size = sizeOf(node);
        placed.set(keyOf(node), { name: node.name, kind: node.kind, x, y, ...size });
        y += size.height + GAP_Y;
        width = Math.max(width, size.width);
      }
      height = Math.max(height, y - GAP_Y);
      x += width + GAP_X;
    }
  }
  return {
    width: Math.max(0, x - GAP_X),
    height,
    nodes: [...placed.values()],
    frames: [],
    lines: lines.flatMap((line) => {
      const [from, to] = [placed.get(line.from), placed.get(line.to)];
      if (from === undefined || to === undefined) return [];
      const path = `M${from.x + from.width} ${from.y + from.height / 2} L${to.x} ${to.y + to.height / 2}`;
      return [{ ...line, from: from.name, to: to.name, path }];
    }),
  };
}

/** The longest way from the beginning; what is in a circle ends at it. */
function findDistances(
  keys: readonly string[],
  lines: readonly { readonly from: string; readonly to: string }[],
): ReadonlyMap<string, number> {
  const open = new Map(keys.map((key) => [key, 0]));
  const next = new Map<string, string[]>();
  for (const { from, to } of lines) {
    open.set(to, (open.get(to) ?? 0) + 1);
    const known = next.get(from);
    if (known === undefined) next.set(from, [to]);
    else known.push(to);
  }
  const distances = new Map(keys.map((key) => [key, 0]));
  const ready = keys.filter((key) => open.get(key) === 0);
  for (let key = ready.pop(); key !== undefined; key = ready.pop()) {
    for (const to of next.get(key) ?? []) {
      distances.set(to, Math.max(distances.get(to) ?? 0, (distances.get(key) ?? 0) + 1));
      const left = (open.get(to) ?? 1) - 1;
      open.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return distances;
}
