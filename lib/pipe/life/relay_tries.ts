/**
 * Another try of an actor: what its failed try has written is forgotten, and what it has read is given once more. Its
 * streams are withheld until a try has ended well, its joins are kept until there is no further one.
 */
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { RelayEnds } from "./relay_ends.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, JoinState, StreamState } from "../state/relay_states.ts";

export class RelayTries {
  readonly #ends: RelayEnds;
  readonly #ledger: RelayLedger;
  readonly #agenda: RelayAgenda;

  constructor(
    { ends, ledger, agenda }: {
      readonly ends: RelayEnds;
      readonly ledger: RelayLedger;
      readonly agenda: RelayAgenda;
    },
  ) {
    this.#ends = ends;
    this.#ledger = ledger;
    this.#agenda = agenda;
  }

  /** Forgets what a withheld stream has brought; it can be opened again. */
  rewindStream(stream: StreamState): void {
    if (stream.phase === "open") this.#ends.releaseSource(stream);
    stream.phase = "unopened";
    stream.source = undefined;
    this.#ledger.rewindStream(stream);
  }

  /** A withheld stream is given on: its writer has ended well. */
  releaseStream(stream: StreamState): void {
    if (!stream.isWithheld) return;
    stream.isWithheld = false;
    if (stream.taken > 0 || stream.phase === "ended") this.#ledger.begin(stream);
    this.#agenda.addStream(stream);
    this.#agenda.addReaders(stream);
  }

  /** A kept join can be opened again and is given from the beginning. */
  rewindJoin(join: JoinState): void {
    if (!join.isKept) return;
    if (join.phase === "open") this.#ends.pauseJoin(join);
    join.current = 0;
    for (const edge of join.edges) {
      this.replay(edge);
    }
  }

  /** An edge is given from the beginning; a value or a file is read once more for it. */
  replay(edge: EdgeState): void {
    this.#ledger.rewindEdge(edge);
    const { stream } = edge;
    if (stream.source?.kind !== "bytes" && stream.source?.kind !== "path") return;
    this.#ends.releaseSource(stream);
    stream.phase = "open";
    stream.isReadable = true;
    this.#ledger.rewindStream(stream);
  }

  /** What a kept join was given is not asked for again. */
  settleJoin(join: JoinState): void {
    if (!join.isKept) return;
    join.isKept = false;
    if (join.phase === "unopened") this.#ends.endJoin(join, "reader-left");
    else for (const { stream } of join.edges) this.#ledger.trim(stream);
  }
}
