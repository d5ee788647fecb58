/**
 * The relayed streams at their writers' side: whose gate is told when all readers of one have left.
 */
import type { ActorRun } from "../state/actor_run.ts";
import type { StreamEnd } from "../pipes/output_gate.ts";
import type { RelayClient, RelayedStream } from "./relay_client.ts";

type Relays = Pick<RelayClient, "closeStream" | "isLost" | "countTaken">;

export class RelayedEnds {
  readonly #relays: Relays;
  readonly #ends = new Map<RelayedStream, { readonly run: ActorRun; readonly end: StreamEnd }>();

  constructor(relays: Relays) {
    this.#relays = relays;
  }

  /** An actor writes the stream from now on. */
  add(run: ActorRun, stream: RelayedStream): StreamEnd {
    const end = makeRelayedEnd(this.#relays, stream);
    run.gate.add(end);
    this.#ends.set(stream, { run, end });
    return end;
  }

  /** All readers of a stream have left. */
  lose(stream: RelayedStream): void {
    const lost = this.#ends.get(stream);
    lost?.run.gate.lose(lost.end);
  }
}

/** A relayed stream as a gate sees it. */
export function makeRelayedEnd(relays: Relays, stream: RelayedStream): StreamEnd {
  return {
    isLive: true,
    close: () => relays.closeStream(stream),
    drain: () => undefined, // A relay whose edges are all dropped reads on by itself.
    hasLostReaders: () => relays.isLost(stream),
    countBytes: () => relays.countTaken(stream),
  };
}
