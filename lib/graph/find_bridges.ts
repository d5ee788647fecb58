/**
 * Which edges of an undirected multigraph lie on a cycle. A wait-for cycle between processes runs along edges,
 * so an edge that is a bridge can take part in no deadlock: it may be a plain kernel pipe.
 *
 * Tarjan's low-link numbers (R. E. Tarjan, "A note on finding the bridges of a graph", 1974), without recursion,
 * so that a chain of any length is no problem. Two edges between the same two nodes are a cycle already.
 */

/** An undirected edge between two nodes, numbered from 0. */
export interface UndirectedEdge {
  readonly a: number;
  readonly b: number;
}

/** The indices of the edges that are bridges, that is, on no cycle. Time and space are linear. */
export function findBridges(nodeCount: number, edges: readonly UndirectedEdge[]): ReadonlySet<number> {
  const incident = listIncidentEdges(nodeCount, edges);
  const order = new Int32Array(nodeCount).fill(-1);
  const low = new Int32Array(nodeCount);
  const cursor = new Int32Array(nodeCount);
  const entered = new Int32Array(nodeCount).fill(-1);
  const bridges = new Set<number>();
  let counter = 0;

  for (let root = 0; root < nodeCount; root++) {
    if (order[root] !== -1) continue;
    order[root] = low[root] = counter++;
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1] ?? root;
      const around = incident[node] ?? [];
      const at = cursor[node] ?? 0;
      if (at < around.length) {
        cursor[node] = at + 1;
        const edge = around[at] ?? 0;
        if (edge === entered[node]) continue;
        const other = otherEnd(edges, edge, node);
        if (order[other] === -1) {
          order[other] = low[other] = counter++;
          entered[other] = edge;
          stack.push(other);
        } else low[node] = Math.min(low[node] ?? 0, order[other] ?? 0);
        continue;
      }
      stack.pop();
      const via = entered[node] ?? -1;
      if (via === -1) continue;
      const parent = otherEnd(edges, via, node);
      low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      if ((low[node] ?? 0) > (order[parent] ?? 0)) bridges.add(via);
    }
  }
  return bridges;
}

function listIncidentEdges(
  nodeCount: number,
  edges: readonly UndirectedEdge[],
): readonly (readonly number[])[] {
  const incident: number[][] = Array.from({ length: nodeCount }, () => []);
  for (const [index, edge] of edges.entries()) {
    incident[edge.a]?.push(index);
    incident[edge.b]?.push(index);
  }
  return incident;
}

function otherEnd(edges: readonly UndirectedEdge[], edge: number, node: number): number {
  const found = edges[edge];
  if (found === undefined) throw new Error(`No edge ${edge}`);
  return found.a === node ? found.b : found.a;
}
