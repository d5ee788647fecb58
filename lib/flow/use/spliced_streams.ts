/**
 * What a stream is when the actors of flows that are used stand in their places: that of an actor inside, or, where it
 * is an input of the flow that is only passed on, what is connected to it.
 */
import type { Actor, StreamRef } from "../../core/flow.ts";
import { streamKey } from "../../core/flow.ts";
import { innerName } from "../../core/instance.ts";
import type { UsedDraft } from "../check/used_draft.ts";

export class SplicedStreams {
  /** Actors that are given what they pass on themselves. */
  readonly rings = new Set<string>();
  readonly #used: ReadonlyMap<string, UsedDraft>;
  /** Inputs by the actor that stands for a flow and the one inside that stands for its input. */
  readonly #connected = new Map<string, ReadonlyMap<string, readonly StreamRef[]>>();
  /** Undefined while it is looked for. */
  readonly #known = new Map<string, readonly StreamRef[] | undefined>();

  constructor(actors: ReadonlyMap<string, Actor>, used: ReadonlyMap<string, UsedDraft>) {
    this.#used = used;
    for (const [name, { inputs }] of used) {
      const ports = actors.get(name)?.inputs ?? [];
      const connected = [...inputs].map(([port, actor]): [string, readonly StreamRef[]] => [
        actor,
        ports.find((input) => input.name === port)?.streams ?? [],
      ]);
      this.#connected.set(name, new Map(connected));
    }
  }

  /** Streams as the flow names them. */
  resolve(streams: readonly StreamRef[]): readonly StreamRef[] {
    if (!streams.some(({ actor }) => this.#used.has(actor))) return streams;
    return streams.flatMap((stream) => this.#resolveOne(stream));
  }

  /** Streams as the flow inside of an actor names them. */
  resolveInner(box: string, streams: readonly StreamRef[]): readonly StreamRef[] {
    const connected = this.#connected.get(box);
    return streams.flatMap((stream) => {
      const outside = connected?.get(stream.actor);
      return outside === undefined
        ? [{ actor: innerName(box, stream.actor), port: stream.port }]
        : this.resolve(outside);
    });
  }

  #resolveOne(stream: StreamRef): readonly StreamRef[] {
    const used = this.#used.get(stream.actor);
    if (used === undefined) return [stream];
    const key = streamKey(stream);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.has(key)) {
      this.rings.add(stream.actor);
      return [];
    }
    this.#known.set(key, undefined);
    const found = this.resolveInner(stream.actor, used.ports.get(stream.port) ?? []);
    this.#known.set(key, found);
    return found;
  }
}
