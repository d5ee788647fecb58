/**
 * All relays of a run: takes from streams, gives to joins, as far as everybody is ready, and never waits.
 *
 *             ┌─▶ edge ─▶ join a
 *   stream ───┤                        an edge alone goes straight on from pipe to pipe;
 *      │      └─▶ edge ─▶ join b       what its reader is not ready for stays in the pipe, and when that
 *      └─▶ log, once for all edges     is full and the edge may hold more, in the stream's log
 *
 * This is the surface, and the turns. Who does what, each knowing only those below:
 *
 *   RelayOpenings   RelayTries   StreamFiller   JoinGiver ──▶ DirectMover, GatheredMover   PoolGiver   WorkerPool
 *        │              │             │             │                 │                        │            │
 *        │              │             └─────────────┴── StreamReader, JoinWriter ──────────────┘            │
 *        │              └──────────────────────────────────┬────────────────────────────────────────────────┘
 *        │                                             RelayEnds      who has to know that something has ended
 *        └─────────────────────────────────────────────────┤
 *                              PipeOwners, RelayLedger, RelayAgenda   whose pipe, how far, whose turn
 */
import { unreachable } from "../core/unreachable.ts";
import { isSystemError } from "../host/errno.ts";
import type { DescriptorIo } from "../host/descriptor_io/descriptor_io.ts";
import type { BlockStore } from "../data/block_store.ts";
import { DirectMover } from "./move/direct_mover.ts";
import { FilePlaces } from "./life/file_places.ts";
import { FileTargets } from "./life/file_targets.ts";
import { GatheredMover } from "./workers/gathered_mover.ts";
import { JoinGiver } from "./turns/join_giver.ts";
import { JoinWriter } from "./move/join_writer.ts";
import { makePools } from "./make_pools.ts";
import { makeSplits } from "./make_splits.ts";
import type { RelayStates } from "./state/make_relay_states.ts";
import { makeRelayStates } from "./state/make_relay_states.ts";
import { PipeOwners } from "./state/pipe_owners.ts";
import { PoolGiver } from "./workers/pool_giver.ts";
import { RelayAgenda } from "./state/relay_agenda.ts";
import type { RelayBoard } from "./state/relay_board.ts";
import { RelayEnds } from "./life/relay_ends.ts";
import type { RelayHooks } from "./state/relay_hooks.ts";
import { RelayLedger } from "./state/relay_ledger.ts";
import { RelayOpenings } from "./life/relay_openings.ts";
import type { EdgeState, JoinState, JoinTarget, StreamOpening, StreamState } from "./state/relay_states.ts";
import { hasBegun } from "./state/relay_states.ts";
import type { RelayTopology } from "./state/relay_topology.ts";
import { RelayTries } from "./life/relay_tries.ts";
import type { Split, SplitFiles } from "./split/split.ts";
import { RelayUnits } from "./life/relay_units.ts";
import { StreamFiller } from "./turns/stream_filler.ts";
import { StreamReader } from "./move/stream_reader.ts";
import type { WorkerPool } from "./workers/worker_pool.ts";

interface RelayOptions {
  readonly io: DescriptorIo;
  readonly store: BlockStore;
  readonly board: RelayBoard;
  readonly hooks: RelayHooks;
  /** Where to write what nobody reads. */
  readonly nullFd: number;
}

export class Relays {
  readonly streams: readonly StreamState[];
  readonly joins: readonly JoinState[];
  readonly edges: readonly EdgeState[];
  readonly store: BlockStore;
  readonly pools: readonly WorkerPool[];
  readonly splits: readonly Split[];
  readonly #io: DescriptorIo;
  readonly #agenda = new RelayAgenda();
  readonly #owners: PipeOwners;
  readonly #targets: FileTargets;
  readonly ledger: RelayLedger;
  readonly #ends: RelayEnds;
  readonly #openings: RelayOpenings;
  readonly #tries: RelayTries;
  readonly units: RelayUnits;
  readonly #filler: StreamFiller;
  readonly #giver: JoinGiver;
  readonly #poolGiver: PoolGiver;

  constructor(topology: RelayTopology, options: RelayOptions) {
    const { io, store, board, hooks, nullFd } = options;
    const states: RelayStates = makeRelayStates(topology, { io, store });
    const { streams, joins, edges } = states;
    this.streams = streams;
    this.joins = joins;
    this.edges = edges;
    this.store = store;
    this.#io = io;
    const agenda = this.#agenda;
    store.onFreed = () => agenda.addStarved();
    const owners = this.#owners = new PipeOwners(io);
    const ledger = this.ledger = new RelayLedger({ board, agenda, hooks });
    const places = new FilePlaces(agenda);
    const targets = this.#targets = new FileTargets({ io, owners });
    const ends = this.#ends = new RelayEnds({ owners, ledger, agenda, hooks, places, targets });
    const reader = new StreamReader({ io, owners, ends, ledger, places });
    const writer = new JoinWriter({ io, ends });
    const direct = new DirectMover({ io, reader, writer, ends, ledger });
    const gathered = new GatheredMover({ io, writer, ledger });
    this.#openings = new RelayOpenings({ io, owners, ledger, agenda });
    const tries = this.#tries = new RelayTries({ ends, ledger, agenda });
    this.units = new RelayUnits(topology, { states, ends, ledger, agenda, tries });
    this.#filler = new StreamFiller({ io, reader, ends, ledger, agenda, nullFd });
    this.#giver = new JoinGiver({ reader, writer, direct, gathered, ends, ledger, agenda });
    this.#poolGiver = new PoolGiver({ io, reader, ends, ledger, agenda });
    const around = { io, store, nullFd, owners, ledger, ends, agenda, hooks };
    this.pools = makePools(topology.pools ?? [], { streams, joins }, around);
    this.splits = makeSplits(topology, { streams, joins }, around);
  }

  /** Begins to take the input of a split. */
  openSplit(id: number, files: readonly SplitFiles[]): void {
    const split = this.splits[id];
    const join = this.joins[split?.topology.join ?? -1];
    if (split === undefined || join?.phase !== "unopened") return;
    this.#openings.openPool(split, { join, streams: split.outputs.map(({ stream }) => stream) });
    split.open(files);
  }

  /** Begins to take the input of a pool. */
  openPool(id: number): void {
    const pool = this.pools[id];
    if (pool === undefined) return;
    const { join, streams } = pool.topology;
    this.#openings.openPool(pool, {
      join: this.joins[join],
      streams: streams.flatMap((stream) => this.streams[stream] ?? []),
    });
  }

  /** Opens a stream; it owns the descriptor from now on. */
  openStream(id: number, source: StreamOpening): void {
    const stream = this.streams[id];
    attempt(() => this.#openings.openStream(stream, source), (error) => {
      if (stream !== undefined) this.#ends.endStream(stream, error);
    });
  }

  /** Opens a stream of a file: when it is its turn, or, when several edges share it, now, because it is logged. */
  openFile(id: number, path: string): void {
    const stream = this.streams[id];
    if (stream === undefined || stream.edges.length < 2) {
      return this.openStream(id, { kind: "path", path, fd: undefined });
    }
    attempt(
      () => this.#openings.openStream(stream, { kind: "file", fd: this.#io.open(path, "read") }),
      (error) => this.#ends.endStream(stream, error),
    );
  }

  /** Opens the target of a join; a pipe belongs to it from now on, an open file stays that of whoever opened it. */
  openJoin(id: number, target: JoinTarget): void {
    const join = this.joins[id];
    attempt(() => this.#openings.openJoin(join, target), (error) => {
      if (join !== undefined) this.#ends.endJoin(join, "reader-left", error);
    });
  }

  /** Bytes that wait in the stream's own pipe; 1 for a source that is no pipe and has not ended. */
  heldInPipe({ phase, source, gathered }: StreamState): number {
    if (gathered !== undefined) return phase === "open" ? gathered.held : 0;
    if (phase !== "open" || source === undefined) return 0;
    return source.kind === "pipe" ? this.#io.held(source.fd) : 1;
  }

  /** Bytes that wait in the pipe of the join's reader. */
  heldInTarget({ phase, fd, isFile }: JoinState): number {
    return phase === "open" && !isFile ? this.#io.held(fd) : 0;
  }

  /** Stops reading a stream: its writer sees a closed pipe. What was taken is still given on. */
  closeStream(id: number): void {
    const stream = this.streams[id];
    if (stream === undefined) return;
    // What is still withheld then is worth nothing.
    if (stream.isWithheld) this.#tries.rewindStream(stream);
    stream.isWithheld = false;
    if (stream.phase === "ended") return;
    stream.isWhole = false;
    this.#ends.endStream(stream);
  }

  /** Forgets what a withheld stream has brought; it can be opened again. */
  rewindStream(id: number): void {
    const stream = this.streams[id];
    if (stream !== undefined) this.#tries.rewindStream(stream);
  }

  /** A withheld stream is given on: its writer has ended well. */
  releaseStream(id: number): void {
    const stream = this.streams[id];
    if (stream !== undefined) this.#tries.releaseStream(stream);
  }

  /** A kept join can be opened again and is given from the beginning. */
  rewindJoin(id: number): void {
    const join = this.joins[id];
    if (join !== undefined) this.#tries.rewindJoin(join);
  }

  /** What a kept join was given is not asked for again. */
  settleJoin(id: number): void {
    const join = this.joins[id];
    if (join !== undefined) this.#tries.settleJoin(join);
  }

  /** Nobody reads a join any more. */
  dropJoin(id: number): void {
    const join = this.joins[id];
    if (join !== undefined) this.#ends.dropJoin(join);
  }

  /** Notes what the system says is ready. */
  note(fd: number, isBroken: boolean): void {
    const owner = this.#owners.of(fd);
    if (owner === undefined) return;
    switch (owner.kind) {
      case "stream":
        owner.stream.isReadable = true;
        return this.#agenda.addSource(owner.stream);
      case "tap":
        return this.#agenda.addSource(owner.stream);
      case "join":
        owner.join.isWritable = true;
        if (isBroken) this.#ends.endJoin(owner.join, "reader-left");
        else this.#agenda.addJoin(owner.join);
        return;
      case "pool":
        return owner.pool.note(fd, isBroken);
      default:
        return unreachable(owner);
    }
  }

  /** How long to wait at most, in milliseconds, before `wake`; -1 is for ever. */
  timeout(now: number): number {
    let dueAt = Infinity;
    for (const pool of this.pools) dueAt = Math.min(dueAt, pool.dueAt);
    return dueAt === Infinity ? -1 : Math.max(0, Math.ceil(dueAt - now));
  }

  /** Some time has passed. */
  wake(now: number): void {
    for (const pool of this.pools) if (pool.dueAt <= now) this.#agenda.addPool(pool);
  }

  get isIdle(): boolean {
    return this.#agenda.isEmpty;
  }

  /** An edge may hold more: its stream goes on. */
  grow(edge: EdgeState, capacity: number): void {
    edge.capacity = capacity;
    this.#agenda.addStream(edge.stream);
  }

  /** Moves what can be moved, each for a turn; `now` is the clock's. To be called until `isIdle`. */
  turn(now: number): void {
    this.ledger.now = now;
    const joins = this.#agenda.takeJoins();
    const streams = this.#agenda.takeStreams();
    // What the system does not do is an error of what was to be done with it, and of nothing else.
    for (const join of joins) {
      attempt(() => this.#push(join), (error) => this.#ends.endJoin(join, "reader-left", error));
    }
    for (const stream of streams) {
      attempt(() => this.#filler.pull(stream), (error) => this.#ends.endStream(stream, error));
    }
    for (const pool of this.#agenda.takePools()) {
      attempt(() => pool.turn(now), (error) => pool.fail(error));
    }
  }

  /** Gives to a join's target what its edges have. */
  #push(join: JoinState): void {
    if (join.phase !== "open" || !join.isWritable) return;
    if (!hasBegun(join)) return;
    this.#targets.take(join);
    if (join.cut !== undefined) this.#poolGiver.give(join, join.cut);
    else this.#giver.give(join);
  }

  /** Lets go of everything. */
  close(): void {
    for (const join of this.joins) this.dropJoin(join.id);
    for (const stream of this.streams) this.closeStream(stream.id);
    for (const pool of this.pools) pool.close();
    this.store.close();
  }
}

/** Does something; an error of the system is told, any other is a bug. */
function attempt(action: () => void, fail: (error: Error) => void): void {
  try {
    action();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(error);
  }
}
