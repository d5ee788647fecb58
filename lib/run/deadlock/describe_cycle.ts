/**
 * A cycle of the wait-for graph in the words of the flow.
 */
import type { WaitStep } from "../../core/wait.ts";
import { PIPE_BYTES } from "../../core/limits/streams.ts";
import type { EdgeState, StreamState } from "../../pipe/state/relay_states.ts";
import { heldFor } from "./wait_nodes.ts";
import type { WaitContext } from "./watched.ts";

/** One step for each actor (or output) that waits, in the order of waiting; `cycle` ends with its first node. */
export function describeCycle(cycle: readonly string[], context: WaitContext): readonly WaitStep[] {
  const pairs = cycle.slice(0, -1).map((node, at) => [node, cycle[at + 1] ?? ""] as const);
  const steps = pairs.flatMap(([node, next]) => describe(node, { next, context }));
  return steps.length > 0 ? steps : pairs.flatMap(([node, next]) => describeWorker(node, { next, context }));
}

/** In a ring among the workers of one actor: one of them waits for the turn of its output. */
function describeWorker(
  node: string,
  { next, context }: { readonly next: string; readonly context: WaitContext },
): readonly WaitStep[] {
  const [kind] = split(node);
  const [nextKind, id] = split(next);
  const [edge] = kind === "copy" && nextKind === "stream"
    ? context.relays.streams[Number(id)]?.edges ?? []
    : [];
  if (edge === undefined) return [];
  const found = step(edge, "write", context);
  return [{ ...found, waitsFor: found.waiter }];
}

function describe(
  node: string,
  { next, context }: { readonly next: string; readonly context: WaitContext },
): readonly WaitStep[] {
  const { relays, topology, actors } = context;
  const [kind, id] = split(node);
  const [nextKind, nextId] = split(next);
  if (kind === "stream" && nextKind === "join") {
    // The stream waits for the reader of an edge: its writer cannot write.
    const stream = relays.streams[Number(id)];
    // That of a key waits for what is split: whoever reads it tells that it is empty.
    if (topology.splits?.some(({ join }) => join === Number(nextId)) === true) return [];
    const edge = stream?.edges.find(({ join }) => join.id === Number(nextId)) ?? stream?.edges[0];
    return edge === undefined ? [] : [step(edge, "write", context)];
  }
  if (kind === "stream" && nextKind === "actor") {
    // What is withheld until its writer has ended has no more room.
    const [edge] = relays.streams[Number(id)]?.edges ?? [];
    return edge?.stream.isWithheld === true ? [{ ...step(edge, "write", context), waitsFor: nextId }] : [];
  }
  if (kind === "join" && nextKind === "unit") {
    // What it is to be given is withheld until all of them have ended well.
    const edge = relays.joins[Number(id)]?.edges.find(({ isWithheld }) => isWithheld);
    return edge === undefined ? [] : [step(edge, "read", context)];
  }
  if (kind === "join" && nextKind === "stream") {
    const edge = relays.joins[Number(id)]?.edges.find(({ stream }) => stream.id === Number(nextId));
    return edge === undefined ? [] : [step(edge, "read", context)];
  }
  if (kind === "actor" && nextKind === "actor" && actors.get(id)?.is === "running") {
    // It reads a pipe that the other (or it) is to write.
    const pid = actors.get(id)?.pid;
    const read = { waiter: id, does: "read", from: nextId, to: id, waitsFor: nextId } as const;
    return [{ ...read, ...(pid === undefined ? {} : { pid }), heldBytes: 0, capacityBytes: 0 }];
  }
  if (kind !== "actor" || actors.get(id)?.is !== "waiting") return [];
  // It waits for a file that another join fills, or for a stream.
  const file = nextKind === "join" ? relays.joins[Number(nextId)] : undefined;
  const stream = file === undefined ? relays.streams[Number(nextId)] : file.edges[file.current]?.stream;
  const [join] = actors.get(id)?.joins ?? [];
  const waitsFor = nextKind === "actor" ? nextId : topology.streams[stream?.id ?? -1]?.writer ?? "";
  return [{
    waiter: id,
    does: "start",
    from: topology.streams[stream?.id ?? -1]?.name ?? "",
    to: topology.joins[join?.id ?? -1]?.name ?? id,
    waitsFor,
    heldBytes: 0,
    capacityBytes: 0,
  }];
}

function step(edge: EdgeState, does: "write" | "read", { topology, actors, relays }: WaitContext): WaitStep {
  const from = topology.streams[edge.stream.id];
  const to = topology.joins[edge.join.id];
  const split = topology.splits?.find(({ streams }) =>
    streams.some(({ stream }) => stream === edge.stream.id)
  );
  const writer = from?.writer ?? split?.actor ?? from?.name ?? "";
  const reader = to?.reader ?? to?.name ?? "";
  const waiter = does === "write" ? writer : reader;
  const pid = actors.get(waiter)?.pid;
  return {
    waiter,
    ...(pid === undefined ? {} : { pid }),
    does,
    from: from?.name ?? "",
    to: to?.name ?? "",
    waitsFor: does === "write" ? reader : writer,
    heldBytes: heldFor(edge) + (edge.stream.edges.length === 1 ? relays.heldInPipe(edge.stream) : 0),
    capacityBytes: capacityOf(edge),
  };
}

/** What the edge may hold before its writer waits: the kernel's pipe and the engine's log. */
function capacityOf(
  { capacity, stream }: { readonly capacity: number; readonly stream: StreamState },
): number {
  return Number.isFinite(capacity) && !stream.log.lacksRoom
    ? capacity + (stream.edges.length === 1 ? PIPE_BYTES : 0)
    : 0;
}

function split(node: string): [string, string] {
  return [node.slice(0, node.indexOf(" ")), node.slice(node.indexOf(" ") + 1)];
}
