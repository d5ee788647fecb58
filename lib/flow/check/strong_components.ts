/**
 * Groups of nodes that reach each other, and a cycle through such a group. Nodes are numbers from 0.
 */

/** Node to the nodes its arrows go to. */
export type Arrows = readonly (readonly number[])[];

/**
 * Tarjan's algorithm, with a stack of its own because a flow may be ten thousand actors deep. A group comes after
 * all groups its arrows go to.
 */
export function strongComponents(arrows: Arrows): number[][] {
  const found: number[] = new Array(arrows.length).fill(-1);
  const lowest: number[] = new Array(arrows.length).fill(0);
  const isOpen: boolean[] = new Array(arrows.length).fill(false);
  const open: number[] = [];
  const components: number[][] = [];
  let count = 0;
  const enter = (node: number, path: Visit[]) => {
    found[node] = lowest[node] = count++;
    isOpen[node] = true;
    open.push(node);
    path.push({ node, next: 0 });
  };
  for (let root = 0; root < arrows.length; root++) {
    if (found[root] !== -1) continue;
    const path: Visit[] = [];
    enter(root, path);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = arrows[visit.node]?.[visit.next++];
      if (target !== undefined) {
        if (found[target] === -1) enter(target, path);
        else if (isOpen[target]) lower(lowest, { node: visit.node, to: found[target] });
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(lowest, { node: parent.node, to: lowest[visit.node] });
      if (lowest[visit.node] !== found[visit.node]) continue;
      const component = open.splice(open.lastIndexOf(visit.node));
      for (const node of component) isOpen[node] = false;
      components.push(component);
    }
  }
  return components;
}

/** True when a group is a cycle: several nodes, or one with an arrow to itself. */
export function isCyclic(component: readonly number[], arrows: Arrows): boolean {
  const [node] = component;
  return component.length > 1 || (node !== undefined && (arrows[node] ?? []).includes(node));
}

/** A shortest cycle through the lowest node of a cyclic group: the nodes in the order of their arrows. */
export function cycleThrough(component: readonly number[], arrows: Arrows): number[] {
  const start = component.reduce((lowest, node) => Math.min(lowest, node), Infinity);
  const members = new Set(component);
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const target of arrows[node] ?? []) {
      if (target === start) return pathTo(node, cameFrom);
      if (!members.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      queue.push(target);
    }
  }
  return [];
}

/** A node being visited, and which of its arrows is next. */
interface Visit {
  readonly node: number;
  next: number;
}

function lower(lowest: number[], { node, to }: { node: number; to: number | undefined }): void {
  lowest[node] = Math.min(lowest[node] ?? Infinity, to ?? Infinity);
}

function pathTo(end: number, cameFrom: ReadonlyMap<number, number>): number[] {
  const path: number[] = [];
  for (let node: number | undefined = end; node !== undefined; node = cameFrom.get(node)) path.push(node);
  return path.reverse();
}
