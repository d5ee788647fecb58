/**
 * From a checked flow to a plan: the actors that take part, their edges, and how each edge is carried.
 */
import type { Actor, Flow, InputPort, KeyedOutput, Merge, StreamRef } from "../core/flow.ts";
import { isKeyed, isMessageActor, isOwnRecords, isProcess, isSplit, streamKey } from "../core/flow.ts";
import type { FlowIssue } from "../core/issue.ts";
import type { Edge, EdgeTarget, Join, Plan, PlannedSplit, Selection } from "../core/plan.ts";
import type { BareEdge, CarrierContext } from "./choose_carrier.ts";
import { chooseCarrier } from "./choose_carrier.ts";
import { findBridges } from "./find_bridges.ts";
import { MemberEdges, planMembers } from "./plan_members.ts";
import { selectActors } from "./select_actors.ts";

export interface PlanOptions {
  /** @default {kind: "all"} */
  readonly selection?: Selection;
  /** @default what the flow says */
  readonly start?: "eager" | "lazy";
  /** Most processes at the same time. @default what the flow says, else all */
  readonly processes?: number;
  /** `stream`: standard input comes from the caller's stream, so no descriptor can be handed over. @default "inherit" */
  readonly stdin?: "inherit" | "stream";
  /** The same for standard output. @default "inherit" */
  readonly stdout?: "inherit" | "stream";
  /** True when everything that passes is captured. @default false */
  readonly isCaptured?: boolean;
  /**
   * Tells what a file is: of a named pipe whoever opens it may wait for the other end, of a device whoever reads it.
   * @default files that never let anybody wait
   */
  readonly kindOfFile?: (path: string) => "file" | "pipe" | "device";
  /** False where nobody can be asked which processes have a file open. @default true */
  readonly canLook?: boolean;
}

/** Plans a flow. Pure, linear in actors and edges; the only issues are unknown names in the selection. */
export function planFlow(
  flow: Flow,
  options: PlanOptions = {},
): { ok: true; plan: Plan } | { ok: false; issues: readonly FlowIssue[] } {
  const chosen = selectActors(flow, options.selection ?? { kind: "all" });
  if (!chosen.ok) return chosen;
  const { actors } = chosen.selected;
  const outputs = chosen.selected.outputs.filter((output) =>
    output.members === undefined && !isKeyed(output)
  );
  const keyed = chosen.selected.outputs.filter(isKeyed);
  const start = options.start ?? flow.start;
  const allowed = options.processes ?? flow.limits.processes ?? Infinity;
  const hasPlaces = allowed < countProcesses(actors);
  const pools = planMembers(actors, {
    placesMax: Number.isFinite(allowed) ? allowed : undefined,
    isWithheld: flow.onFailure === "continue",
    files: chosen.selected.outputs.filter(({ members }) => members !== undefined),
  });
  if (!pools.ok) return pools;
  const members = new MemberEdges(pools.pools);
  const { kindOfFile = () => "file", canLook = true } = options;
  const { namedPipes, readOnce } = findReadOnce(actors, kindOfFile);
  const inputs = listBareJoins(flow, { actors, outputs, members, readOnce });
  const bare = inputs.flatMap(({ to, streams }) => streams.map((from): BareEdge => ({ from, to })));
  const bridges = findBridges(...toUndirected(bare, { actors: flow.actors, readOnce }));
  const context: CarrierContext = {
    actors: flow.actors,
    members,
    start,
    hasPlaces,
    stdin: options.stdin ?? "inherit",
    stdout: options.stdout ?? "inherit",
    isCaptured: options.isCaptured ?? false,
    namedPipes,
    readOnce,
    pipeTargets: new Set(
      outputs.map(({ target }) => target).filter((at) => at !== "-" && kindOfFile(at) === "pipe"),
    ),
    canLook,
    ...countReaders(bare),
  };
  const joins = planJoins(inputs, { context, bridges });
  return {
    ok: true,
    plan: {
      flow,
      actors,
      outputs,
      joins,
      edges: joins.flatMap((join) => join.edges),
      start,
      namedPipes,
      readOnce,
      memberPools: pools.pools,
      splits: planSplits(actors, keyed),
      ...(hasPlaces ? { processes: allowed } : {}),
    },
  };
}

/** Message actors have as many processes as they are sent for; members have places of their own. */
function countProcesses(actors: readonly Actor[]): number {
  return actors.filter((actor) => isProcess(actor) && !isMessageActor(actor) && actor.members === undefined)
    .length;
}

/** The `file` actors that are named pipes, and all that can be read once. */
function findReadOnce(
  actors: readonly Actor[],
  kindOfFile: NonNullable<PlanOptions["kindOfFile"]>,
): Pick<Plan, "namedPipes" | "readOnce"> {
  const kinds = actors.flatMap(({ name, source }): [string, string][] =>
    source.kind === "file" ? [[name, kindOfFile(source.path)]] : []
  );
  return {
    namedPipes: new Set(kinds.flatMap(([name, kind]) => kind === "pipe" ? [name] : [])),
    readOnce: new Set(kinds.flatMap(([name, kind]) => kind === "file" ? [] : [name])),
  };
}

/** The actors that split what they read, each with its files. */
function planSplits(actors: readonly Actor[], keyed: readonly KeyedOutput[]): readonly PlannedSplit[] {
  return actors.filter(isSplit).map((actor) => ({
    actor,
    files: keyed.filter(({ streams }) => streams.some((stream) => stream.actor === actor.name)),
    isGrouped: actors.some(({ members }) => members?.keysOf === actor.name),
  }));
}

/** What a cached actor reads is looked up before it is started, so it is complete by then; what is kept is so already. */
function isGathered(
  actor: Actor,
  { input, actors, members, readOnce }: InputPlace,
): boolean {
  // What comes from elsewhere every member reads for itself.
  if (actor.members !== undefined) {
    return input.name !== actor.members.port && !members.isInner(input.streams[0], actor);
  }
  if (input.isFile === true) return true;
  if (actor.isCached !== true) return false;
  return input.streams.some(({ actor: name }) => {
    const from = actors.get(name);
    if (from === undefined) return false;
    // Whether it was loaded or not: the same key.
    return from.isLoaded === true || from.source.kind === "stdin" || readOnce.has(name) || isSplit(from) ||
      (isProcess(from) && from.isCached !== true);
  });
}

interface InputPlace {
  readonly input: InputPort;
  readonly actors: ReadonlyMap<string, Actor>;
  readonly members: MemberEdges;
  /** Files that can be read once. */
  readonly readOnce: ReadonlySet<string>;
}

/** A join whose edges have no numbers and no carriers yet. */
interface BareJoin {
  readonly to: EdgeTarget;
  readonly merge: Merge;
  readonly isFile: Pick<Join, "isFile">;
  readonly streams: readonly StreamRef[];
}

/** What is read of streams: by the inputs of actors, and by the outputs of the flow. */
function listBareJoins(
  flow: Flow,
  { actors, outputs, members, readOnce }: Pick<InputPlace, "members" | "readOnce"> & {
    readonly actors: readonly Actor[];
    readonly outputs: Plan["outputs"];
  },
): readonly BareJoin[] {
  return [
    ...actors.flatMap((actor) =>
      actor.inputs.filter((input) => members.takes(actor, input.name) && !isOwnRecords(actor, input))
        .map((input) => toBareJoin(actor, { input, actors: flow.actors, members, readOnce }))
    ),
    ...outputs.map(({ target, streams }): BareJoin => ({
      to: { kind: "output", target },
      // Message actors write as long as the flow lives.
      merge: streams.some(({ actor }) => isMessageActor(flow.actors.get(actor))) ? "lines" : "concat",
      isFile: {},
      streams,
    })),
  ];
}

/** Numbers the edges, and chooses what carries each. */
function planJoins(
  bare: readonly BareJoin[],
  { context, bridges }: { readonly context: CarrierContext; readonly bridges: ReadonlySet<number> },
): readonly Join[] {
  let next = 0;
  return bare.map(({ to, merge, isFile, streams }) => ({
    to,
    merge,
    ...isFile,
    edges: streams.map((from): Edge => {
      const id = next++;
      const isOnCycle = !bridges.has(id);
      const place = { context, isOnCycle, joined: streams.length, ...isFile };
      return { id, from, to, isOnCycle, ...chooseCarrier({ from, to }, place) };
    }),
  }));
}

function toBareJoin(
  actor: Actor,
  { input, actors, ...place }: InputPlace,
): BareJoin {
  return {
    to: { kind: "actor", actor: actor.name, port: input.name },
    merge: input.merge,
    isFile: isGathered(actor, { input, actors, ...place }) ? { isFile: true } : {},
    streams: input.streams,
  };
}

function countReaders(edges: readonly BareEdge[]): Pick<CarrierContext, "readers" | "readStreams"> {
  const readers = new Map<string, number>();
  const readStreams = new Map<string, number>();
  for (const { from } of edges) {
    const key = streamKey(from);
    const count = readers.get(key) ?? 0;
    readers.set(key, count + 1);
    if (count === 0) readStreams.set(from.actor, (readStreams.get(from.actor) ?? 0) + 1);
  }
  return { readers, readStreams };
}

/**
 * The nodes are processes, the engine's standard input and the outputs. Each use of a value or a file is a node
 * of its own: it can be read again from the start for every reader, so it makes nobody wait for another reader.
 */
function toUndirected(
  edges: readonly BareEdge[],
  { actors, readOnce }: Pick<CarrierContext, "actors" | "readOnce">,
): [number, { a: number; b: number }[]] {
  const numbers = new Map<string, number>();
  let count = 0;
  const numberOf = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, count);
    return count++;
  };
  const undirected = edges.map(({ from, to }) => {
    const kind = actors.get(from.actor)?.source.kind;
    const isOwn = (kind === "value" || kind === "file") && !readOnce.has(from.actor);
    const a = isOwn ? count++ : numberOf(`actor ${from.actor}`);
    return { a, b: numberOf(to.kind === "actor" ? `actor ${to.actor}` : `output ${to.target}`) };
  });
  return [count, undirected];
}
