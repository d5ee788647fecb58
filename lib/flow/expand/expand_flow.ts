/**
 * From a checked flow whose actors may be over sets to one of ordinary actors: each instance is an actor of its own that
 * reads the streams of its members. What works on the flow afterwards knows nothing of sets.
 */
import { availableParallelism } from "node:os";
import type { Actor, Flow, FlowOutput, InputPort, Members, StreamRef, UsedFlow } from "../../core/flow.ts";
import { isProcess } from "../../core/flow.ts";
import { groupOf } from "../../core/instance.ts";
import { INSTANCE_STREAMS_MAX } from "../../core/limits/sets.ts";
import type { ActorDraft, MembersDraft } from "../check/actor_draft.ts";
import type { CheckContext } from "../check/check_context.ts";
import type { OutputDraft } from "../check/output_draft.ts";
import { quote } from "../schema/names.ts";
import { InstanceTable } from "./instance_table.ts";
import { type Member, type MemberSet, recordsPort } from "./member.ts";
import { findReferences } from "./set_scope.ts";

/** A flow as far as it is checked; its streams are those of actors, not yet of instances. */
export interface Unexpanded {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  readonly inputs: ReadonlyMap<string, readonly InputPort[]>;
  readonly aliases: ReadonlyMap<string, readonly StreamRef[]>;
  readonly outputs: readonly OutputDraft[];
  readonly ports: ReadonlyMap<string, readonly StreamRef[]>;
}

export interface Expanded {
  readonly actors: ReadonlyMap<string, Actor>;
  readonly aliases: ReadonlyMap<string, readonly StreamRef[]>;
  readonly outputs: readonly FlowOutput[];
  /** Each actor over sets, and the names of its instances. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly uses: ReadonlyMap<string, UsedFlow>;
  /** Those of flows that are used. */
  readonly secrets: readonly string[];
  readonly ports: ReadonlyMap<string, readonly StreamRef[]>;
}

export interface Expanding {
  readonly actorOf: (draft: ActorDraft, inputs: readonly InputPort[]) => Actor;
  readonly check: CheckContext;
}

/** Makes the actors; what is too much is reported. */
export function expandFlow(
  { drafts, inputs, aliases, outputs, ports: offered }: Unexpanded,
  { actorOf, check }: Expanding,
): Expanded {
  const table = new InstanceTable(drafts);
  const actors = new Map<string, Actor>();
  const groups = new Map<string, readonly string[]>();
  let count = 0;
  /** Of which actors it is told what is not there for an input; all instances have it for the same reason. */
  const told = new Set<string>();
  const add = (
    draft: ActorDraft,
    { of, members }: { of: ActorDraft; members?: ReadonlyMap<string, Member> },
  ): void => {
    const stream = draft.each?.stream;
    const records = stream && recordsPort(stream.set);
    const ports = (inputs.get(of.name) ?? []).map((port): InputPort => ({
      ...port,
      // All instances are of the same records.
      streams: table.resolve(port.streams, port.name === records ? undefined : members),
    }));
    for (const { name, streams } of ports) {
      count += streams.length;
      if (streams.length > 0 || name === "stdin" || told.has(`${of.name}.${name}`)) continue;
      told.add(`${of.name}.${name}`);
      reportEmpty(name, { of, check });
    }
    const there = ports.filter(({ streams }) => streams.length > 0);
    const actor = actorOf(draft, there);
    actors.set(
      draft.name,
      stream === undefined ? actor : { ...actor, members: membersOf(stream, there, actorOf) },
    );
  };
  for (const of of drafts.values()) {
    if (of.each === undefined) {
      add(of, { of });
      continue;
    }
    if (of.each.stream !== undefined && of.each.sets.length === 1) {
      add(of, { of });
      continue;
    }
    groups.set(of.name, of.each.instances.map(({ name }) => name));
    for (const { draft, members } of of.each.instances) {
      add(draft, { of, members });
      if (count > INSTANCE_STREAMS_MAX) break;
    }
    if (count <= INSTANCE_STREAMS_MAX) continue;
    const message = `Cannot connect the instances of actor ${
      quote(of.name)
    }: those of the flow would read more than ${INSTANCE_STREAMS_MAX} streams together (expected actors over the same sets, or one that gathers)`;
    check.report({ path: ["actors", of.name, "in"], message, at: "key" });
    break;
  }
  const resolveAll = (lists: ReadonlyMap<string, readonly StreamRef[]>) =>
    new Map([...lists].map(([name, streams]) => [name, table.resolve(streams)]));
  return {
    actors,
    groups,
    uses: new Map(),
    secrets: [],
    ports: resolveAll(offered),
    aliases: resolveAll(aliases),
    outputs: outputs.map(({ members, ofMembers, ...output }) => ({
      ...output,
      ...(ofMembers === undefined ? {} : { members: ofMembers }),
      streams: table.resolve(output.streams, members),
    })),
  };
}

function membersOf(
  { set, keysOf, order, isCached, make }: MembersDraft,
  inputs: readonly InputPort[],
  actorOf: Expanding["actorOf"],
): Members {
  const port = recordsPort(set);
  const own = inputs.filter(({ name }) => name !== port);
  return {
    set,
    ...(keysOf === undefined ? {} : { keysOf }),
    port,
    order,
    atOnce: availableParallelism(),
    ...(isCached ? { isCached } : {}),
    make: (record, index) => {
      const made = make(record, index);
      return made.ok ? { ok: true, actor: actorOf(made.draft, own) } : made;
    },
  };
}

/** The sets that no actor is over and no file name of `out` names. */
export function listUnused({ drafts, outputs, sets }: Pick<Unexpanded, "drafts" | "outputs"> & {
  readonly sets: ReadonlyMap<string, MemberSet>;
}): readonly string[] {
  const used = new Set([
    ...[...drafts.values()].flatMap(({ each }) => each?.sets ?? []),
    ...outputs.flatMap(({ of }) => of === undefined ? [] : findReferences(of, sets).map(({ set }) => set)),
  ]);
  return [...sets.keys()].filter((name) => !used.has(name));
}

/**
 * How many processes run at a time where instances make it many and the flow does not say: one for each processor, but
 * as many as the flow has actors, so that a pipeline of them can move.
 */
export function defaultProcesses(drafts: ReadonlyMap<string, ActorDraft>): number | undefined {
  const all = [...drafts.values()];
  if (
    all.every(({ each, used }) =>
      (each === undefined || each.stream !== undefined) && (used?.flow.groups.size ?? 0) === 0
    )
  ) {
    return undefined;
  }
  const counts = all.map(({ kind, used }) => kind === "process" ? 1 : countProcesses(used?.flow));
  return Math.max(availableParallelism(), counts.reduce((sum, count) => sum + count, 0));
}

/** Of a flow that is used, as many as it has actors. */
function countProcesses(flow: Flow | undefined): number {
  return new Set([...flow?.actors.values() ?? []].filter(isProcess).map(({ name }) => groupOf(name))).size;
}

/** Standard input may be empty; a file or pipe by a name needs somebody who writes it. */
function reportEmpty(
  port: string,
  { of, check }: { readonly of: ActorDraft; readonly check: CheckContext },
): void {
  const message = `Cannot fill input ${quote(port)} of actor ${
    quote(of.name)
  }: what it reads is over a set without members (expected at least one)`;
  check.report({ path: ["actors", of.name, "in", port], message });
}
