/**
 * Who reads whom among instances. A reader that is over all sets of a writer reads the one instance that has the same
 * members; of the sets that it is not over it reads all, in their order:
 *
 *     raw    over log            count[a,warn] reads raw[a]
 *     count  over log, level     best[a]       reads count[a,warn], count[a,error]
 *     best   over log            total         reads best[a], best[b]
 */
import { streamName, type StreamRef } from "../../core/flow.ts";
import type { ActorDraft, InstanceDraft } from "../check/actor_draft.ts";

import type { Member } from "./member.ts";

type Members = ReadonlyMap<string, Member>;

const NO_MEMBERS: Members = new Map();

export class InstanceTable {
  readonly #drafts: ReadonlyMap<string, ActorDraft>;
  /** Stream and sets in common to the streams of instances, by the keys of their members in those sets. */
  readonly #gathered = new Map<string, ReadonlyMap<string, readonly StreamRef[]>>();

  constructor(drafts: ReadonlyMap<string, ActorDraft>) {
    this.#drafts = drafts;
  }

  /** The streams that a reader with these members reads, where its actor names those. */
  resolve(streams: readonly StreamRef[], members: Members = NO_MEMBERS): readonly StreamRef[] {
    if (!streams.some(({ actor }) => this.#eachOf(actor) !== undefined)) return streams;
    const [first, ...others] = streams.map((stream) => this.#resolveOne(stream, members));
    // Ten thousand readers of the same ten thousand streams share one list of them.
    return others.length === 0 ? first ?? [] : [first ?? [], ...others].flat();
  }

  /** An actor over the records of a stream alone stays one: its instances are put together while the flow runs. */
  #eachOf(actor: string): ActorDraft["each"] {
    const each = this.#drafts.get(actor)?.each;
    return each?.stream === undefined || each.sets.length > 1 ? each : undefined;
  }

  #resolveOne(stream: StreamRef, members: Members): readonly StreamRef[] {
    const each = this.#eachOf(stream.actor);
    if (each === undefined) return [stream];
    const shared = each.sets.filter((set) => members.has(set));
    const name = JSON.stringify([streamName(stream), shared]);
    const gathered = this.#gathered.get(name) ?? gather(each.instances, { port: stream.port, shared });
    this.#gathered.set(name, gathered);
    return gathered.get(keyOf(members, shared)) ?? [];
  }
}

function gather(
  instances: readonly InstanceDraft[],
  { port, shared }: { readonly port: string; readonly shared: readonly string[] },
): ReadonlyMap<string, readonly StreamRef[]> {
  const gathered = new Map<string, StreamRef[]>();
  for (const { name, members } of instances) {
    const key = keyOf(members, shared);
    const streams = gathered.get(key) ?? [];
    streams.push({ actor: name, port });
    gathered.set(key, streams);
  }
  return gathered;
}

function keyOf(members: Members, sets: readonly string[]): string {
  return sets.map((set) => members.get(set)?.index).join();
}
