/**
 * Who waits for whom: as events, failures and pictures tell it.
 */

/** One line of a picture of waiting. */
export interface WaitStep {
  /** Who waits: an actor, or an output of the flow by its target (`-` or a path). */
  readonly waiter: string;
  /** The process, when it runs. */
  readonly pid?: number;
  /**
   * - `write`: the edge is full; - `read`: the edge is empty; - `start`: the actor has not been started.
   */
  readonly does: "write" | "read" | "start";
  /** The edge it waits at, as people write it: `src`, `src.audit` and `join.stdin`. */
  readonly from: string;
  readonly to: string;
  /** Who would have to go on. */
  readonly waitsFor: string;
  /** Bytes that lie in the engine for this edge, and how many may. */
  readonly heldBytes: number;
  readonly capacityBytes: number;
}

/** What an actor was doing at a moment. */
export interface ActorActivity {
  readonly actor: string;
  /**
   * `waits`: at the pipes in `at`; `works`: it runs; `sleeps`: for a time; `stopped`: by a signal; `outside`: for
   * something that is none of the flow's; `unknown`: the system does not tell.
   */
  readonly does: "waits" | "works" | "sleeps" | "stopped" | "outside" | "unknown" | "not started";
  /** Where it waits, as people write it: `reads join.left`, `writes src.audit`. */
  readonly at: readonly string[];
}
