/**
 * The actors over sets of streams, in pools: for each record a pool has one process of each of its actors.
 *
 *     urls ──records──▶ fetch[a] ──▶ parse[a] ──▶ all
 *                       fetch[b] ──▶ parse[b] ──▶
 *
 * What reads all members of an actor, and is read by one over the same set again, parts them: that one is in a pool of
 * its own, which takes the records once more.
 */
import type { Actor, FlowOutput, StreamRef } from "../core/flow.ts";
import type { FlowIssue } from "../core/issue.ts";
import type { MemberPool } from "../core/plan.ts";

/** The pools of a part of a flow; or whoever would read of a member that has ended long ago. */
export function planMembers(
  /** Producers first. */
  actors: readonly Actor[],
  { placesMax, isWithheld, files }: {
    /** Processes at a time, where somebody has said it. */
    readonly placesMax: number | undefined;
    /** Members that fail are left out. */
    readonly isWithheld: boolean;
    /** Outputs that are a file for each member. */
    readonly files: readonly FlowOutput[];
  },
): { readonly ok: true; readonly pools: readonly MemberPool[] } | {
  readonly ok: false;
  readonly issues: readonly FlowIssue[];
} {
  const sets = new Set(actors.flatMap(({ members }) => members?.set ?? []));
  const pools: MemberPool[] = [];
  const issues: FlowIssue[] = [];
  for (const set of sets) {
    const ranks = rankActors(actors, set);
    for (const rank of [...new Set(ranks.values())].sort((a, b) => a - b)) {
      const own = actors.filter(({ name, members }) => members?.set === set && ranks.get(name) === rank);
      const [first] = own;
      if (first?.members === undefined) continue;
      issues.push(...own.flatMap((reader) => findLate(reader, { actors, ranks, set })));
      const places = placesMax ?? first.members.atOnce;
      pools.push({
        set,
        actors: own,
        count: Math.max(1, Math.floor(places / own.length)),
        files: files.filter(({ streams }) =>
          streams.some(({ actor }) => own.some(({ name }) => name === actor))
        ),
        isWithheld: isWithheld ||
          own.some(({ retry, members }) => retry !== undefined || members?.isCached === true),
      });
    }
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, pools };
}

/** How often all members of the set are put together on the way to an actor. */
function rankActors(actors: readonly Actor[], set: string): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  const over = new Set(actors.filter(({ members }) => members?.set === set).map(({ name }) => name));
  for (const { name, inputs } of actors) {
    let rank = 0;
    for (const { actor: from } of inputs.flatMap(({ streams }) => streams)) {
      rank = Math.max(rank, (ranks.get(from) ?? 0) + (over.has(from) && !over.has(name) ? 1 : 0));
    }
    ranks.set(name, rank);
  }
  return ranks;
}

/** Reads of its own member in a pool before, which has no members any more when this one begins. */
function findLate(
  { name, inputs }: Actor,
  { actors, ranks, set }: {
    readonly actors: readonly Actor[];
    readonly ranks: ReadonlyMap<string, number>;
    readonly set: string;
  },
): readonly FlowIssue[] {
  const over = new Set(actors.filter(({ members }) => members?.set === set).map((actor) => actor.name));
  const late = inputs.flatMap(({ streams }) => streams)
    .find(({ actor }) => over.has(actor) && ranks.get(actor) !== ranks.get(name));
  if (late === undefined) return [];
  const message =
    `Cannot give actor "${name}" what its own member of "${late.actor}" writes: it also reads what comes of all of them (expected one of the two)`;
  return [{ path: ["actors", name, "in"], message }];
}

/** Which edges run between the processes of one member. */
export class MemberEdges {
  readonly #poolOf = new Map<string, MemberPool>();

  constructor(pools: readonly MemberPool[]) {
    for (const pool of pools) for (const { name } of pool.actors) this.#poolOf.set(name, pool);
  }

  /** True when the stream comes from another process of the same member. */
  isInner(stream: Pick<StreamRef, "actor"> | undefined, reader: Pick<Actor, "name">): boolean {
    const pool = this.#poolOf.get(reader.name);
    return stream !== undefined && pool !== undefined && this.#poolOf.get(stream.actor) === pool;
  }

  /** False for the records that another actor of the pool takes. */
  takes(actor: Actor, port: string): boolean {
    return actor.members?.port !== port || this.#poolOf.get(actor.name)?.actors[0]?.name === actor.name;
  }
}
