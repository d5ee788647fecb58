/**
 * How far every stream and every edge has come: bytes are exact because each edge has one position in its stream, and
 * only that many bytes have been given on. What nobody can ask for any more goes back to the store.
 */
import type { RelayAgenda } from "./relay_agenda.ts";
import type { RelayBoard } from "./relay_board.ts";
import type { RelayHooks } from "./relay_hooks.ts";
import type { EdgeState, StreamState } from "./relay_states.ts";
import { floorOf, isLost } from "./relay_states.ts";

export class RelayLedger {
  /** What the clock says in this turn. */
  now = 0;
  /** Bytes that were taken by all streams, and given by all edges. */
  #taken = 0;
  #given = 0;
  readonly #board: RelayBoard;
  readonly #agenda: RelayAgenda;
  readonly #hooks: Pick<RelayHooks, "onBegun">;

  constructor(
    { board, agenda, hooks }: {
      readonly board: RelayBoard;
      readonly agenda: RelayAgenda;
      readonly hooks: Pick<RelayHooks, "onBegun">;
    },
  ) {
    this.#board = board;
    this.#agenda = agenda;
    this.#hooks = hooks;
  }

  /** How many bytes have been moved: what was taken, or given where that is more. */
  get moved(): number {
    return Math.max(this.#taken, this.#given);
  }

  /** Bytes were taken from a stream, to be given on. */
  took(stream: StreamState, bytes: number): void {
    this.drained(stream, bytes);
    stream.movedAt = this.now;
    this.begin(stream);
  }

  /** Bytes were taken from a stream that nobody reads. */
  drained(stream: StreamState, bytes: number): void {
    this.#taken += bytes;
    stream.taken += bytes;
    stream.tap?.took(bytes);
    this.#board.taken[stream.id] = stream.taken;
    for (const edge of stream.edges) this.#board.capacity[edge.id] = edge.capacity;
  }

  /** Bytes went from the stream to the reader of its one edge without being held. */
  passed(edge: EdgeState, bytes: number): void {
    edge.stream.log.skip(bytes);
    this.#give(edge, bytes);
    this.took(edge.stream, bytes);
  }

  /** Bytes that were held were given on. */
  gave(edge: EdgeState, bytes: number): void {
    const { stream } = edge;
    this.#give(edge, bytes);
    this.trim(stream);
    this.#agenda.addStream(stream);
  }

  #give(edge: EdgeState, bytes: number): void {
    this.#given += bytes;
    edge.position += bytes;
    edge.movedAt = this.now;
    this.#board.given[edge.id] = edge.position;
    this.#board.capacity[edge.id] = edge.capacity;
  }

  /** Tells once that a stream has something to give, or has ended. */
  begin(stream: StreamState): void {
    if (stream.hasBegun || stream.isWithheld) return;
    stream.hasBegun = true;
    this.#hooks.onBegun(stream.id);
  }

  /** Gives back what no edge of the stream can ask for any more. */
  trim(stream: StreamState): void {
    const live = stream.edges.filter((edge) => !edge.isDropped);
    const slowest = Math.min(...live.map(floorOf));
    if (live.length === 0 || (stream.phase === "ended" && slowest === stream.taken)) stream.log.clear();
    else stream.log.trim(slowest);
  }

  /** All readers of a stream have left. */
  lost(stream: StreamState): void {
    this.#board.isLost[stream.id] = 1;
  }

  /** What a stream has brought is forgotten; whoever does not read it any more stays away. */
  rewindStream(stream: StreamState): void {
    stream.log.restart();
    stream.taken = 0;
    this.#board.taken[stream.id] = 0;
    this.noteReaders(stream);
  }

  /** The same readers are run again, or others have left. */
  noteReaders(stream: StreamState): void {
    this.#board.isLost[stream.id] = isLost(stream) ? 1 : 0;
  }

  /** The edge is given from the beginning again. */
  rewindEdge(edge: EdgeState): void {
    edge.position = 0;
    this.#board.given[edge.id] = 0;
  }
}
