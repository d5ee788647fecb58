/**
 * Message types that some actor says it emits and no actor says it accepts.
 */
import type { Flow } from "../core/flow.ts";

export interface Unaccepted {
  readonly messageType: string;
  /** The actors that emit it, in the order of the flow. */
  readonly emittedBy: readonly string[];
  /** What is accepted by anybody. */
  readonly accepted: readonly string[];
}

export function findUnaccepted(flow: Flow): readonly Unaccepted[] {
  const actors = [...flow.actors.values()];
  const accepted = new Set(actors.flatMap(({ messaging }) => messaging?.accepts ?? []));
  const emitters = new Map<string, string[]>();
  for (const { name, messaging } of actors) {
    for (const type of new Set(messaging?.emits)) {
      if (!accepted.has(type)) emitters.set(type, [...emitters.get(type) ?? [], name]);
    }
  }
  return [...emitters].map(([messageType, emittedBy]) => ({
    messageType,
    emittedBy,
    accepted: [...accepted],
  }));
}
