/**
 * Which relays a plan needs: its relayed streams and joins, the other ways of streams, and what the thread is told of them.
 */
import type { Actor } from "../../core/flow.ts";
import { isMessageActor, isProcess, isSplit, KEYS_PORT, streamKey, streamName } from "../../core/flow.ts";
import { keyIn } from "../../core/instance.ts";
import type { Edge, Join, Plan } from "../../core/plan.ts";
import { nameTarget } from "../../core/plan.ts";
import { isKeptForCached, leadsInto, leadsOut } from "../../graph/choose_carrier.ts";
import type {
  PoolTopology,
  RelayTopology,
  SplitTopology,
  UnitTopology,
} from "../../pipe/state/relay_topology.ts";

/** A stream as the run sees it. `key` is that of its stream; a source has a stream for each of its edges. */
export interface RelayedStream {
  readonly id: number;
  readonly edges: readonly Edge[];
  /** Resolves when it was read to its end, or is not read any more. */
  readonly ended: Promise<void>;
}

export type SidePurpose = "capture" | "keep";

/** Another way of a stream: into the capture, when its relay cannot copy it on the way, or to what is kept. */
export interface SideEdge {
  readonly purpose: SidePurpose;
  readonly id: number;
  readonly edge: number;
  readonly of: RelayedStream;
}

export interface RelayedJoin {
  readonly id: number;
  readonly join: Join;
}

/** What the thread is told of all streams, joins and pools. */
export function makeTopology(
  plan: Plan,
  { streams, joins, sides, pools, edgeCount }: {
    readonly streams: readonly RelayedStream[];
    readonly joins: readonly RelayedJoin[];
    readonly sides: readonly SideEdge[];
    readonly pools: readonly PoolTopology[];
    readonly edgeCount: number;
  },
): RelayTopology {
  const { actors } = plan.flow;
  const leads = listLeads(plan);
  return {
    streams: streams.map(({ id, edges }) => {
      const from = edges[0]?.from;
      const writer = from === undefined ? undefined : actors.get(from.actor);
      return {
        edges: [
          ...edges.map(({ id }) => id),
          ...sides.filter(({ of }) => of.id === id).map(({ edge }) => edge),
        ],
        name: from === undefined ? "" : streamName(from),
        // Message actors write and read through the engine, which waits for nobody.
        writer: writer !== undefined && isProcess(writer) && !isMessageActor(writer)
          ? leads.get(writer.name) ?? writer.name
          : undefined,
        // The output of a worker is withheld by its pool.
        isWithheld: writer?.retry !== undefined && !isPooled(writer) && writer.isCached !== true,
      };
    }),
    joins: [
      ...joins.map(({ join }) => toJoin(join, { actors, leads })),
      ...sides.map(toSideJoin),
    ],
    edgeCount,
    kept: plan.edges.flatMap((edge) =>
      edge.to.kind === "actor" && isKeptForCached(edge, actors)
        ? [{ writer: edge.from.actor, reader: edge.to.actor }]
        : []
    ),
    pools,
    splits: listSplits(plan, { streams, joins }),
    written: plan.splits.length === 0 ? [] : plan.outputs.map(({ target }) => target),
  };
}

/** Of the actors over a set of a stream, the search for rings knows the one by which their pool goes. */
function listLeads({ memberPools }: Plan): ReadonlyMap<string, string> {
  return new Map(
    memberPools.flatMap((pool) => pool.actors.map(({ name }) => [name, pool.actors[0]?.name ?? name])),
  );
}

function toJoin(
  { merge, edges, to, isFile }: Join,
  { actors, leads }: {
    readonly actors: ReadonlyMap<string, Actor>;
    readonly leads: ReadonlyMap<string, string>;
  },
): RelayTopology["joins"][number] {
  const reader = to.kind === "actor" ? actors.get(to.actor) : undefined;
  return {
    merge,
    edges: edges.map(({ id }) => id),
    name: nameTarget(to),
    // What splits its input is no process either.
    reader: reader === undefined || isMessageActor(reader) || isSplit(reader)
      ? undefined
      : leads.get(reader.name) ?? reader.name,
    isKept: reader?.retry !== undefined && !isPooled(reader) && isFile !== true,
    isFile: isFile === true,
  };
}

/** The actors that split what they read. */
function listSplits(
  plan: Plan,
  { streams, joins }: { readonly streams: readonly RelayedStream[]; readonly joins: readonly RelayedJoin[] },
): readonly SplitTopology[] {
  return plan.splits.flatMap(({ actor: { name, source } }) => {
    const join = joins.find(({ join: { to } }) => to.kind === "actor" && to.actor === name);
    if (join === undefined || source.kind !== "split") return [];
    const read = streams.flatMap(({ id, edges: [edge] }) => {
      const key = edge?.from.actor === name ? keyIn(edge.from.port) : undefined;
      return key === undefined ? [] : [{ key, stream: id }];
    });
    const list = streams.find(({ edges: [edge] }) =>
      edge?.from.actor === name && edge.from.port === KEYS_PORT
    );
    return [{
      actor: name,
      rule: source.rule,
      join: join.id,
      streams: read,
      ...(list === undefined ? {} : { keys: list.id }),
    }];
  });
}

/** It is several processes, whose pool puts together what they write. */
function isPooled({ workers, members }: Actor): boolean {
  return workers !== undefined || members !== undefined;
}

function toSideJoin({ edge, purpose }: SideEdge): RelayTopology["joins"][number] {
  const name = purpose === "capture" ? "a capture" : "what is kept";
  return { merge: "concat", edges: [edge], name, reader: undefined, isCopy: true };
}

/** The actors with workers, and how they hang together with the relays. */
export function listPools(
  plan: Plan,
  { streams, joins }: { readonly streams: readonly RelayedStream[]; readonly joins: readonly RelayedJoin[] },
): readonly PoolTopology[] {
  return [
    ...listMemberPools(plan, { streams, joins }),
    ...plan.actors.flatMap(({ name, workers, retry }) => {
      const join = joins.find(({ join: { to } }) =>
        to.kind === "actor" && to.actor === name && to.port === "stdin"
      );
      if (workers === undefined || join === undefined) return [];
      const written = streams.filter(({ edges }) => edges[0]?.from.actor === name).map(({ id }) => id);
      const count = Math.min(workers.count, plan.processes ?? Infinity);
      return [{
        ...workers,
        count,
        actor: name,
        join: join.id,
        streams: written,
        isRetried: retry !== undefined,
      }];
    }),
  ];
}

/** The actors over sets of streams; each pool goes by its first actor. */
function listMemberPools(
  plan: Plan,
  { streams, joins }: { readonly streams: readonly RelayedStream[]; readonly joins: readonly RelayedJoin[] },
): readonly PoolTopology[] {
  return plan.memberPools.flatMap(({ actors, count, isWithheld }) => {
    const [first] = actors;
    if (first?.members === undefined) return [];
    const { name, members: { port, order } } = first;
    const join = joins.find(({ join: { to } }) =>
      to.kind === "actor" && to.actor === name && to.port === port
    );
    if (join === undefined) return [];
    const names = new Set(actors.map((actor) => actor.name));
    const written = streams.filter(({ edges: [edge] }) => edge !== undefined && names.has(edge.from.actor));
    return [{
      count,
      spread: { kind: "members" },
      order,
      headerLines: 0,
      actor: name,
      join: join.id,
      streams: written.map(({ id }) => id),
      isRetried: isWithheld,
    }];
  });
}

/** The relayed edges of each stream together; a value, a file, or what the cache keeps is read anew for every edge. */
export function groupStreams(plan: Plan): readonly (readonly Edge[])[] {
  const groups = new Map<string, Edge[]>();
  for (const edge of plan.edges) {
    if (edge.carrier !== "relay") continue;
    const source = plan.flow.actors.get(edge.from.actor)?.source.kind;
    const isOwn = source === "value" || (source === "file" && !plan.readOnce.has(edge.from.actor)) ||
      isKeptForCached(edge, plan.flow.actors);
    const key = isOwn ? `edge ${edge.id}` : streamKey(edge.from);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [edge]);
    else group.push(edge);
  }
  return [...groups.values()];
}

interface Relayed {
  readonly streams: readonly RelayedStream[];
  readonly joins: readonly RelayedJoin[];
  readonly sides: readonly SideEdge[];
}

/** The names of units, by their numbers in the topology. */
export function listUnitNames(plan: Pick<Plan, "actors">): readonly string[] {
  return [...new Set(plan.actors.flatMap((actor) => isProcess(actor) ? actor.unit?.name ?? [] : []))];
}

export function listUnits(plan: Plan, relayed: Relayed): readonly UnitTopology[] {
  return listUnitNames(plan).map((name) => toUnit(plan, { name, relayed }));
}

function toUnit(
  plan: Plan,
  { name, relayed: { streams, joins, sides } }: { readonly name: string; readonly relayed: Relayed },
): UnitTopology {
  const { actors: all } = plan.flow;
  const actors = plan.actors.filter((actor) => actor.unit?.name === name && isProcess(actor))
    .map((actor) => actor.name);
  const inside = new Set(actors);
  const own = streams.filter(({ edges: [edge] }) => edge !== undefined && inside.has(edge.from.actor));
  const read = joins.filter((joined) => isOf(joined, inside) && !isGivenOnce(joined, all));
  const isRelayed = ({ carrier }: Edge): boolean => carrier === "relay";
  return {
    actors,
    streams: own.map(({ id }) => id),
    joins: read.map(({ id }) => id),
    withheld: [
      ...own.flatMap(({ edges }) => edges.filter((edge) => leadsOut(edge, all)).map(({ id }) => id)),
      ...sides.filter(({ of }) => own.includes(of)).map(({ edge }) => edge),
    ],
    kept: read.flatMap(({ join }) =>
      join.edges.filter((edge) => isRelayed(edge) && leadsInto(edge, all)).map(({ id }) => id)
    ),
  };
}

function isOf({ join: { to } }: RelayedJoin, actors: ReadonlySet<string>): boolean {
  return to.kind === "actor" && actors.has(to.actor);
}

/** A file that is filled with what comes from outside stays as it is for every try. */
export function isGivenOnce(
  { join: { isFile, edges } }: RelayedJoin,
  actors: Plan["flow"]["actors"],
): boolean {
  return isFile === true && edges.every((edge) => leadsInto(edge, actors));
}
