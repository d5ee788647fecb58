/**
 * The run's side of its relays: says what there is to carry; what becomes of it is told to a listener
 * (`hear_relays.ts`). Counters are read in memory that both sides share.
 */
import { makeEnginePipe } from "../../host/descriptors/descriptors.ts";
import type { EngineThread, openThread } from "../../host/threads/engine_thread.ts";
import { libc } from "../../host/descriptors/libc.ts";
import { streamsAheadMax } from "../../process/start/check_system_limits.ts";
import type { StreamRef } from "../../core/flow.ts";
import type { Edge, Plan } from "../../core/plan.ts";
import type { RelayBoard } from "../../pipe/state/relay_board.ts";
import { makeBoard } from "../../pipe/state/relay_board.ts";
import { MEMBERS_TOLD_MS } from "../../core/limits/sets.ts";
import type { JoinTarget } from "../../pipe/state/relay_states.ts";
import type { RelayListener } from "./hear_relays.ts";
import { hearRelays } from "./hear_relays.ts";
import type {
  CopyEnded,
  CopyOpened,
  RelayCommand,
  RelayError,
  RelayLimits,
  RelayReport,
  RelaySetup,
  UnitFate,
} from "./relay_protocol.ts";
import type { RelayedJoin, RelayedStream, SideEdge, SidePurpose } from "./relay_setup.ts";
import { RelayedEdges } from "./relayed_edges.ts";

export type { RelayedJoin, RelayedStream, RelayError, SideEdge, SidePurpose };

export interface RelayClientHooks extends RelayListener {
  /** The thread broke: a bug. */
  readonly onError: (error: unknown) => void;
}

export class RelayClient {
  readonly #edges: RelayedEdges;
  readonly board: RelayBoard;
  readonly #limits: RelayLimits;
  readonly #isLazy: boolean;
  readonly #openThread: typeof openThread | undefined;
  /** How many streams were opened since it was asked whether the thread has seen all of them. */
  #ahead = 0;
  #isBehind = false;
  #isStopping = false;
  readonly #said: RelayCommand[] = [];
  #atOnce: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #thread: EngineThread | undefined;

  constructor(
    plan: Plan,
    { sidesOf, openThread: open, ...limits }: {
      /** Not there when nothing is relayed. */
      readonly openThread: typeof openThread | undefined;
      /** What else than its readers a stream goes to. */
      readonly sidesOf: (stream: StreamRef) => readonly SidePurpose[];
    } & RelayLimits,
  ) {
    this.#limits = limits;
    this.#isLazy = plan.start === "lazy";
    this.#openThread = open;
    this.#edges = new RelayedEdges(plan, sidesOf);
    const { streams, edgeCount } = this.#edges.topology;
    this.board = makeBoard({ streams: streams.length, edges: edgeCount });
  }

  get streams(): readonly RelayedStream[] {
    return this.#edges.streams;
  }

  get joins(): readonly RelayedJoin[] {
    return this.#edges.joins;
  }

  get sides(): readonly SideEdge[] {
    return this.#edges.sides;
  }

  /** Resolves when what has ended is copied for a capture; with `isWhole` what has begun, too, for all of it ends. */
  async whenCopied({ isWhole }: { readonly isWhole: boolean }): Promise<void> {
    await this.#edges.whenCopied({ isWhole });
  }

  streamOf(edge: Edge | undefined): RelayedStream | undefined {
    return this.#edges.streamOf(edge);
  }

  joinOf(edge: Edge | undefined): RelayedJoin | undefined {
    return this.#edges.joinOf(edge);
  }

  /** The number of an actor's pool. */
  poolOf(actor: string): number {
    return this.#edges.poolOf(actor);
  }

  /** True when something came over the edge, or its end. */
  hasBegun(edge: Edge): boolean {
    return this.#edges.hasBegun(edge);
  }

  /** False while the thread may not have looked yet at many streams that were opened, and so has ended none of them. */
  get hasCaughtUp(): boolean {
    return !this.#isBehind;
  }

  /** Bytes taken from a stream so far. */
  countTaken(stream: RelayedStream): number {
    return this.board.taken[stream.id] ?? 0;
  }

  /** Bytes given on over the edges so far. */
  countGiven(edges: readonly Edge[]): number {
    return edges.reduce((sum, edge) => sum + (this.board.given[edge.id] ?? 0), 0);
  }

  /** True when all readers of the stream left before its end. */
  isLost(stream: RelayedStream): boolean {
    return this.board.isLost[stream.id] === 1;
  }

  /**
   * Carries a stream from a pipe's read end or an open file, which belongs to the relays from now on; so does `tap`, the
   * write end of a pipe that gets a copy.
   */
  openStream(
    stream: RelayedStream,
    source: {
      readonly kind: "pipe" | "device" | "file";
      readonly fd: number;
      readonly tap?: number | undefined;
      /** Nobody has written to it yet, which is not its end. @default false */
      readonly isUnwritten?: boolean;
    },
  ): void {
    const { tap, ...given } = source;
    this.#post({ type: "stream", stream: stream.id, ...given, ...(tap === undefined ? {} : { tap }) });
    this.#ahead += 1;
    if (this.#ahead < streamsAheadMax() || this.#thread === undefined) return;
    this.#ahead = 0;
    this.#isBehind = true;
    this.#post({ type: "catch-up" });
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
  openJoin(joined: RelayedJoin | SideEdge, target: JoinTarget): void {
    this.#post({ type: "join", join: joined.id, target });
  }

  /** An actor runs, and has these pipes, as `/proc` names them. */
  noteStarted(
    actor: string,
    { pid, pipes }: { readonly pid: number; readonly pipes: Iterable<string> },
  ): void {
    this.#post({ type: "actor-started", actor, pid, pipes: [...pipes] });
  }

  noteEnded(actor: string): void {
    this.#post({ type: "actor-ended", actor });
  }

  /** Begins to share out the input of an actor with workers. */
  openPool(pool: number): void {
    this.#post({ type: "open-pool", pool });
  }

  /** Begins to split what an actor reads into these files. */
  openSplit(actor: string, files: (RelayCommand & { readonly type: "open-split" })["files"]): void {
    this.#post({ type: "open-split", split: this.#edges.splitOf(actor), files });
  }

  /** The process of a copy is there; the descriptors belong to the relays from now on. */
  openCopy(pool: number, opened: CopyOpened): void {
    this.#post({ type: "copy-opened", pool, ...opened });
  }

  /** The process of a copy has ended, or could not be started. */
  endCopy(
    pool: number,
    { isUrgent = true, ...ended }: CopyEnded & {
      /** Otherwise it may be told together with others, a little later. @default true */
      readonly isUrgent?: boolean;
    },
  ): void {
    this.#post({ type: "copy-ended", pool, ...ended }, { isUrgent });
  }

  /** Nobody reads the join any more. */
  dropJoin(joined: RelayedJoin): void {
    this.#post({ type: "drop-join", join: joined.id });
  }

  /** What becomes of a unit; it is told when one is rewound. */
  settleUnit(unit: number, becomes: UnitFate): void {
    if (becomes === "rewound") this.#edges.forgetUnit(unit);
    this.#post({ type: "unit", unit, becomes });
  }

  /** Starts the thread ahead of the first actor, when there is anything to relay. */
  start(hooks: RelayClientHooks): void {
    if (this.streams.length > 0) this.#thread ??= this.#startThread(hooks);
  }

  /** Lets go of everything and ends the thread. */
  async stop(): Promise<void> {
    if (this.#thread === undefined) return;
    if (!this.#isStopping) this.#post({ type: "stop" });
    this.#isStopping = true;
    await this.#thread.whenStopped();
  }

  /** Without a thread nothing is relayed, and there is nothing to be said. */
  #post(command: RelayCommand, { isUrgent = true }: { readonly isUrgent?: boolean } = {}): void {
    // When it stops nobody listens any more, and the descriptors may be others' by now.
    if (this.#isStopping || this.#thread === undefined) return;
    this.#said.push(command);
    // What is said in one go wakes the thread once.
    if (!isUrgent) this.#later ??= setTimeout(() => this.#tell(), MEMBERS_TOLD_MS);
    else this.#atOnce ??= setImmediate(() => this.#tell());
  }

  #tell(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#atOnce = undefined;
    if (this.#said.length > 0) this.#thread?.post(this.#said.splice(0));
  }

  #startThread({ onError, ...listener }: RelayClientHooks): EngineThread {
    const wake = libc() !== undefined ? makeEnginePipe("read") : undefined;
    const setup: RelaySetup = {
      ...this.#limits,
      topology: this.#edges.topology,
      board: this.board.memory,
      wakeFd: wake?.readFd,
      isLazy: this.#isLazy,
    };
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"; // Run from source, or as it was built.
    if (this.#openThread === undefined) throw new Error("Nothing was to be relayed");
    const thread = this.#openThread<readonly RelayReport[]>(
      new URL(`./relay_thread.${extension}`, import.meta.url),
      {
        setup,
        wakeFd: wake?.writeFd,
        onReport: (reports) => {
          for (const report of reports) {
            if (report.type === "stopped") thread.end();
            else hearRelays(report, { edges: this.#edges, listener });
            if (report.type === "caught-up") this.#isBehind = false;
          }
        },
        onError,
      },
    );
    return thread;
  }
}
