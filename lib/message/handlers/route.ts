/**
 * A route is the itinerary of a message: the actors it goes through, and where it is. A handler sees the route and
 * may change what lies ahead; the engine moves on.
 *
 *     {actors: ["clean", "score", "store"], current: 1}      at "score"; next is "store", then the end
 */
import type { RouteChecks } from "../../core/messaging.ts";

/** The itinerary of a message. */
export interface Route {
  readonly actors: readonly string[];
  /** The place in `actors` where the message is; their number when it is past the end. */
  readonly current: number;
  /** Carried along unchanged. */
  readonly metadata?: unknown;
  /** How many actors the message has been sent on from; absent at its first. The engine counts, handlers cannot. */
  readonly hops?: number;
}

/** Where a message goes after an actor. */
export type Hop =
  | { readonly to: "actor"; readonly actor: string; readonly route: Route }
  | { readonly to: "end"; readonly route: Route }
  | { readonly to: "nowhere"; readonly reason: string };

/** The route of a message that was sent to an actor without one. */
export function routeTo(actor: string): Route {
  return { actors: [actor], current: 0 };
}

/** What nextHop() has to know besides the route. */
export interface HopOptions {
  readonly checks: RouteChecks;
  /** From how many actors a message may be sent on. */
  readonly hopsMax: number;
  /** Whether there is an actor of this name. */
  readonly isActor: (name: string) => boolean;
}

/**
 * The next place of a message whose handler has returned this route: one further, or, when handlers move by
 * themselves (`lenient`), where the route points to. A message that has been sent on too often goes nowhere, and so
 * does one to nobody.
 */
export function nextHop(route: Route, { checks, hopsMax, isActor }: HopOptions): Hop {
  const current = checks === "lenient" ? route.current : Math.min(route.current + 1, route.actors.length);
  const hops = (route.hops ?? 0) + 1;
  const next = { ...route, current, hops };
  const actor = route.actors[current];
  if (actor === undefined) return { to: "end", route: next };
  if (hops > hopsMax) {
    return {
      to: "nowhere",
      reason:
        `Cannot send a message on to "${actor}": it has passed ${hopsMax} actors (expected an end before)`,
    };
  }
  if (!isActor(actor)) return { to: "nowhere", reason: `Actor '${actor}' not found` };
  return { to: "actor", actor, route: next };
}
