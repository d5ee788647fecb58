/**
 * Another try of several actors together, a unit. What goes between them is as ever, and forgotten with a failed try.
 * What leads out of the unit is withheld until all of it has ended well, what leads into it is kept until then.
 *
 *           ┌────────── unit ──────────┐
 *   a ──kept──▶ first ──as ever──▶ second ──withheld──▶ b
 *           └──────────────────────────┘
 */
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, JoinState, StreamState } from "../state/relay_states.ts";
import type { RelayStates } from "../state/make_relay_states.ts";
import type { RelayTopology, UnitTopology } from "../state/relay_topology.ts";
import type { RelayEnds } from "./relay_ends.ts";
import type { RelayTries } from "./relay_tries.ts";

interface UnitsContext {
  readonly states: RelayStates;
  readonly ends: RelayEnds;
  readonly ledger: RelayLedger;
  readonly agenda: RelayAgenda;
  readonly tries: RelayTries;
}

export class RelayUnits {
  readonly #topology: RelayTopology;
  readonly #context: UnitsContext;

  constructor(topology: RelayTopology, context: UnitsContext) {
    this.#topology = topology;
    this.#context = context;
  }

  /** Everything is as it was before the first try; whoever is outside has seen nothing of it. */
  rewind(id: number): void {
    const unit = this.#unitAt(id);
    const own = new Set(unit.streams);
    for (const stream of this.#streamsOf(unit)) this.#forget(stream);
    for (const join of this.#joinsOf(unit)) this.#rewindJoin(join, own);
  }

  /** All of its actors have ended well. */
  release(id: number): void {
    const unit = this.#unitAt(id);
    const { agenda, ledger } = this.#context;
    for (const edge of this.#edgesOf(unit.withheld)) edge.isWithheld = false;
    for (const stream of this.#streamsOf(unit)) {
      if (stream.taken > 0 || stream.phase === "ended") ledger.begin(stream);
      agenda.addStream(stream);
      agenda.addReaders(stream);
    }
    this.#letGo(unit);
  }

  /** There is no further try, and nothing of the last one is given on. */
  fail(id: number): void {
    const unit = this.#unitAt(id);
    for (const edge of this.#edgesOf(unit.withheld)) edge.isWithheld = false;
    this.#letGo(unit);
    for (const join of this.#joinsOf(unit)) this.#context.ends.dropJoin(join);
    for (const stream of this.#streamsOf(unit)) {
      this.#forget(stream);
      stream.isWithheld = false;
      stream.isWhole = false;
      this.#context.ends.endStream(stream);
    }
  }

  #forget(stream: StreamState): void {
    this.#context.tries.rewindStream(stream);
    stream.isWhole = true;
    stream.hasBegun = false;
    stream.isWithheld = this.#topology.streams[stream.id]?.isWithheld ?? false;
    for (const edge of stream.edges) {
      this.#context.ledger.rewindEdge(edge);
      // Its reader is run again as well.
      if (!edge.isWithheld) edge.isDropped = false;
    }
    this.#context.ledger.noteReaders(stream);
  }

  #rewindJoin(join: JoinState, own: ReadonlySet<number>): void {
    this.#context.ends.pauseJoin(join);
    join.isKept = this.#topology.joins[join.id]?.isKept ?? false;
    join.current = 0;
    for (const edge of join.edges) if (!own.has(edge.stream.id)) this.#context.tries.replay(edge);
  }

  /** What it was given is not asked for again. */
  #letGo({ kept }: UnitTopology): void {
    for (const edge of this.#edgesOf(kept)) {
      edge.isKept = false;
      if (edge.join.phase === "ended") this.#context.ends.dropEdge(edge);
      else this.#context.ledger.trim(edge.stream);
    }
  }

  #unitAt(id: number): UnitTopology {
    const unit = this.#topology.units?.[id];
    if (unit === undefined) throw new Error(`There is no unit ${id}`);
    return unit;
  }

  #streamsOf({ streams }: UnitTopology): readonly StreamState[] {
    return streams.flatMap((id) => this.#context.states.streams[id] ?? []);
  }

  #joinsOf({ joins }: UnitTopology): readonly JoinState[] {
    return joins.flatMap((id) => this.#context.states.joins[id] ?? []);
  }

  #edgesOf(ids: readonly number[]): readonly EdgeState[] {
    const wanted = new Set(ids);
    return this.#context.states.edges.filter(({ id }) => wanted.has(id));
  }
}
