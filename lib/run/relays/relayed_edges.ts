/**
 * What of a plan goes through the engine: its relayed streams and joins by the edges of the plan, the other ways of streams,
 * and the pools. Nothing runs here.
 */
import type { StreamRef } from "../../core/flow.ts";
import type { Edge, Plan } from "../../core/plan.ts";
import type { PoolTopology, RelayTopology } from "../../pipe/state/relay_topology.ts";
import type { RelayedJoin, RelayedStream, SideEdge, SidePurpose } from "./relay_setup.ts";
import { groupStreams, listPools, listUnits, makeTopology } from "./relay_setup.ts";

export class RelayedEdges {
  readonly streams: readonly RelayedStream[];
  readonly joins: readonly RelayedJoin[];
  /** Their joins and edges come after those of the plan. */
  readonly sides: readonly SideEdge[];
  readonly topology: RelayTopology;
  readonly #plan: Plan;
  readonly #pools: readonly PoolTopology[];
  readonly #streamOfEdge = new Map<number, RelayedStream>();
  readonly #joinOfEdge = new Map<number, RelayedJoin>();
  readonly #enders = new Map<RelayedStream, () => void>();
  /** Copies for a capture that have not been given all: what is to be called then. */
  readonly #copying = new Map<SideEdge, () => void>();
  readonly #copied = new Map<SideEdge, Promise<void>>();
  readonly #begun = new Set<RelayedStream>();
  readonly #ended = new Set<RelayedStream>();
  readonly #forgotten = new Set<RelayedStream>();

  /** `sidesOf` says what else than its readers a stream goes to. */
  constructor(plan: Plan, sidesOf: (stream: StreamRef) => readonly SidePurpose[]) {
    this.#plan = plan;
    this.streams = groupStreams(plan).map((edges, id) => this.#makeStream(id, edges));
    this.joins = plan.joins.filter(({ edges }) => edges[0]?.carrier === "relay")
      .map((join, id) => ({ id, join }));
    for (const joined of this.joins) for (const { id } of joined.join.edges) this.#joinOfEdge.set(id, joined);
    this.sides = this.streams.flatMap((of) => {
      const [edge] = of.edges;
      return edge === undefined ? [] : sidesOf(edge.from).map((purpose) => ({ of, purpose }));
    }).map((copy, at) => ({ id: this.joins.length + at, edge: plan.edges.length + at, ...copy }));
    for (const copy of this.sides) {
      if (copy.purpose === "capture") {
        this.#copied.set(copy, new Promise((resolve) => this.#copying.set(copy, resolve)));
      }
    }
    const { streams, joins, sides } = this;
    const pools = this.#pools = listPools(plan, { streams, joins });
    const edgeCount = plan.edges.length + sides.length;
    const units = listUnits(plan, { streams, joins, sides });
    this.topology = { ...makeTopology(plan, { streams, joins, sides, pools, edgeCount }), units };
  }

  #makeStream(id: number, edges: readonly Edge[]): RelayedStream {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => end = resolve);
    const stream = { id, edges, ended };
    this.#enders.set(stream, end);
    for (const edge of edges) this.#streamOfEdge.set(edge.id, stream);
    return stream;
  }

  /** The stream that an edge belongs to, when it is relayed. */
  streamOf(edge: Edge | undefined): RelayedStream | undefined {
    return edge === undefined ? undefined : this.#streamOfEdge.get(edge.id);
  }

  /** The join that an edge goes into, when it is relayed. */
  joinOf(edge: Edge | undefined): RelayedJoin | undefined {
    return edge === undefined ? undefined : this.#joinOfEdge.get(edge.id);
  }

  /** The side edge that has a number among the joins. */
  sideAt(join: number): SideEdge | undefined {
    return this.sides[join - this.joins.length];
  }

  /** The edge of the plan with a number. */
  edgeAt(id: number): Edge | undefined {
    return this.#plan.edges[id];
  }

  /** The number of an actor's pool. */
  poolOf(actor: string): number {
    return this.#pools.findIndex((pool) => pool.actor === actor);
  }

  /** The number of an actor's split. */
  splitOf(actor: string): number {
    return this.topology.splits?.findIndex((split) => split.actor === actor) ?? -1;
  }

  /** The actor of a split. */
  splitAt(split: number): string | undefined {
    return this.topology.splits?.[split]?.actor;
  }

  /** True when something came over the edge, or its end. */
  hasBegun(edge: Edge): boolean {
    const stream = this.streamOf(edge);
    return stream === undefined || this.#begun.has(stream);
  }

  noteBegun(stream: RelayedStream): void {
    this.#begun.add(stream);
  }

  /** The thread is told to rewind a unit: what is heard of its readers until it has done so is of the try that is over. */
  forgetUnit(unit: number): void {
    for (const stream of this.#streamsOf(unit)) this.#forgotten.add(stream);
  }

  /** The actors of a unit have written nothing yet in their next try. */
  rewindUnit(unit: number): void {
    for (const stream of this.#streamsOf(unit)) {
      this.#begun.delete(stream);
      this.#forgotten.delete(stream);
    }
  }

  /** True while the stream is being rewound with its unit. */
  isForgotten(stream: RelayedStream): boolean {
    return this.#forgotten.has(stream);
  }

  #streamsOf(unit: number): readonly RelayedStream[] {
    return (this.topology.units?.[unit]?.streams ?? []).flatMap((id) => this.streams[id] ?? []);
  }

  /** The stream was read to its end, or is not read any more: whoever waits for that goes on. */
  noteEnded(stream: RelayedStream): void {
    this.#ended.add(stream);
    this.#enders.get(stream)?.();
  }

  /** A copy for a capture was given all of its stream, or cannot be given more. */
  noteCopied(copy: SideEdge): void {
    this.#copying.get(copy)?.();
  }

  /**
   * Resolves when each stream that has ended is copied for the capture to its end; with `isWhole` so are those that have
   * begun, for then they will end.
   */
  async whenCopied({ isWhole }: { readonly isWhole: boolean }): Promise<void> {
    const due = [...this.#copied].filter(([{ of }]) =>
      this.#ended.has(of) || (isWhole && this.#begun.has(of))
    );
    await Promise.all(due.map(([, copied]) => copied));
  }
}
