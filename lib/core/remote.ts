/**
 * Actors that live in other programs, which speak JSON over ZeroMQ.
 */

/** Where such an actor lives, and what it is called there. */
export interface RemotePlace {
  /** `tcp://host:port` or `ipc://path`. */
  readonly endpoint: string;
  readonly actor: string;
}

/** Where other programs send what is for actors of the flow. */
export interface FlowEndpoint {
  /** Where the flow listens. */
  readonly listen: string;
  /** What it says to others where that is; undefined: where it listens, as seen from this machine. */
  readonly advertise?: string;
}
