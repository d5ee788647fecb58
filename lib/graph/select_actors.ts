/**
 * Which actors a run needs and in which order they start: producers before consumers, in the order in which
 * the outputs reach them (post-order of a depth-first walk, the plan of the first seed).
 */
import { editDistance } from "../core/edit_distance.ts";
import type { Actor, Flow, FlowOutput, Members, StreamRef } from "../core/flow.ts";
import { isMessageActor, isProcess, isSplit, streamKey } from "../core/flow.ts";
import { boxesOf, groupOf } from "../core/instance.ts";
import type { FlowIssue } from "../core/issue.ts";
import type { Selection } from "../core/plan.ts";

/** Of a flow with thousands of actors not all are compared with a name that is none. */
const NEAR_NAMES_MAX = 10_000;

export interface Selected {
  readonly actors: readonly Actor[];
  readonly outputs: readonly FlowOutput[];
}

/**
 * The part of a flow that a selection asks for. A partial run prints what its last actors write: the named
 * actors' stdout, or the stdout of every process that nobody in the part reads; files of `out` are left alone.
 */
export function selectActors(
  flow: Flow,
  selection: Selection,
): { ok: true; selected: Selected } | { ok: false; issues: readonly FlowIssue[] } {
  // Whom a message actor talks to, nobody knows, nor what those will read that it spawns: all of them take part.
  const hasMessages = [...flow.actors.values()].some(isMessageActor);
  const talking = [...flow.actors.values()].filter((actor) =>
    isMessageActor(actor) || (hasMessages && actor.isKept === true)
  );
  if (selection.kind === "all") {
    const actors = orderActors(flow, flow.outputs, talking);
    return { ok: true, selected: { actors, outputs: flow.outputs } };
  }
  const issues = namesOf(selection)
    .filter((name) => !flow.actors.has(name) && !flow.groups.has(name) && !flow.uses.has(name))
    .map((name) => ({ path: [], message: `Cannot select "${name}": ${listKnown(name, flow)}` }));
  if (issues.length > 0) return { ok: false, issues };
  if (selection.kind === "only") {
    const split = selection.actors.find((name) => isSplit(flow.actors.get(name)));
    if (split !== undefined) return { ok: false, issues: [{ path: [], message: describeSplit(split) }] };
    const outputs = [{ target: "-", streams: listStreams(selection.actors, flow) }];
    const needed = orderActors(flow, outputs);
    const actors = needed.some(isMessageActor) ? orderActors(flow, outputs, talking) : needed;
    return { ok: true, selected: { actors, outputs } };
  }
  return selectPrefix(flow, selection);
}

function describeSplit(name: string): string {
  return `Cannot select "${name}": it splits what it reads, and writes nothing to standard output (expected what it reads, or what reads of it)`;
}

/** What the named actors write to standard output; each stream once. */
function listStreams(names: readonly string[], flow: Flow): readonly StreamRef[] {
  const streams = names.flatMap((name) =>
    flow.uses.get(name)?.streams ??
      (flow.groups.get(name) ?? [name]).map((actor) => ({ actor, port: "stdout" }))
  );
  return [...new Map(streams.map((stream) => [streamKey(stream), stream])).values()];
}

/** The actors that a name stands for: itself, the instances of it, or what is inside of the flow that it uses. */
function actorsOf(name: string, flow: Flow): ReadonlySet<string> {
  if (!flow.uses.has(name)) return new Set(flow.groups.get(name) ?? [name]);
  const isInside = (box: string): boolean => box === name || groupOf(box) === name;
  return new Set([...flow.actors.keys()].filter((actor) => boxesOf(actor).some(isInside)));
}

function selectPrefix(
  flow: Flow,
  selection: Exclude<Selection, { kind: "all" | "only" }>,
): ReturnType<typeof selectActors> {
  const order = orderActors(flow, flow.outputs);
  const part = selectBefore(order, { flow, selection });
  if (part === undefined) {
    const name = namesOf(selection)[0] ?? "";
    return {
      ok: false,
      issues: [{ path: [], message: `Cannot stop at "${name}": no output of the flow needs this actor` }],
    };
  }
  const isWhole = order.every((actor) => part.has(actor.name) || !(isProcess(actor) || isSplit(actor)));
  if (isWhole) return { ok: true, selected: { actors: order, outputs: flow.outputs } };
  const processes = order.filter((actor) => part.has(actor.name) && isProcess(actor));
  const read = new Set(processes.flatMap(streamsInto).map((stream) => `${stream.actor} ${stream.port}`));
  const streams = processes.map((actor) => ({ actor: actor.name, port: "stdout" }))
    .filter((stream) => !read.has(`${stream.actor} ${stream.port}`));
  const outputs = streams.length === 0 ? [] : [{ target: "-", streams }];
  return { ok: true, selected: { actors: orderActors(flow, outputs, processes), outputs } };
}

/**
 * The actors that come before the one named, or up to it. All instances of an actor are one: up to the last of them, but
 * not what reads of any.
 */
function selectBefore(
  order: readonly Actor[],
  { flow, selection }: {
    readonly flow: Flow;
    readonly selection: Exclude<Selection, { kind: "all" | "only" }>;
  },
): ReadonlySet<string> | undefined {
  const name = selection.kind === "one-step" ? order.find(isProcess)?.name : selection.actor;
  if (name === undefined) return new Set(order.map((actor) => actor.name));
  const group = selection.kind === "one-step" ? groupOf(name) : name;
  const named = flow.uses.has(group) || flow.groups.has(group) ? actorsOf(group, flow) : new Set([name]);
  const last = order.findLastIndex((actor) => named.has(actor.name));
  if (last === -1) return undefined;
  const behind = new Set<string>();
  const part = new Set<string>();
  for (const actor of order.slice(0, last + 1)) {
    if (named.has(actor.name)) {
      if (selection.kind !== "stop-before") part.add(actor.name);
    } else if (streamsInto(actor).some((stream) => named.has(stream.actor) || behind.has(stream.actor))) {
      behind.add(actor.name);
    } else part.add(actor.name);
  }
  return part;
}

function namesOf(selection: Selection): readonly string[] {
  if (selection.kind === "only") return selection.actors;
  return selection.kind === "stop-before" || selection.kind === "stop-after" ? [selection.actor] : [];
}

/** Every stream an actor reads, stdin first as declared. */
export function streamsInto(actor: Actor): readonly StreamRef[] {
  return actor.inputs.flatMap((input) => input.streams);
}

/** The actors that the outputs (and the actors in `also`) need, producers first. Without recursion. */
function orderActors(
  flow: Flow,
  outputs: readonly FlowOutput[],
  also: readonly Actor[] = [],
): readonly Actor[] {
  const done = new Set<string>();
  const order: Actor[] = [];
  const roots = [
    ...outputs.flatMap((output) => output.streams.map((stream) => stream.actor)),
    ...also.map((a) => a.name),
  ];
  for (const root of roots) {
    const stack = [{ name: root, isExpanded: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const actor = flow.actors.get(top.name);
      if (actor === undefined || done.has(top.name)) continue;
      if (top.isExpanded) {
        done.add(top.name);
        order.push(actor);
        continue;
      }
      stack.push({ name: top.name, isExpanded: true });
      for (let port = actor.inputs.length - 1; port >= 0; port--) {
        const streams = actor.inputs[port]?.streams ?? [];
        for (let at = streams.length - 1; at >= 0; at--) {
          const name = streams[at]?.actor;
          if (name !== undefined && !done.has(name)) stack.push({ name, isExpanded: false });
        }
      }
    }
  }
  return order;
}

function listKnown(name: string, flow: Flow): string {
  const group = groupOf(name);
  const instances = flow.groups.get(group);
  if (instances !== undefined) {
    return `actor "${group}" has no such instance (${meant(name, instances)}instances: ${
      listSome(instances)
    })`;
  }
  const members = name === group ? undefined : membersOf(group, flow);
  if (members !== undefined) {
    return `the members of set "${members.set}" come while the flow runs (expected "${group}", which is all of them)`;
  }
  const names = [
    ...new Set([
      ...[...flow.actors.keys()].map(groupOf),
      ...flow.groups.keys(),
      ...[...flow.uses.keys()].map(groupOf),
    ]),
  ];
  return `there is no such actor (${meant(name, names)}actors: ${listSome(names)})`;
}

/** How the instances of an actor come, or of a flow that is used for each record. */
function membersOf(group: string, { actors }: Flow): Members | undefined {
  const inner = actors.get(group) ?? [...actors.values()].find(({ name }) => boxesOf(name).includes(group));
  return inner?.members;
}

/** The name that is hardly another one; looked for among so many only. */
function meant(name: string, known: readonly string[]): string {
  const far = Math.min(2, Math.floor(name.length / 2));
  const near = known.slice(0, NEAR_NAMES_MAX).find((each) =>
    Math.abs(each.length - name.length) <= far && editDistance(name, each) <= far
  );
  return near === undefined ? "" : `did you mean "${near}"? `;
}

function listSome(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(", ")}, …` : names.join(", ");
}

/** Every stream that somebody in the flow reads. */
export function listRead(flow: Flow): readonly StreamRef[] {
  return [
    ...[...flow.actors.values()].flatMap(streamsInto),
    ...flow.outputs.flatMap(({ streams }) => streams),
  ];
}
