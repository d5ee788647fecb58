/**
 * All relays of a run: takes from streams, gives to joins, as far as everybody is ready, and never waits.
 *
 *             ┌─▶ edge ─▶ join a
 *   stream ───┤                        an edge alone goes straight on from pipe to pipe;
 *      │      └─▶ edge ─▶ join b       what its reader is not ready for stays in the pipe, and when that
 *      └─▶ log, once for all edges     is full and the edge may hold more, in the stream's log
 *
 * Bytes are exact because every edge has one position in its stream, and only that many bytes have been given on.
 */
import type { Merge } from "../core/flow.ts";
import {
  BLOCK_BYTES,
  FANOUT_BYTES,
  FANOUT_BYTES_MIN,
  FANOUTS_BYTES,
  PIPE_BYTES,
  TURN_BYTES,
} from "../core/limits.ts";
import type { Moved, RelayIo } from "../host/relay_io.ts";
import { AT_END, GONE, NOT_NOW } from "../host/relay_io.ts";
import type { BlockStore } from "./block_store.ts";
import type { RelayBoard } from "./relay_board.ts";
import { mergeLines } from "./merge_lines.ts";
import type { EdgeState, JoinState, StreamSource, StreamState } from "./relay_states.ts";
import { floorOf, hasHeld, isAtEnd, isLogged } from "./relay_states.ts";
import { StreamLog } from "./stream_log.ts";
import type { PoolTopology } from "./worker_pool.ts";
import { WorkerPool } from "./worker_pool.ts";
import { Tap } from "./tap.ts";

/** Which relays there are; all numbers are indices. */
export interface RelayTopology {
  readonly streams: readonly {
    readonly edges: readonly number[];
    /** As people write it: `src`, `src.audit`. */
    readonly name: string;
    /** The process that writes it; undefined for sources. */
    readonly writer: string | undefined;
    /** Its readers get nothing before it is released. */
    readonly isWithheld?: boolean;
  }[];
  readonly joins: readonly {
    readonly edges: readonly number[];
    readonly merge: Merge;
    /** As people write it: `join`, `join.left`, `report.txt`. */
    readonly name: string;
    /** The process that reads it; undefined for outputs of the flow. */
    readonly reader: string | undefined;
    /** It may be given from the beginning again, until it is settled. */
    readonly isKept?: boolean;
    /** Its reader is given a file when that is complete. */
    readonly isFile?: boolean;
  }[];
  readonly edgeCount: number;
  /** The actors with workers. */
  readonly pools?: readonly PoolTopology[];
}

export interface RelayHooks {
  /** A stream has written something or has ended. */
  readonly onBegun: (stream: number) => void;
  /** A stream was read to its end, or could not be read. */
  readonly onStreamEnded: (stream: number, error?: Error) => void;
  /** All readers of a stream have left before its end. What it writes is forgotten until it is closed. */
  readonly onLost: (stream: number) => void;
  /** A join has written everything, or whoever reads it has left, or it could not be written. */
  readonly onJoinEnded: (join: number, end: "ended" | "reader-left", error?: Error) => void;
  /** A process is wanted for a copy of a worker. */
  readonly onCopyWanted?: (pool: number, copy: number) => void;
  /** A pool has no process, and wants none any more. */
  readonly onPoolEnded?: (pool: number) => void;
}

/** A move whose target had room: its source has nothing now. */
const EMPTY = -3;

export class Relays {
  readonly streams: readonly StreamState[];
  readonly joins: readonly JoinState[];
  readonly edges: readonly EdgeState[];
  readonly store: BlockStore;
  readonly #board: RelayBoard;
  readonly #io: RelayIo;
  readonly #hooks: RelayHooks;
  readonly pools: readonly WorkerPool[];
  readonly #byFd = new Map<number, StreamState | JoinState>();
  readonly #poolOfFd = new Map<number, WorkerPool>();
  readonly #poolOfJoin = new Map<JoinState, WorkerPool>();
  readonly #poolOfStream = new Map<StreamState, WorkerPool>();
  #dirtyPools = new Set<WorkerPool>();
  readonly #buffer = new Uint8Array(BLOCK_BYTES);
  readonly #byTap = new Map<number, StreamState>();
  #dirtyStreams = new Set<StreamState>();
  #dirtyJoins = new Set<JoinState>();
  readonly #nullFd: number;
  /** Streams that found no room in the store. */
  readonly #starved = new Set<StreamState>();
  #now = 0;

  constructor(
    topology: RelayTopology,
    { io, store, board, hooks, nullFd }: {
      readonly io: RelayIo;
      readonly store: BlockStore;
      readonly board: RelayBoard;
      readonly hooks: RelayHooks;
      /** Where to write what nobody reads. */
      readonly nullFd: number;
    },
  ) {
    this.#io = io;
    this.store = store;
    this.#board = board;
    this.#hooks = hooks;
    this.#nullFd = nullFd;
    this.streams = topology.streams.map(({ isWithheld = false }, id): StreamState => ({
      id,
      edges: [],
      log: new StreamLog(io, store),
      phase: "unopened",
      source: undefined,
      isReadable: false,
      taken: 0,
      movedAt: 0,
      hasBegun: false,
      isWithheld,
      isGathered: topology.pools?.some(({ streams }) => streams.includes(id)) ?? false,
      tap: undefined,
      isWhole: true,
    }));
    this.joins = topology.joins.map(({ merge, isKept = false }, id): JoinState => ({
      id,
      merge,
      edges: [],
      phase: "unopened",
      fd: -1,
      isFile: false,
      isKept,
      isWritable: false,
      current: 0,
      pending: undefined,
      turn: undefined,
      begun: new Map(),
    }));
    this.edges = connect(topology, this);
    this.pools = (topology.pools ?? []).map((pool, id) => this.#makePool(pool, id));
  }

  #makePool(topology: PoolTopology, id: number): WorkerPool {
    const join = this.joins[topology.join];
    const streams = topology.streams.flatMap((stream) => this.streams[stream] ?? []);
    const pool: WorkerPool = new WorkerPool(topology, {
      streams,
      host: {
        io: this.#io,
        store: this.store,
        nullFd: this.#nullFd,
        watch: (fd) => {
          this.#io.watch(fd);
          this.#poolOfFd.set(fd, pool);
        },
        roomOf: (stream) => this.#roomOf(stream),
        isDirect: (stream) => this.#canBeDirect(stream) && isTakenDirectly(stream),
        push: (stream) => stream.edges.forEach(({ join: reader }) => this.#dirtyJoins.add(reader)),
        isLost: (stream) => stream.edges.every((edge) => edge.isDropped),
        isWithinBase: (stream) => stream.taken - Math.min(...stream.edges.map(floorOf)) < this.baseOf(stream),
        noteTaken: (stream, bytes) => {
          this.#took(stream, bytes);
          for (const edge of stream.edges) this.#dirtyJoins.add(edge.join);
        },
        endStream: (stream) => this.#endStream(stream),
        wantCopy: (copy) => this.#hooks.onCopyWanted?.(id, copy),
        resume: () => {
          if (join === undefined) return;
          join.isWritable = true;
          this.#dirtyJoins.add(join);
        },
        again: () => this.#dirtyPools.add(pool),
        end: () => this.#hooks.onPoolEnded?.(id),
      },
    });
    if (join !== undefined) this.#poolOfJoin.set(join, pool);
    for (const stream of streams) this.#poolOfStream.set(stream, pool);
    return pool;
  }

  /** Begins to take the input of a pool. */
  openPool(id: number): void {
    const pool = this.pools[id];
    const join = pool === undefined ? undefined : this.joins[pool.topology.join];
    if (pool === undefined) return;
    for (const [stream, owner] of this.#poolOfStream) {
      if (owner !== pool || stream.phase !== "unopened") continue;
      stream.phase = "open";
      stream.isReadable = true;
    }
    if (join === undefined || join.phase !== "unopened") return;
    join.phase = "open";
    join.isFile = true; // There is no pipe of its own.
    join.isWritable = true;
    for (const edge of join.edges) edge.capacity = this.baseOf(edge.stream);
    this.#dirtyJoins.add(join);
    this.#dirtyPools.add(pool);
  }

  /** Bytes that a stream may take before its slowest reader has to read on. */
  #roomOf(stream: StreamState): number {
    let room = Infinity;
    for (const edge of stream.edges) {
      if (!edge.isDropped) room = Math.min(room, edge.position + edge.capacity - stream.taken);
    }
    return room;
  }

  /** How much a stream may always be ahead of an edge. */
  baseOf(stream: StreamState): number {
    if (!isLogged(stream) || this.#canBeDirect(stream)) return 0;
    return Math.max(FANOUT_BYTES_MIN, Math.min(FANOUT_BYTES, FANOUTS_BYTES / this.streams.length));
  }

  /** Opens a stream; it owns the descriptor from now on. */
  openStream(id: number, source: StreamSource): void {
    const stream = this.streams[id];
    if (stream === undefined || stream.phase !== "unopened") {
      if (source.kind !== "bytes") {
        for (const fd of [source.fd, source.tap]) if (fd !== undefined) this.#io.close(fd);
      }
      return;
    }
    stream.phase = "open";
    stream.source = source;
    // Asked once in any case: of a pipe whose last writer left before it was opened here, no wait ever tells.
    stream.isReadable = true;
    if (source.kind === "pipe") {
      this.#io.watch(source.fd);
      this.#byFd.set(source.fd, stream);
      if (source.tap !== undefined) this.#openTap(stream, source.tap);
    } else this.#begin(stream);
    this.#touch(stream);
  }

  #openTap(stream: StreamState, fd: number): void {
    stream.tap = new Tap(fd, this.#io);
    this.#byTap.set(fd, stream);
  }

  #closeTap(stream: StreamState): void {
    if (stream.tap === undefined) return;
    this.#byTap.delete(stream.tap.fd);
    stream.tap.close();
    stream.tap = undefined;
  }

  /** How many bytes may be taken from a stream now, at most `max`: no more than its tap has got as well. */
  #allow(stream: StreamState, max: number): Moved {
    const { source, tap } = stream;
    if (tap === undefined || source?.kind !== "pipe") return max;
    const allowed = tap.allow(source.fd, max);
    if (allowed === GONE) {
      this.#closeTap(stream);
      return max;
    }
    if (allowed === NOT_NOW && !tap.isFull) stream.isReadable = false;
    return allowed;
  }

  /** Opens the target of a join; a pipe belongs to it from now on, a file stays that of whoever opened it. */
  openJoin(id: number, { fd, isFile }: { readonly fd: number; readonly isFile: boolean }): void {
    const join = this.joins[id];
    if (join === undefined || join.phase !== "unopened") {
      if (!isFile) this.#io.close(fd);
      return;
    }
    join.phase = "open";
    join.fd = fd;
    join.isFile = isFile;
    join.isWritable = true;
    for (const edge of join.edges) edge.capacity = this.baseOf(edge.stream);
    if (!isFile) {
      this.#io.watch(fd);
      this.#byFd.set(fd, join);
    }
    this.#dirtyJoins.add(join);
  }

  /** Bytes that wait in the stream's own pipe; 1 for a source that is no pipe and has not ended. */
  heldInPipe(stream: StreamState): number {
    const { phase, source } = stream;
    if (stream.isGathered) return phase === "open" ? this.#poolOfStream.get(stream)?.heldFor(stream) ?? 0 : 0;
    if (phase !== "open" || source === undefined) return 0;
    return source.kind === "pipe" ? this.#io.held(source.fd) : 1;
  }

  /** Bytes that wait in the pipe of the join's reader. */
  heldInTarget(join: JoinState): number {
    const { phase, fd, isFile } = join;
    const pool = this.#poolOfJoin.get(join);
    if (pool !== undefined) return pool.heldForCopies;
    return phase === "open" && !isFile ? this.#io.held(fd) : 0;
  }

  /** Stops reading a stream: its writer sees a closed pipe. What was taken is still given on. */
  closeStream(id: number): void {
    const stream = this.streams[id];
    if (stream === undefined) return;
    // What is still withheld then is worth nothing.
    if (stream.isWithheld) this.rewindStream(id);
    stream.isWithheld = false;
    if (stream.phase === "ended") return;
    stream.isWhole = false;
    this.#endStream(stream);
  }

  /** Forgets what a withheld stream has brought; it can be opened again. */
  rewindStream(id: number): void {
    const stream = this.streams[id];
    if (stream === undefined) return;
    if (stream.phase === "open") this.#release(stream.source);
    this.#restart(stream, { phase: "unopened", source: undefined });
  }

  #restart(stream: StreamState, to: Pick<StreamState, "phase" | "source">): void {
    Object.assign(stream, to);
    stream.log.restart();
    stream.taken = 0;
    this.#board.taken[stream.id] = 0;
    this.#starved.delete(stream);
  }

  /** A withheld stream is given on: its writer has ended well. */
  releaseStream(id: number): void {
    const stream = this.streams[id];
    if (stream === undefined || !stream.isWithheld) return;
    stream.isWithheld = false;
    if (stream.taken > 0 || stream.phase === "ended") this.#begin(stream);
    this.#dirtyStreams.add(stream);
    for (const { join } of stream.edges) this.#dirtyJoins.add(join);
  }

  /** A kept join can be opened again and is given from the beginning. */
  rewindJoin(id: number): void {
    const join = this.joins[id];
    if (join === undefined || !join.isKept) return;
    if (join.phase === "open") this.#pause(join);
    join.current = 0;
    for (const edge of join.edges) {
      edge.position = 0;
      this.#board.given[edge.id] = 0;
      const { stream } = edge;
      if (stream.source?.kind === "bytes") this.#restart(stream, { phase: "open", source: stream.source });
    }
  }

  /** What a kept join was given is not asked for again. */
  settleJoin(id: number): void {
    const join = this.joins[id];
    if (join === undefined || !join.isKept) return;
    join.isKept = false;
    if (join.phase === "unopened") this.#endJoin(join, "reader-left");
    else for (const { stream } of join.edges) this.#trim(stream);
  }

  /** Nobody reads a join any more. */
  dropJoin(id: number): void {
    const join = this.joins[id];
    if (join === undefined || join.phase === "ended") return;
    join.isKept = false;
    this.#endJoin(join, "reader-left");
  }

  /** Notes what the system says is ready. */
  note(fd: number, isBroken: boolean): void {
    const state = this.#byFd.get(fd);
    if (state === undefined) {
      const tapped = this.#byTap.get(fd);
      if (tapped !== undefined) return this.#touch(tapped);
      return this.#poolOfFd.get(fd)?.note(fd, isBroken);
    }
    if ("source" in state) {
      state.isReadable = true;
      this.#touch(state);
    } else {
      state.isWritable = true;
      if (isBroken) this.#endJoin(state, "reader-left");
      else this.#dirtyJoins.add(state);
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
    for (const pool of this.pools) if (pool.dueAt <= now) this.#dirtyPools.add(pool);
  }

  get isIdle(): boolean {
    return this.#dirtyStreams.size === 0 && this.#dirtyJoins.size === 0 && this.#dirtyPools.size === 0;
  }

  /** An edge may hold more: its stream goes on. */
  grow(edge: EdgeState, capacity: number): void {
    edge.capacity = capacity;
    this.#dirtyStreams.add(edge.stream);
  }

  /** Moves what can be moved, each for a turn; `now` is the clock's. To be called until `isIdle`. */
  turn(now: number): void {
    this.#now = now;
    const joins = this.#dirtyJoins;
    const streams = this.#dirtyStreams;
    this.#dirtyJoins = new Set();
    this.#dirtyStreams = new Set();
    for (const join of joins) this.#push(join);
    for (const stream of streams) this.#pull(stream);
    const pools = this.#dirtyPools;
    this.#dirtyPools = new Set();
    for (const pool of pools) pool.turn(now);
  }

  #touch(stream: StreamState): void {
    this.#dirtyStreams.add(stream);
    if (stream.edges.length === 1) { for (const { join } of stream.edges) this.#dirtyJoins.add(join); }
  }

  #begin(stream: StreamState): void {
    if (stream.hasBegun || stream.isWithheld) return;
    stream.hasBegun = true;
    this.#hooks.onBegun(stream.id);
  }

  /** Takes from a stream what its edges may hold, when nobody takes it directly. */
  #pull(stream: StreamState): void {
    const pool = this.#poolOfStream.get(stream);
    if (pool !== undefined) return void this.#dirtyPools.add(pool);
    if (stream.phase !== "open" || !stream.isReadable) return;
    const live = stream.edges.filter((edge) => !edge.isDropped);
    if (live.length === 0) return this.#drain(stream);
    const [only] = live;
    if (!isLogged(stream)) {
      if (stream.source?.kind !== "pipe") return;
      if (only !== undefined && isServed(only) && !hasHeld(only)) {
        this.#dirtyJoins.add(only.join);
        return;
      }
    }
    this.#fill(stream, live);
  }

  /** Puts bytes into the stream's log. */
  #fill(stream: StreamState, live: readonly EdgeState[]): void {
    const { source, log } = stream;
    if (source === undefined || source.kind === "bytes") return;
    const base = this.baseOf(stream);
    for (let turn = 0; turn < TURN_BYTES;) {
      const floor = Math.min(...live.map(floorOf));
      let room = stream.isWithheld
        ? Infinity
        : Math.min(...live.map((edge) => edge.position + edge.capacity)) - stream.taken;
      // The end takes no room, and asking for it may take one byte.
      const asksForEnd = room <= 0;
      if (asksForEnd && (source.kind !== "pipe" || this.#io.held(source.fd) > 0)) return;
      room = this.#allow(stream, Math.max(room, 1));
      if (room === NOT_NOW) return;
      if (room === AT_END) return this.#endStream(stream);
      const moved = this.#attempt(
        stream,
        () => log.append(source.fd, { max: room, isBase: asksForEnd || stream.taken - floor < base }),
      );
      if (moved === undefined) return;
      if (moved > 0) {
        turn += moved;
        this.#took(stream, moved);
        for (const { join } of live) this.#dirtyJoins.add(join);
      } else if (moved === AT_END) return this.#endStream(stream);
      else {
        if (log.lacksRoom) this.#starved.add(stream);
        else stream.isReadable = false;
        return;
      }
    }
    this.#dirtyStreams.add(stream);
  }

  #drain(stream: StreamState): void {
    const { source } = stream;
    if (source === undefined || source.kind !== "pipe") return this.#endStream(stream);
    for (let turn = 0; turn < TURN_BYTES;) {
      const max = this.#allow(stream, PIPE_BYTES);
      if (max === NOT_NOW) return;
      if (max === AT_END) return this.#endStream(stream);
      const moved = this.#attempt(stream, () => this.#io.move({ from: source.fd, to: this.#nullFd, max }));
      if (moved === undefined) return;
      if (moved <= AT_END) {
        if (moved === AT_END) this.#endStream(stream);
        else stream.isReadable = false;
        return;
      }
      turn += moved;
      stream.taken += moved;
      stream.tap?.took(moved);
      this.#board.taken[stream.id] = stream.taken;
    }
    this.#dirtyStreams.add(stream);
  }

  #took(stream: StreamState, bytes: number): void {
    stream.taken += bytes;
    stream.tap?.took(bytes);
    stream.movedAt = this.#now;
    this.#board.taken[stream.id] = stream.taken;
    this.#begin(stream);
  }

  /** Gives to a join's target what its edges have. */
  #push(join: JoinState): void {
    if (join.phase !== "open" || !join.isWritable) return;
    const pool = this.#poolOfJoin.get(join);
    if (pool !== undefined) return this.#pushToPool(join, pool);
    if (isLines(join)) return this.#pushLines(join);
    let turn = 0;
    while (turn < TURN_BYTES) {
      const edge = join.edges[join.current];
      if (edge === undefined) return this.#endJoin(join, "ended");
      const moved = this.#advance(edge);
      if (moved === "next") {
        join.current += 1;
        continue;
      }
      if (moved === "blocked") return;
      turn += moved;
    }
    this.#dirtyJoins.add(join);
  }

  /** Moves bytes of one edge to its join's target. */
  #advance(edge: EdgeState): number | "next" | "blocked" {
    const { stream, join } = edge;
    if (hasHeld(edge)) {
      const moved = this.#write(
        join,
        () => stream.log.load(edge.position, { to: join.fd, isToFile: join.isFile }),
      );
      if (moved === undefined || moved <= 0) return "blocked";
      this.#moveOn(edge, moved);
      return moved;
    }
    if (isAtEnd(edge)) return "next";
    const pool = this.#poolOfStream.get(stream);
    if (pool !== undefined && this.#canBeDirect(stream)) return this.#moveGathered(edge, pool);
    if (isLogged(stream) || stream.phase !== "open" || stream.source === undefined) return "blocked";
    return this.#moveDirectly(edge, stream.source);
  }

  #moveDirectly(edge: EdgeState, source: StreamSource): number | "next" | "blocked" {
    const { stream, join } = edge;
    if (source.kind === "bytes") {
      const rest = source.bytes.subarray(edge.position);
      const written = rest.length === 0 ? AT_END : this.#write(join, () => this.#io.write(join.fd, rest));
      if (written === undefined) return "blocked";
      if (written === AT_END) this.#endStream(stream);
      else if (written > 0) this.#passed(edge, written);
      return written === AT_END ? "next" : written < 0 ? "blocked" : written;
    }
    if (!stream.isReadable) return "blocked";
    const max = this.#allow(stream, PIPE_BYTES);
    if (max === NOT_NOW) return "blocked";
    if (max === AT_END) {
      this.#endStream(stream);
      return "next";
    }
    const move = { from: source.fd, to: join.fd, max };
    const moved = source.kind === "file" && join.isFile
      ? this.#write(join, () => this.#io.move(move))
      : this.#moveBetween(edge, { source, move });
    if (moved === undefined) return "blocked";
    if (moved === AT_END) {
      this.#endStream(stream);
      return "next";
    }
    if (moved < 0) return "blocked";
    this.#passed(edge, moved);
    return moved;
  }

  /** True when what workers write may go straight to the one reader of their stream. */
  #canBeDirect(stream: StreamState): boolean {
    const [only, ...others] = stream.edges;
    if (only === undefined || others.length > 0 || isLines(only.join)) return false;
    return this.#poolOfStream.get(stream)?.topology.order === "input";
  }

  /** Takes what the first of several workers has written, straight from its pipe or from where it waits. */
  #moveGathered(edge: EdgeState, pool: WorkerPool): number | "blocked" {
    const { stream, join } = edge;
    const out = pool.nextOut(stream);
    if (out === undefined) return "blocked";
    const { fd, log, position } = out;
    const isHeld = position < log.tail;
    const moved = this.#write(
      join,
      () =>
        isHeld
          ? log.load(position, { to: join.fd, isToFile: join.isFile })
          : fd === undefined
          ? AT_END
          : this.#moveReady({ from: fd, to: join.fd }, join),
    );
    if (moved === undefined) return "blocked";
    if (moved > 0) {
      if (isHeld) {
        out.position += moved;
        log.trim(out.position);
        // The next one's turn.
        if (out.position === log.tail && fd === undefined) this.#dirtyPools.add(pool);
      }
      this.#passed(edge, moved);
      return moved;
    }
    if (moved === AT_END) out.copy.closeOut(out);
    else if (moved === EMPTY) out.isReadable = false;
    this.#dirtyPools.add(pool);
    return "blocked";
  }

  /** As `move`, but tells an empty source (EMPTY) from a full target. */
  #moveReady(
    { from, to, max = PIPE_BYTES }: { readonly from: number; readonly to: number; readonly max?: number },
    { isFile }: { readonly isFile: boolean },
  ): Moved {
    let hadRoom = isFile;
    for (;;) {
      const moved = this.#io.move({ from, to, max });
      if (moved !== NOT_NOW) return moved;
      if (hadRoom) return EMPTY;
      if (!this.#io.hasRoom(to)) return NOT_NOW;
      hadRoom = true;
    }
  }

  #moveBetween(
    edge: EdgeState,
    { source, move }: {
      readonly source: StreamSource & { readonly fd: number };
      readonly move: { readonly from: number; readonly to: number; readonly max: number };
    },
  ): Moved | undefined {
    const { stream, join } = edge;
    let hadRoom = join.isFile;
    for (;;) {
      let moved: Moved;
      try {
        moved = this.#io.move(move);
      } catch (error) {
        // Which of the two ends it was, only the kind of file tells: pipes have no such errors.
        if (join.isFile) this.#endJoin(join, "reader-left", asError(error));
        else this.#endStream(stream, asError(error));
        return undefined;
      }
      if (moved === GONE) {
        this.#endJoin(join, "reader-left");
        return undefined;
      }
      if (moved !== NOT_NOW) return moved;
      if (hadRoom && source.kind === "pipe") {
        stream.isReadable = false;
        return NOT_NOW;
      }
      // The target was full, or the source empty; a source at its end says so only to a target with room.
      if (!join.isFile && !this.#io.hasRoom(move.to)) {
        join.isWritable = false;
        return NOT_NOW;
      }
      hadRoom = true;
    }
  }

  #passed(edge: EdgeState, bytes: number): void {
    edge.stream.log.skip(bytes);
    this.#give(edge, bytes);
    this.#took(edge.stream, bytes);
  }

  #moveOn(edge: EdgeState, bytes: number): void {
    const { stream } = edge;
    this.#give(edge, bytes);
    this.#trim(stream);
    this.#dirtyStreams.add(stream);
  }

  #give(edge: EdgeState, bytes: number): void {
    edge.position += bytes;
    edge.movedAt = this.#now;
    this.#board.given[edge.id] = edge.position;
  }

  #trim(stream: StreamState): void {
    const live = stream.edges.filter((edge) => !edge.isDropped);
    const slowest = Math.min(...live.map(floorOf));
    if (live.length === 0 || (stream.phase === "ended" && slowest === stream.taken)) stream.log.clear();
    else stream.log.trim(slowest);
    // What was given back may be what others wait for.
    for (const starved of this.#starved) this.#dirtyStreams.add(starved);
    this.#starved.clear();
  }

  /** Gives to a pool what it wants. */
  #pushToPool(join: JoinState, pool: WorkerPool): void {
    for (let turn = 0; turn < TURN_BYTES;) {
      if (!pool.wantsInput) {
        join.isWritable = false;
        return;
      }
      const edge = join.edges[join.current];
      if (edge === undefined) {
        pool.endInput();
        return this.#endJoin(join, "ended");
      }
      const passed = this.#passToCopy(edge, pool);
      if (passed !== undefined) {
        if (passed === "empty") return;
        turn += passed;
        continue;
      }
      const count = this.#readEdge(edge, this.#buffer);
      if (count === AT_END) join.current += 1;
      else if (count < 0) return;
      else {
        pool.take(this.#buffer.subarray(0, count));
        turn += count;
      }
    }
    this.#dirtyJoins.add(join);
  }

  /** Moves bytes straight into the pipe of the worker whose block goes on; undefined when that cannot be done now. */
  #passToCopy(edge: EdgeState, pool: WorkerPool): number | "empty" | undefined {
    const { stream, join } = edge;
    const target = pool.directTarget();
    if (target === undefined || isLines(join)) return undefined;
    const { copy, fd, max } = target;
    const { source } = stream;
    const isHeld = hasHeld(edge);
    if (
      !isHeld &&
      (isLogged(stream) || stream.phase !== "open" || source === undefined || source.kind === "bytes")
    ) {
      return undefined;
    }
    if (!isHeld && !stream.isReadable) return "empty";
    const allowed = isHeld ? max : this.#allow(stream, max);
    if (allowed === NOT_NOW) return "empty";
    if (allowed === AT_END) {
      this.#endStream(stream);
      return undefined;
    }
    const moved = this.#attempt(
      stream,
      () =>
        isHeld
          ? stream.log.load(edge.position, { to: fd, isToFile: false, max: allowed })
          : source === undefined || source.kind === "bytes"
          ? NOT_NOW
          : this.#moveReady({ from: source.fd, to: fd, max: allowed }, { isFile: false }),
    );
    if (moved === undefined) return undefined;
    if (moved > 0) {
      pool.noteGiven(copy, moved);
      if (isHeld) this.#moveOn(edge, moved);
      else this.#passed(edge, moved);
      return moved;
    }
    if (moved === AT_END) this.#endStream(stream);
    else if (moved === GONE) copy.closeInput();
    else if (moved === EMPTY) {
      stream.isReadable = false;
      return "empty";
    } else copy.isWritable = this.#io.hasRoom(fd);
    return undefined;
  }

  #pushLines(join: JoinState): void {
    const end = mergeLines(join, {
      read: (edge, buffer) => this.#readEdge(edge, buffer),
      write: (bytes) => this.#write(join, () => this.#io.write(join.fd, bytes)),
    });
    if (end === "ended" && join.phase === "open") this.#endJoin(join, "ended");
    else if (end === "more") this.#dirtyJoins.add(join);
  }

  /** Reads bytes of an edge into memory. */
  #readEdge(edge: EdgeState, buffer: Uint8Array): Moved {
    const { stream } = edge;
    if (hasHeld(edge)) {
      const count = stream.log.read(edge.position, buffer);
      if (count > 0) this.#moveOn(edge, count);
      return count;
    }
    if (isAtEnd(edge)) return AT_END;
    const { source } = stream;
    if (isLogged(stream) || stream.phase !== "open" || source === undefined) return NOT_NOW;
    if (source.kind === "bytes") {
      const rest = source.bytes.subarray(edge.position, edge.position + buffer.length);
      buffer.set(rest);
      if (rest.length === 0) this.#endStream(stream);
      else this.#passed(edge, rest.length);
      return rest.length;
    }
    if (!stream.isReadable) return NOT_NOW;
    const max = this.#allow(stream, buffer.length);
    if (max === NOT_NOW) return NOT_NOW;
    const count = max === AT_END
      ? AT_END
      : this.#attempt(stream, () => this.#io.read(source.fd, buffer.subarray(0, max)));
    if (count === undefined) return AT_END;
    if (count > 0) this.#passed(edge, count);
    else if (count === AT_END) this.#endStream(stream);
    else stream.isReadable = false;
    return count;
  }

  /** Reads from a stream; undefined when that failed and the stream has ended with the error. */
  #attempt(stream: StreamState, action: () => Moved): Moved | undefined {
    try {
      return action();
    } catch (error) {
      this.#endStream(stream, asError(error));
      return undefined;
    }
  }

  /** Writes to a join; undefined when its reader has left or it failed. */
  #write(join: JoinState, action: () => Moved): Moved | undefined {
    for (;;) {
      let moved: Moved;
      try {
        moved = action();
      } catch (error) {
        this.#endJoin(join, "reader-left", asError(error));
        return undefined;
      }
      if (moved === GONE) {
        this.#endJoin(join, "reader-left");
        return undefined;
      }
      if (moved !== NOT_NOW) return moved;
      if (join.isFile || !this.#io.hasRoom(join.fd)) {
        join.isWritable = false;
        return NOT_NOW;
      }
    }
  }

  #endStream(stream: StreamState, error?: Error): void {
    if (stream.phase === "ended") return;
    stream.phase = "ended";
    if (error !== undefined) stream.isWhole = false;
    this.#closeTap(stream);
    this.#release(stream.source);
    this.#closeGathered(stream);
    this.#begin(stream);
    this.#hooks.onStreamEnded(stream.id, error);
    this.#trim(stream);
    for (const { join } of stream.edges) this.#dirtyJoins.add(join);
  }

  /** Workers that write nothing more to anybody get no more lines. */
  #closeGathered(stream: StreamState): void {
    const pool = this.#poolOfStream.get(stream);
    if (pool === undefined) return;
    pool.closeOutput(stream);
    const { streams, join } = pool.topology;
    if (streams.every((id) => this.streams[id]?.phase === "ended")) this.dropJoin(join);
  }

  #release(source: StreamSource | undefined): void {
    if (source === undefined || source.kind === "bytes") return;
    this.#io.forget(source.fd);
    this.#byFd.delete(source.fd);
    this.#io.close(source.fd);
  }

  #endJoin(join: JoinState, end: "ended" | "reader-left", error?: Error): void {
    if (join.phase === "ended") return;
    if (join.isKept && error === undefined) return this.#pause(join);
    const wasOpen = join.phase === "open";
    join.phase = "ended";
    join.begun.clear();
    join.pending = undefined;
    if (end === "reader-left") this.#poolOfJoin.get(join)?.fail();
    // Whoever asks on the other side must know it before the writers can see it.
    for (const edge of join.edges) this.#drop(edge);
    this.#hooks.onJoinEnded(join.id, end, error);
    if (wasOpen) this.#releaseTarget(join);
  }

  #releaseTarget({ fd, isFile }: JoinState): void {
    if (isFile) return; // It belongs to whoever opened it.
    this.#io.forget(fd);
    this.#byFd.delete(fd);
    this.#io.close(fd);
  }

  /** Its reader needs no more for now, or has left: what comes meanwhile is kept for another one. */
  #pause(join: JoinState): void {
    if (join.phase === "open") this.#releaseTarget(join);
    join.phase = "unopened";
    join.begun.clear();
    join.pending = undefined;
    join.turn = undefined;
    for (const edge of join.edges) {
      edge.capacity = Infinity;
      this.#dirtyStreams.add(edge.stream);
    }
  }

  #drop(edge: EdgeState): void {
    if (edge.isDropped) return;
    edge.isDropped = true;
    const { stream } = edge;
    this.#trim(stream);
    this.#dirtyStreams.add(stream);
    const isOver = stream.phase === "ended";
    if (isOver || !stream.edges.every((other) => other.isDropped)) return;
    this.#board.isLost[stream.id] = 1;
    this.#hooks.onLost(stream.id);
  }

  /** Lets go of everything. */
  close(): void {
    for (const join of this.joins) this.dropJoin(join.id);
    for (const stream of this.streams) this.closeStream(stream.id);
    for (const pool of this.pools) pool.close();
    this.store.close();
  }
}

function isLines({ merge, edges }: JoinState): boolean {
  return merge === "lines" && edges.length > 1;
}

/** True when a stream's one reader is ready, and nothing waits for it in the log. */
function isTakenDirectly({ edges }: StreamState): boolean {
  const [only] = edges;
  return edges.length === 1 && only !== undefined && isServed(only) && !hasHeld(only);
}

/** True when its join takes from this edge now, and its target takes bytes. */
function isServed(edge: EdgeState): boolean {
  const { join } = edge;
  if (join.phase !== "open" || !join.isWritable) return false;
  if (isLines(join)) return true;
  return join.edges[join.current] === edge;
}

function connect(
  topology: RelayTopology,
  { streams, joins }: { readonly streams: readonly StreamState[]; readonly joins: readonly JoinState[] },
): readonly EdgeState[] {
  const joinOf = new Map(topology.joins.flatMap(({ edges }, id) => edges.map((edge) => [edge, joins[id]])));
  const made = new Map<number, EdgeState>();
  for (const [id, { edges }] of topology.streams.entries()) {
    const stream = streams[id];
    for (const edge of edges) {
      const join = joinOf.get(edge);
      if (stream === undefined || join === undefined) throw new Error(`Edge ${edge} leads nowhere`);
      const state = { id: edge, stream, join, position: 0, capacity: Infinity, isDropped: false, movedAt: 0 };
      stream.edges.push(state);
      made.set(edge, state);
    }
  }
  // A join reads its edges in its own order.
  for (const [id, { edges }] of topology.joins.entries()) {
    joins[id]?.edges.push(...edges.flatMap((edge) => made.get(edge) ?? []));
  }
  return [...made.values()];
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
