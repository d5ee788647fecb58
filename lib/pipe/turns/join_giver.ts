/**
 * Giving to joins what their edges have: what waits in the log of a stream first, then what its source has, edge after
 * edge, or line after line of all edges.
 */
import { TURN_BYTES } from "../../core/limits/streams.ts";
import type { DirectMover } from "../move/direct_mover.ts";
import type { GatheredMover } from "../workers/gathered_mover.ts";
import type { JoinWriter } from "../move/join_writer.ts";
import { mergeLines } from "../move/merge_lines.ts";
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { RelayEnds } from "../life/relay_ends.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, JoinState } from "../state/relay_states.ts";
import { canBeDirect, hasHeld, isAtEnd, isLines, isLogged } from "../state/relay_states.ts";
import type { StreamReader } from "../move/stream_reader.ts";

export class JoinGiver {
  readonly #reader: StreamReader;
  readonly #writer: JoinWriter;
  readonly #direct: DirectMover;
  readonly #gathered: GatheredMover;
  readonly #ends: RelayEnds;
  readonly #ledger: RelayLedger;
  readonly #agenda: RelayAgenda;

  constructor(
    { reader, writer, direct, gathered, ends, ledger, agenda }: {
      readonly reader: StreamReader;
      readonly writer: JoinWriter;
      readonly direct: DirectMover;
      readonly gathered: GatheredMover;
      readonly ends: RelayEnds;
      readonly ledger: RelayLedger;
      readonly agenda: RelayAgenda;
    },
  ) {
    this.#reader = reader;
    this.#writer = writer;
    this.#direct = direct;
    this.#gathered = gathered;
    this.#ends = ends;
    this.#ledger = ledger;
    this.#agenda = agenda;
  }

  /** Gives to the pipe or file of an open join, for a turn. */
  give(join: JoinState): void {
    if (isLines(join)) return this.#giveLines(join);
    let turn = 0;
    while (turn < TURN_BYTES) {
      const edge = join.edges[join.current];
      if (edge === undefined) return this.#ends.endJoin(join, "ended");
      const moved = this.#advance(edge);
      if (moved === "next") {
        join.current += 1;
        continue;
      }
      if (moved === "blocked") return;
      turn += moved;
    }
    this.#agenda.addJoin(join);
  }

  /** Moves bytes of one edge to its join's target. */
  #advance(edge: EdgeState): number | "next" | "blocked" {
    const { stream, join } = edge;
    if (hasHeld(edge)) {
      const moved = this.#writer.load(join, { log: stream.log, position: edge.position });
      if (moved === undefined || moved <= 0) return "blocked";
      this.#ledger.gave(edge, moved);
      return moved;
    }
    if (isAtEnd(edge)) return "next";
    if (stream.gathered !== undefined && canBeDirect(stream)) {
      return this.#gathered.move(edge, stream.gathered);
    }
    if (isLogged(stream) || stream.phase !== "open" || stream.source === undefined) return "blocked";
    return this.#direct.move(edge, stream.source);
  }

  #giveLines(join: JoinState): void {
    const end = mergeLines(join, {
      read: (edge, buffer) => this.#reader.read(edge, buffer),
      write: (bytes) => this.#writer.write(join, bytes),
    });
    if (end === "ended" && join.phase === "open") this.#ends.endJoin(join, "ended");
    else if (end === "more") this.#agenda.addJoin(join);
  }
}
