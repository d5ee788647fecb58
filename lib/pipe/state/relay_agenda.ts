/**
 * Who is to have a turn, because something about him may have changed. What becomes due while others have theirs is for
 * the next round.
 */
import type { JoinState, StreamState } from "./relay_states.ts";

/** A pool, as far as it has turns. */
export interface Turning {
  turn(now: number): void;
  /** The system did not do what it needs. */
  fail(error: Error): void;
}

export class RelayAgenda {
  #streams = new Set<StreamState>();
  #joins = new Set<JoinState>();
  #pools = new Set<Turning>();
  /** Who found no room in the store. */
  readonly #starvedStreams = new Set<StreamState>();
  readonly #starvedPools = new Set<Turning>();

  get isEmpty(): boolean {
    return this.#streams.size === 0 && this.#joins.size === 0 && this.#pools.size === 0;
  }

  addStream(stream: StreamState): void {
    this.#streams.add(stream);
  }

  addJoin(join: JoinState): void {
    this.#joins.add(join);
  }

  addPool(pool: Turning): void {
    this.#pools.add(pool);
  }

  /** A stream goes on when the store has got something back. */
  starveStream(stream: StreamState): void {
    this.#starvedStreams.add(stream);
  }

  starvePool(pool: Turning): void {
    this.#starvedPools.add(pool);
  }

  /** The store has got something back: it may be what others wait for. */
  addStarved(): void {
    for (const stream of this.#starvedStreams) this.#streams.add(stream);
    for (const pool of this.#starvedPools) this.#pools.add(pool);
    this.#starvedStreams.clear();
    this.#starvedPools.clear();
  }

  /** Something may be there to be taken from the stream, by itself or by its one reader. */
  addSource(stream: StreamState): void {
    this.#streams.add(stream);
    if (stream.edges.length === 1) this.addReaders(stream);
  }

  /** There may be something for all readers of the stream. */
  addReaders({ edges }: StreamState): void {
    for (const { join } of edges) this.#joins.add(join);
  }

  takeStreams(): Iterable<StreamState> {
    const streams = this.#streams;
    this.#streams = new Set();
    return streams;
  }

  takeJoins(): Iterable<JoinState> {
    const joins = this.#joins;
    this.#joins = new Set();
    return joins;
  }

  takePools(): Iterable<Turning> {
    const pools = this.#pools;
    this.#pools = new Set();
    return pools;
  }
}
