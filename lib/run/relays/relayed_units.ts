/**
 * The actors of a plan that are run again together, and what of the relays is theirs.
 */
import { isProcess } from "../../core/flow.ts";
import type { Edge, Plan } from "../../core/plan.ts";
import { leadsInto, leadsOut } from "../../graph/choose_carrier.ts";
import type { UnitTopology } from "../../pipe/state/relay_topology.ts";
import type { RelayedCopy, RelayedJoin, RelayedStream } from "./relay_setup.ts";

interface Relayed {
  readonly streams: readonly RelayedStream[];
  readonly joins: readonly RelayedJoin[];
  readonly copies: readonly RelayedCopy[];
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
  { name, relayed: { streams, joins, copies } }: { readonly name: string; readonly relayed: Relayed },
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
      ...copies.filter(({ of }) => own.includes(of)).map(({ edge }) => edge),
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
