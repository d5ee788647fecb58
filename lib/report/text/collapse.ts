/**
 * The instances of an actor as one, for texts and pictures: `count` ×300 instead of three hundred lines.
 */
import { dirname, resolve } from "node:path";
import type { Actor, Flow, FlowOutput, InputPort, StreamRef } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import { groupOf, isInstance } from "../../core/instance.ts";
import type { Edge, EdgeTarget, Plan } from "../../core/plan.ts";

/** How many instances, or files of `out`, a name stands for; none for those that are themselves. */
export type Counts = ReadonlyMap<string, number | "N">;

/** ` ×300`, ` ×N` when only the records of a stream will tell, or nothing. */
export function countText(name: string, counts: Counts): string {
  const count = counts.get(name);
  return count === undefined ? "" : ` ×${count}`;
}

/** A flow whose actors are those that were written, each reading what any of its instances reads. */
export function collapseFlow(flow: Flow): { readonly flow: Flow; readonly counts: Counts } {
  const open = countMembers([...flow.actors.values()], flow.outputs);
  if (flow.groups.size === 0) return { flow, counts: open };
  const { actors, counts } = collapseActors([...flow.actors.values()]);
  const outputs = collapseOutputs(flow.outputs, flow);
  return {
    flow: { ...flow, actors: new Map(actors.map((actor) => [actor.name, actor])), outputs: outputs.outputs },
    counts: new Map([...counts, ...outputs.counts, ...open]),
  };
}

/** The actors over streams, and the files that are one for each of their members. */
function countMembers(actors: readonly Actor[], outputs: readonly FlowOutput[]): Counts {
  return new Map([
    ...actors.flatMap(({ name, members }) => members === undefined ? [] : [[groupOf(name), "N"] as const]),
    ...outputs.flatMap(({ target, members }) => members === undefined ? [] : [[target, "N"] as const]),
  ]);
}

/** The same of a plan; its joins stay as they are. */
export function collapsePlan(plan: Plan): { readonly plan: Plan; readonly counts: Counts } {
  const open = countMembers(plan.actors, plan.flow.outputs);
  if (plan.flow.groups.size === 0) return { plan, counts: open };
  const { actors, counts } = collapseActors(plan.actors);
  const outputs = collapseOutputs(plan.outputs, plan.flow);
  const edges = new Map<string, Edge>();
  for (const edge of plan.edges) {
    const from = collapseStream(edge.from);
    const to = collapseTarget(edge.to, outputs.names);
    const key = JSON.stringify([from, to]);
    const known = edges.get(key);
    edges.set(key, { ...edge, ...known, from, to, isOnCycle: edge.isOnCycle || known?.isOnCycle === true });
  }
  return {
    plan: { ...plan, actors, outputs: outputs.outputs, edges: [...edges.values()] },
    counts: new Map([...counts, ...outputs.counts, ...open]),
  };
}

function collapseActors(
  actors: readonly Actor[],
): { readonly actors: readonly Actor[]; readonly counts: Counts } {
  const counts = new Map<string, number>();
  const collapsed = new Map<string, Actor>();
  const streams = new Map<string, Map<string, StreamRef>>();
  for (const actor of actors) {
    const name = groupOf(actor.name);
    if (isInstance(actor.name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    const inputs = actor.inputs.map((input): InputPort => {
      const key = `${name} ${input.name}`;
      const known = streams.get(key) ?? new Map<string, StreamRef>();
      streams.set(key, known);
      for (const stream of input.streams) {
        const from = collapseStream(stream);
        known.set(streamName(from), from);
      }
      return { ...input, streams: [...known.values()] };
    });
    collapsed.set(name, { ...collapsed.get(name) ?? actor, name, inputs });
  }
  return { actors: [...collapsed.values()], counts };
}

/** The files of one name, whatever the members, are one. */
function collapseOutputs(
  outputs: readonly FlowOutput[],
  flow: Flow,
): {
  readonly outputs: readonly FlowOutput[];
  readonly counts: Counts;
  readonly names: ReadonlyMap<string, string>;
} {
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  const collapsed = new Map<string, { readonly target: string; readonly streams: Map<string, StreamRef> }>();
  for (const { target, of, streams } of outputs) {
    const name = of === undefined ? target : flow.file === undefined ? of : resolve(dirname(flow.file), of);
    if (of !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    names.set(target, name);
    const one = collapsed.get(name) ?? { target: name, streams: new Map<string, StreamRef>() };
    collapsed.set(name, one);
    for (const stream of streams.map(collapseStream)) one.streams.set(streamName(stream), stream);
  }
  const all = [...collapsed.values()];
  return {
    outputs: all.map(({ target, streams }) => ({ target, streams: [...streams.values()] })),
    counts,
    names,
  };
}

function collapseStream({ actor, port }: StreamRef): StreamRef {
  return { actor: groupOf(actor), port };
}

function collapseTarget(to: EdgeTarget, names: ReadonlyMap<string, string>): EdgeTarget {
  return to.kind === "actor"
    ? { ...to, actor: groupOf(to.actor) }
    : { ...to, target: names.get(to.target) ?? to.target };
}
