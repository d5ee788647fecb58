/**
 * How the processes of one member of a pool are joined. A pipe where that is safe: one reader, nobody who is run again,
 * and no second way to the same reader, which bounded pipes could close to a ring. Otherwise a file, whose readers
 * start when its writer has ended well.
 */
import type { Actor, FlowOutput, Merge, StreamRef } from "../core/flow.ts";
import { isOwnRecords, streamKey } from "../core/flow.ts";
import type { MemberPool, Plan } from "../core/plan.ts";
import { MemberEdges } from "./plan_members.ts";

/** Where one stream of a member goes. */
export type MemberOutput =
  | { readonly way: "unread" }
  | { readonly way: "pipe"; readonly to: string }
  | { readonly way: "out" }
  /** `out` is the output of the flow that it becomes. */
  | {
    readonly way: "file";
    /** To readers outside, too. */
    readonly isGivenOn: boolean;
    readonly out?: FlowOutput;
    /** Its process writes into the cache. */
    readonly isCached?: true;
  };

/** Streams of a member, one after the other. Several are put together in a file. */
export interface MemberInput {
  readonly streams: readonly StreamRef[];
  readonly merge: Merge;
}

export interface MemberPlan {
  /** By stream. */
  readonly outputs: ReadonlyMap<string, MemberOutput>;
  /** Actor and port to what of the same member comes there. */
  readonly inputs: ReadonlyMap<string, MemberInput>;
  /** Actor to those that have to have ended before it starts. */
  readonly after: ReadonlyMap<string, ReadonlySet<string>>;
}

/** `isKept`: what is given on is kept until the end of the run. */
export function planMember(
  pool: MemberPool,
  { joins, isKept = false }: Pick<Plan, "joins"> & { readonly isKept?: boolean },
): MemberPlan {
  const edges = new MemberEdges([pool]);
  const own = new Map(pool.actors.map((actor) => [actor.name, actor]));
  const inputs = new Map<string, MemberInput>();
  const readers = new Map<string, Actor[]>();
  for (const actor of pool.actors) {
    for (const input of actor.inputs) {
      if (!isOwnRecords(actor, input)) continue;
      inputs.set(streamKey({ actor: actor.name, port: input.name }), input);
    }
  }
  const isGivenOn = new Set<string>();
  for (const { to, merge, edges: ends } of joins) {
    const reader = to.kind === "actor" ? own.get(to.actor) : undefined;
    if (to.kind !== "actor" || reader === undefined || !edges.isInner(ends[0]?.from, reader)) continue;
    const streams = ends.map(({ from }) => from);
    inputs.set(streamKey(to), { streams, merge });
    for (const from of streams.map(streamKey)) readers.set(from, [...readers.get(from) ?? [], reader]);
  }
  for (const { to, edges: ends } of joins) {
    if (to.kind === "actor" && own.has(to.actor)) continue;
    for (const { from } of ends) if (own.has(from.actor)) isGivenOn.add(streamKey(from));
  }
  const countInputs = ({ name }: Actor): number =>
    [...readers.values()].reduce((sum, of) => sum + of.filter((reader) => reader.name === name).length, 0);
  const outputs = new Map<string, MemberOutput>();
  const after = new Map(pool.actors.map(({ name }) => [name, new Set<string>()]));
  for (const writer of pool.actors) {
    for (const port of portsOf(writer)) {
      const key = streamKey({ actor: writer.name, port });
      const to = readers.get(key) ?? [];
      const out = pool.files.find(({ streams }) => streams.some((stream) => streamKey(stream) === key));
      const output = chooseWay(writer, {
        out,
        isKept,
        readers: to,
        isGivenOn: isGivenOn.has(key),
        countInputs,
      });
      outputs.set(key, output);
      if (output.way === "file") { for (const { name } of to) after.get(name)?.add(writer.name); }
    }
  }
  return { outputs, inputs, after };
}

function chooseWay(
  writer: Actor,
  { out, isKept, readers, isGivenOn, countInputs }: {
    readonly isKept: boolean;
    readonly out: FlowOutput | undefined;
    readonly readers: readonly Actor[];
    readonly isGivenOn: boolean;
    readonly countInputs: (actor: Actor) => number;
  },
): MemberOutput {
  const cached = isCached(writer) ? { isCached: true } as const : {};
  if (out !== undefined) return { way: "file", isGivenOn, out, ...cached };
  const [reader, ...others] = readers;
  if (reader === undefined && isGivenOn && (isKept || isCached(writer))) {
    return { way: "file", isGivenOn, ...cached };
  }
  if (reader === undefined) return { way: isGivenOn ? "out" : "unread" };
  const isSafe = others.length === 0 && !isGivenOn && countInputs(reader) === 1 &&
    [writer, reader].every((actor) => actor.retry === undefined && !isCached(actor));
  return isSafe ? { way: "pipe", to: reader.name } : { way: "file", isGivenOn, ...cached };
}

function isCached({ members }: Actor): boolean {
  return members?.isCached === true;
}

function portsOf({ outputs }: Actor): readonly string[] {
  return ["stdout", "stderr", ...outputs.map(({ name }) => name)];
}
