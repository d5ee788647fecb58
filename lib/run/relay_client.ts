/**
 * The run's side of its relays: says what there is to carry, hears what has become of it. The thread is started with
 * the first relay; what is said before it listens waits for it.
 */
import type { Deadlock } from "../core/failure.ts";
import type { StreamRef } from "../core/flow.ts";
import type { Edge, Plan } from "../core/plan.ts";
import { makeEnginePipe } from "../host/descriptors.ts";
import type { EngineThread, openThread } from "../host/engine_thread.ts";
import { libc } from "../host/libc.ts";
import type { RelayBoard } from "../pipe/relay_board.ts";
import { makeBoard } from "../pipe/relay_board.ts";
import type { JoinTarget } from "../pipe/relay_states.ts";
import type { PoolTopology } from "../pipe/relay_topology.ts";
import type { Growth } from "./deadlock_watch.ts";
import type { RelayCommand, RelayError, RelayReport, RelaySetup, StreamEnding } from "./relay_protocol.ts";
import type { CopyPurpose, RelayedCopy, RelayedJoin, RelayedStream } from "./relay_setup.ts";
import { groupStreams, listPools, makeTopology } from "./relay_setup.ts";

export type { CopyPurpose, RelayedCopy, RelayedJoin, RelayedStream, RelayError };

export interface RelayClientHooks {
  /** Not there when nothing is relayed. */
  readonly openThread: typeof openThread | undefined;
  /** Some edges have got their first bytes or their end. */
  readonly onBegun: () => void;
  readonly onStreamEnded: (stream: RelayedStream, end: StreamEnding) => void;
  readonly onLost: (stream: RelayedStream) => void;
  readonly onJoinEnded: (join: RelayedJoin, error: RelayError | undefined) => void;
  /** What is copied of a stream for the capture is not all of it. */
  readonly onCopyCut: (stream: StreamRef, error: RelayError | undefined) => void;
  /** All of a stream is kept, or no more can be. */
  readonly onKept: (stream: StreamRef, error: RelayError | undefined) => void;
  /** A buffer on a closed cycle of waiting became larger. */
  readonly onGrown: (edge: Edge, growth: Growth) => void;
  /** Actors wait for each other for ever. */
  readonly onDeadlock: (deadlock: Deadlock) => void;
  /** A process is wanted for a copy of an actor with workers. */
  readonly onCopyWanted: (pool: number, copy: number) => void;
  /** All input of an actor with workers was shared out, and no process of it is left. */
  readonly onPoolEnded: (pool: number) => void;
  /** The thread broke: a bug. */
  readonly onError: (error: unknown) => void;
}

export interface RelayLimits {
  /** Where the spill file is made. */
  readonly folder: string;
  readonly memoryBytes: number;
  readonly spillBytes: number;
  /** True when an actor may have to wait until others have ended. */
  readonly hasPlaces: boolean;
}

export class RelayClient {
  readonly streams: readonly RelayedStream[];
  readonly joins: readonly RelayedJoin[];
  readonly copies: readonly RelayedCopy[];
  readonly #streamOfEdge = new Map<number, RelayedStream>();
  readonly #joinOfEdge = new Map<number, RelayedJoin>();
  readonly #begun = new Set<number>();
  readonly #enders = new Map<number, () => void>();
  readonly #board: RelayBoard;
  readonly #hooks: RelayClientHooks;
  readonly #options: RelayLimits;
  readonly #plan: Plan;
  readonly #pools: readonly PoolTopology[];
  readonly #edgeCount: number;
  #isStopping = false;
  readonly #said: RelayCommand[] = [];
  /** Cached actors that have ended before there was a thread: others wait for them. */
  readonly #endedBefore: string[] = [];
  #thread: EngineThread | undefined;

  constructor(
    plan: Plan,
    { hooks, copiesOf, ...options }: {
      readonly hooks: RelayClientHooks;
      /** What copies of a stream are wanted for. */
      readonly copiesOf: (stream: StreamRef) => readonly CopyPurpose[];
    } & RelayLimits,
  ) {
    this.#hooks = hooks;
    this.#options = options;
    this.#plan = plan;
    this.streams = groupStreams(plan).map((edges, id) => ({
      id,
      edges,
      ended: new Promise<void>((resolve) => this.#enders.set(id, resolve)),
    }));
    this.joins = plan.joins.filter(({ edges }) => edges[0]?.carrier === "relay")
      .map((join, id) => ({ id, join }));
    for (const stream of this.streams) for (const { id } of stream.edges) this.#streamOfEdge.set(id, stream);
    for (const joined of this.joins) for (const { id } of joined.join.edges) this.#joinOfEdge.set(id, joined);
    // Their joins and edges come after those of the plan.
    this.copies = this.streams.flatMap((of) => {
      const [edge] = of.edges;
      return edge === undefined ? [] : copiesOf(edge.from).map((purpose) => ({ of, purpose }));
    }).map((copy, at) => ({ id: this.joins.length + at, edge: plan.edges.length + at, ...copy }));
    this.#pools = listPools(plan, this);
    this.#edgeCount = plan.edges.length + this.copies.length;
    this.#board = makeBoard({ streams: this.streams.length, edges: this.#edgeCount });
  }

  /** The stream that an edge belongs to, when it is relayed. */
  streamOf(edge: Edge | undefined): RelayedStream | undefined {
    return edge === undefined ? undefined : this.#streamOfEdge.get(edge.id);
  }

  joinOf(edge: Edge | undefined): RelayedJoin | undefined {
    return edge === undefined ? undefined : this.#joinOfEdge.get(edge.id);
  }

  /** True when something came over the edge, or its end. */
  hasBegun(edge: Edge): boolean {
    const stream = this.streamOf(edge);
    return stream === undefined || this.#begun.has(stream.id);
  }

  /** Bytes taken from a stream so far. */
  countTaken(stream: RelayedStream): number {
    return this.#board.taken[stream.id] ?? 0;
  }

  /** Bytes given on over the edges so far. */
  countGiven(edges: readonly Edge[]): number {
    return edges.reduce((sum, edge) => sum + (this.#board.given[edge.id] ?? 0), 0);
  }

  /** True when all readers of the stream left before its end. */
  isLost(stream: RelayedStream): boolean {
    return this.#board.isLost[stream.id] === 1;
  }

  /**
   * Carries a stream from a pipe's read end or an open file, which belongs to the relays from now on; so does `tap`, the
   * write end of a pipe that gets a copy.
   */
  openStream(
    stream: RelayedStream,
    source: {
      readonly kind: "pipe" | "file";
      readonly fd: number;
      readonly tap?: number | undefined;
      /** Nobody has written to it yet, which is not its end. @default false */
      readonly isUnwritten?: boolean;
    },
  ): void {
    const { tap, ...given } = source;
    this.#post({ type: "stream", stream: stream.id, ...given, ...(tap === undefined ? {} : { tap }) });
  }

  /** Carries a file; when it cannot be opened the stream ends with the error. */
  openFile(stream: RelayedStream, path: string): void {
    this.#post({ type: "file", stream: stream.id, path });
  }

  openBytes(stream: RelayedStream, bytes: Uint8Array): void {
    this.#post({ type: "bytes", stream: stream.id, bytes });
  }

  /** No more is read from the stream: its writer sees a closed pipe, its readers the end. */
  closeStream(stream: RelayedStream): void {
    this.#post({ type: "close-stream", stream: stream.id });
  }

  /** Forgets what a withheld stream has brought: another try begins. */
  rewindStream(stream: RelayedStream): void {
    this.#post({ type: "rewind-stream", stream: stream.id });
  }

  /** Gives a withheld stream on: its writer has ended well. */
  releaseStream(stream: RelayedStream): void {
    this.#post({ type: "release-stream", stream: stream.id });
  }

  /** Makes a kept join ready to be given from the beginning. */
  rewindJoin(joined: RelayedJoin): void {
    this.#post({ type: "rewind-join", join: joined.id });
  }

  /** Forgets what a kept join was given: there is no other try. */
  settleJoin(joined: RelayedJoin): void {
    this.#post({ type: "settle-join", join: joined.id });
  }

  /** Carries a join to a pipe's write end, which belongs to the relays from now on, or to a file. */
  openJoin(joined: RelayedJoin | RelayedCopy, target: JoinTarget): void {
    this.#post({ type: "join", join: joined.id, target });
  }

  /** An actor runs, and has these pipes, as `/proc` names them. */
  noteStarted(
    actor: string,
    { pid, pipes }: { readonly pid: number; readonly pipes: Iterable<string> },
  ): void {
    if (this.#thread !== undefined) this.#post({ type: "actor-started", actor, pid, pipes: [...pipes] });
  }

  noteEnded(actor: string): void {
    if (this.#thread !== undefined) this.#post({ type: "actor-ended", actor });
    else if (this.#plan.flow.actors.get(actor)?.isCached === true) this.#endedBefore.push(actor);
  }

  /** The number of an actor's pool. */
  poolOf(actor: string): number {
    return this.#pools.findIndex((pool) => pool.actor === actor);
  }

  /** Begins to share out the input of an actor with workers. */
  openPool(pool: number): void {
    this.#post({ type: "open-pool", pool });
  }

  /** The process of a copy is there; the descriptors belong to the relays from now on. */
  openCopy(
    pool: number,
    opened: {
      readonly copy: number;
      readonly inFd: number;
      readonly outFds: readonly number[];
      readonly pid: number;
      readonly pipes: readonly string[];
    },
  ): void {
    this.#post({ type: "copy-opened", pool, ...opened });
  }

  /** The process of a copy has ended, or could not be started. */
  endCopy(
    pool: number,
    ended: {
      readonly copy: number;
      readonly pid: number | undefined;
      readonly how: "well" | "failed" | "again";
    },
  ): void {
    this.#post({ type: "copy-ended", pool, ...ended });
  }

  /** Nobody reads the join any more. */
  dropJoin(joined: RelayedJoin): void {
    this.#post({ type: "drop-join", join: joined.id });
  }

  /** Starts the thread ahead of the first actor, when there is anything to relay. */
  start(): void {
    if (this.streams.length > 0) this.#thread ??= this.#startThread();
  }

  /** Lets go of everything and ends the thread. */
  async stop(): Promise<void> {
    if (this.#thread === undefined) return;
    if (!this.#isStopping) this.#post({ type: "stop" });
    this.#isStopping = true;
    await this.#thread.whenStopped();
  }

  #post(command: RelayCommand): void {
    if (this.#isStopping) return; // Nobody listens any more, and the descriptors may be others' by now.
    this.#thread ??= this.#startThread();
    // What is said in one go wakes the thread once.
    if (this.#said.length === 0) setImmediate(() => this.#thread?.post(this.#said.splice(0)));
    for (const actor of this.#endedBefore.splice(0)) this.#said.push({ type: "actor-ended", actor });
    this.#said.push(command);
  }

  #startThread(): EngineThread {
    const wake = libc() !== undefined ? makeEnginePipe("read") : undefined;
    const setup: RelaySetup = {
      ...this.#options,
      topology: makeTopology(this.#plan, { ...this, pools: this.#pools, edgeCount: this.#edgeCount }),
      board: this.#board.memory,
      wakeFd: wake?.readFd,
      isLazy: this.#plan.start === "lazy",
    };
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"; // Run from source, or as it was built.
    const { openThread } = this.#hooks;
    if (openThread === undefined) throw new Error("Nothing was to be relayed");
    const thread = openThread<readonly RelayReport[]>(
      new URL(`./relay_thread.${extension}`, import.meta.url),
      {
        setup,
        wakeFd: wake?.writeFd,
        onReport: (reports) => {
          for (const report of reports) {
            if (report.type === "stopped") thread.end();
            else this.#hear(report);
          }
        },
        onError: this.#hooks.onError,
      },
    );
    return thread;
  }

  #hear(report: Exclude<RelayReport, { type: "stopped" }>): void {
    switch (report.type) {
      case "begun":
        this.#begun.add(report.stream);
        return this.#hooks.onBegun();
      case "stream-ended": {
        const stream = this.streams[report.stream];
        this.#enders.get(report.stream)?.();
        if (stream !== undefined) this.#hooks.onStreamEnded(stream, report.end);
        return;
      }
      case "grown": {
        const edge = this.#plan.edges[report.growth.edge];
        if (edge !== undefined) this.#hooks.onGrown(edge, report.growth);
        return;
      }
      case "deadlock":
        return this.#hooks.onDeadlock(report.deadlock);
      case "copy-wanted":
        return this.#hooks.onCopyWanted(report.pool, report.copy);
      case "pool-ended":
        return this.#hooks.onPoolEnded(report.pool);
      case "lost": {
        const stream = this.streams[report.stream];
        if (stream !== undefined) this.#hooks.onLost(stream);
        return;
      }
      case "join-ended": {
        const joined = this.joins[report.join];
        if (joined !== undefined) return this.#hooks.onJoinEnded(joined, report.error);
        const copy = this.copies.find(({ id }) => id === report.join);
        const [edge] = copy?.of.edges ?? [];
        if (edge === undefined) return;
        if (copy?.purpose === "keep") this.#hooks.onKept(edge.from, report.error);
        else if (report.end === "reader-left") this.#hooks.onCopyCut(edge.from, report.error);
        return;
      }
    }
  }
}
