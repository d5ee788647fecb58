/**
 * One cached actor in a run: what it reads and writes, and how far its look-up is.
 */
import type { Join, Plan } from "../../core/plan.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { Identity, InputContent } from "./cache_key.ts";
import type { CachedOutput } from "./cached_output.ts";
import type { KnownContents } from "./known_contents.ts";
import { listRead } from "../../graph/select_actors.ts";

/** What an actor is, and what its inputs bring. */
export interface Given {
  readonly identity: Identity;
  readonly inputs: readonly InputContent[];
}

/** What is looked up. */
export interface LookedUp {
  readonly run: ActorRun;
  /** Ports that are kept. */
  readonly ports: readonly string[];
  /** What its inputs bring, all of them complete. Rejects with the system's error. */
  readonly readInputs: () => Promise<readonly InputContent[]>;
  /** What it is and is given; undefined as long as not all of its inputs are complete. */
  given: Given | undefined;
}

export interface CachedRun extends LookedUp {
  readonly joins: readonly Join[];
  readonly output: CachedOutput;
  /** Undefined as long as it is not looked up. */
  decision: "found" | "run" | undefined;
  /** Something of it is being hashed. */
  isBusy: boolean;
  /** How often files had to be hashed to look it up. */
  looks: number;
}

/** Those of a run, in its order. */
export function listCachedRuns(
  plan: Plan,
  { actors, makeOutput, contents }: {
    readonly actors: ReadonlyMap<string, ActorRun>;
    readonly contents: Pick<KnownContents, "read">;
    readonly makeOutput: () => CachedOutput;
  },
): readonly CachedRun[] {
  const isStderrRead = new Set(
    listRead(plan.flow).filter(({ port }) => port === "stderr").map(({ actor }) => actor),
  );
  const joinsOf = groupBy(plan.joins, ({ to }) => to.kind === "actor" ? to.actor : undefined);
  return [...actors.values()].filter(({ actor }) => actor.isCached === true).map((run) => {
    const { name, outputs } = run.actor;
    const ports = ["stdout", ...outputs.map(({ name }) => name), ...isStderrRead.has(name) ? ["stderr"] : []];
    const joins = joinsOf.get(name) ?? [];
    return {
      run,
      joins,
      readInputs: () => Promise.all(joins.map((join) => contents.read(join))),
      ports,
      output: makeOutput(),
      given: undefined,
      decision: undefined,
      isBusy: false,
      looks: 0,
    };
  });
}

export function groupBy<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string | undefined,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = name === undefined ? undefined : groups.get(name);
    if (group !== undefined) group.push(item);
    else if (name !== undefined) groups.set(name, [item]);
  }
  return groups;
}
