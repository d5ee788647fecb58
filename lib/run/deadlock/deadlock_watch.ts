/**
 * Looks at the relays while something in them does not move, and resolves what can never move by itself.
 *
 *   a stream has bytes and no room ─▶ who waits for whom? ─▶ the same again a moment later, and nothing moved?
 *        ├─ no: look again, less and less often
 *        └─ yes ─▶ a full edge on a cycle: the smallest grows (T. M. Parks, "Bounded Scheduling of Process Networks",
 *                  1995), again and again until nobody is stuck
 *                  ─▶ none can grow: a true deadlock
 */
import type { Deadlock } from "../../core/failure.ts";
import {
  GROWTH_FACTOR,
  IDLE_MAX_MS,
  IDLE_MIN_MS,
  NO_PROGRESS_FATAL_MS,
  WATCH_MAX_MS,
  WATCH_MIN_MS,
  WATCH_SHARE,
} from "../../core/limits/deadlock.ts";
import { FANOUT_BYTES, PIPE_BYTES } from "../../core/limits/streams.ts";
import type { WaitStep } from "../../core/wait.ts";
import type { EdgeState, JoinState, StreamState } from "../../pipe/state/relay_states.ts";
import { findAnyCycle, findStuck, findWay } from "./wait_graph.ts";
import type { AskNode, WaitGraph } from "./wait_graph.ts";
import { describeCycle } from "./describe_cycle.ts";
import { heldFor, isFull, WaitNodes } from "./wait_nodes.ts";
import type { WaitContext } from "./watched.ts";
import { FREE, nodeOf } from "./watched.ts";

export interface GrownBuffer {
  readonly edge: number;
  readonly capacityBytes: number;
  readonly heldBytes: number;
  readonly isSpilled: boolean;
  /** From the closing of the cycle as the engine saw it, that is, since the last byte moved on it, in milliseconds. */
  readonly afterMs: number;
  readonly cycle: readonly WaitStep[];
}

export interface WatchHooks {
  readonly onGrown: (growth: GrownBuffer) => void;
  readonly onDeadlock: (deadlock: Deadlock) => void;
}

/** How soon it looks again to see whether what seemed stuck really is. */
const CONFIRM_MS = 2;

export class DeadlockWatch {
  readonly #context: WaitContext;
  readonly #hooks: WatchHooks;
  /** The streams that did not move at the last look, with what they had taken then. */
  #still = new Map<StreamState, number>();
  #suspected: string | undefined;
  #dueAt = Infinity;
  #analysisAt = 0;
  #intervalMs = WATCH_MIN_MS;
  /** How long the last analysis took. */
  #costMs = 0;
  /** Since when nothing has moved and nothing is held, and when that is looked at. */
  #silentSince: number | undefined;
  #idleMs = IDLE_MIN_MS;
  #isOver = false;

  constructor(context: WaitContext, hooks: WatchHooks) {
    this.#context = context;
    this.#hooks = hooks;
  }

  /** How long to wait for the relays before the next look, in milliseconds; -1 is for ever. */
  timeout(now: number): number {
    return this.#dueAt === Infinity || this.#isOver ? -1 : Math.max(0, Math.ceil(this.#dueAt - now));
  }

  /** Something has moved or changed: what stands still after that is looked at soon. */
  stir(now: number): void {
    this.#dueAt = Math.min(this.#dueAt, now + WATCH_MIN_MS);
    this.#silentSince = undefined;
    // A look takes its time; it may be this share of all.
    this.#analysisAt = Math.min(this.#analysisAt, now + Math.max(WATCH_MIN_MS, this.#costMs / WATCH_SHARE));
  }

  /** To be called when nothing can be moved. */
  look(now: number): void {
    if (now < this.#dueAt || this.#isOver) return;
    const still = this.#findStill();
    const known = this.#still;
    this.#still = new Map(still.map((stream) => [stream, stream.taken]));
    const stuck = still.filter((stream) => known.get(stream) === stream.taken);
    if (still.length === 0) return this.#lookAtSilence(now);
    this.#idleMs = IDLE_MIN_MS;
    if (still.some((stream) => known.get(stream) !== stream.taken)) {
      this.#intervalMs = WATCH_MIN_MS;
      this.#analysisAt = now;
    }
    this.#dueAt = now + WATCH_MIN_MS;
    if (stuck.length > 0 && now >= this.#analysisAt) this.#analyse(stuck.map(nodeOf.stream), now);
    this.#dueAt = Math.max(
      now + CONFIRM_MS,
      Math.min(now + WATCH_MAX_MS, Math.max(this.#dueAt, this.#analysisAt)),
    );
  }

  /** Nothing is held anywhere and nothing moves: perhaps all wait for what nobody can write. */
  #lookAtSilence(now: number): void {
    if (this.#silentSince === undefined) this.#silentSince = now;
    else if (this.#suspected !== undefined || now - this.#silentSince >= this.#idleMs) {
      const { relays } = this.#context;
      this.#analyse(relays.joins.filter(({ phase }) => phase === "open").map(nodeOf.join), now);
      this.#idleMs = Math.min(IDLE_MAX_MS, Math.max(this.#idleMs * 2, this.#costMs / WATCH_SHARE));
    }
    this.#dueAt = this.#suspected === undefined ? now + this.#idleMs : now + CONFIRM_MS;
  }

  /** Streams with bytes that nobody takes. */
  #findStill(): readonly StreamState[] {
    const { relays } = this.#context;
    return relays.streams.filter((stream) =>
      stream.phase === "open" && stream.isReadable && relays.heldInPipe(stream) > 0
    );
  }

  #analyse(roots: readonly string[], now: number): void {
    const nodes = new WaitNodes(this.#context, now);
    const graph = findStuck(roots, (node) => nodes.ask(node));
    this.#costMs = performance.now() - now;
    if (graph.stuck.size === 0) {
      this.#suspected = undefined;
      this.#intervalMs = Math.min(WATCH_MAX_MS, this.#intervalMs * 2);
      this.#analysisAt = now + this.#intervalMs;
      return;
    }
    const signature = this.#sign(graph, nodes);
    const isSure = signature === this.#suspected;
    this.#suspected = signature;
    this.#analysisAt = now + CONFIRM_MS;
    this.#dueAt = now + CONFIRM_MS;
    if (!isSure) return;
    this.#suspected = undefined;
    this.#intervalMs = WATCH_MIN_MS;
    this.#resolve(graph, { now, unsure: nodes.unsure });
  }

  /**
   * Who is stuck, what each waits for, and how far it has come. A look takes its time, so what it sees may never have
   * been true at one moment. The same in the next look means that each of them has waited from the one to the other:
   * then all did at the same moment, and whom only they could wake waits for ever. What moves elsewhere does not matter.
   */
  #sign({ stuck, nodes }: WaitGraph, context: WaitNodes): string {
    const lines = [...stuck].map((node) =>
      `${node}: ${JSON.stringify(nodes.get(node))} ${context.factsOf(node)}`
    );
    return lines.sort().join("\n");
  }

  #resolve(
    first: WaitGraph,
    { now, unsure }: { readonly now: number; readonly unsure: ReadonlyMap<string, number> },
  ): void {
    const answers = new Map(first.nodes);
    const ask: AskNode = (node) => answers.get(node) ?? FREE;
    let graph = first;
    const grown = new Set<EdgeState>();
    while (graph.stuck.size > 0) {
      const found = this.#chooseSmallest(graph, grown);
      if (found === undefined) break;
      grown.add(found.edge);
      this.#grow(found, now);
      // The rest as it was, but for the edge that has room now.
      const { edge } = found;
      const stream = nodeOf.stream(edge.stream);
      const before = answers.get(stream);
      if (before === undefined || before.kind === "free") break;
      const left = edge.stream.edges.filter((other) => isFull(other)).map(({ join }) => nodeOf.join(join));
      answers.set(stream, left.length === 0 ? FREE : { kind: "all", of: left });
      graph = findStuck([...graph.nodes.keys()], ask);
    }
    const guesses = [...unsure].filter(([node]) => graph.stuck.has(node)).map(([, quietMs]) => quietMs);
    if (grown.size === 0 && guesses.every((quietMs) => quietMs >= NO_PROGRESS_FATAL_MS)) {
      this.#giveUp(graph, { isGuess: guesses.length > 0 });
    }
  }

  /** The smallest full edge on a cycle; bytes that several edges share count in parts. */
  #chooseSmallest(
    graph: WaitGraph,
    grown: ReadonlySet<EdgeState>,
  ): { readonly edge: EdgeState; readonly cycle: readonly string[] } | undefined {
    const sizeOf = ({ capacity, stream }: EdgeState): number => (capacity + PIPE_BYTES) / stream.edges.length;
    const full = this.#context.relays.edges
      .filter((edge) =>
        isFull(edge) && !grown.has(edge) && !edge.stream.log.lacksRoom && isStuckAt(graph, edge)
      )
      .sort((a, b) => sizeOf(a) - sizeOf(b));
    for (const edge of full) {
      const way = findWay(graph, { from: nodeOf.join(edge.join), to: nodeOf.stream(edge.stream) });
      if (way !== undefined) return { edge, cycle: [...way, nodeOf.join(edge.join)] };
    }
    return undefined;
  }

  #grow({ edge, cycle }: { readonly edge: EdgeState; readonly cycle: readonly string[] }, now: number): void {
    const { relays } = this.#context;
    const steps = describeCycle(cycle, this.#context);
    const movedAt = this.#lastMove(cycle);
    relays.grow(edge, Math.max(edge.capacity, FANOUT_BYTES) * GROWTH_FACTOR);
    this.#hooks.onGrown({
      edge: edge.id,
      capacityBytes: edge.capacity,
      heldBytes: heldFor(edge),
      isSpilled: edge.stream.log.isSpilled,
      afterMs: movedAt === 0 ? 0 : Math.max(0, now - movedAt),
      cycle: steps,
    });
  }

  /** When something last moved on the cycle. */
  #lastMove(cycle: readonly string[]): number {
    const { relays } = this.#context;
    const streams = relays.streams.filter((stream) => cycle.includes(nodeOf.stream(stream)));
    const joins = relays.joins.filter((join) => cycle.includes(nodeOf.join(join)));
    const edges = [...streams, ...joins].flatMap((state) => state.edges);
    return Math.max(...streams.map(({ movedAt }) => movedAt), ...edges.map(({ movedAt }) => movedAt));
  }

  #giveUp(graph: WaitGraph, { isGuess }: { readonly isGuess: boolean }): void {
    const { relays } = this.#context;
    const starved = this.#findStarved(graph);
    // A program that nobody can look into may know better.
    if (starved === undefined && isGuess) return;
    const [start = ""] = starved === undefined ? graph.stuck : [starved];
    const nodes = findAnyCycle(graph, start) ?? [];
    const cycle = describeCycle(nodes, this.#context);
    if (cycle.length === 0 && starved === undefined) {
      const waits = [...graph.stuck].map((node) => `${node} ${JSON.stringify(graph.nodes.get(node))}`);
      throw new Error(`Cannot name who waits for whom: ${waits.join("; ")}`);
    }
    this.#isOver = true;
    this.#hooks.onDeadlock({
      cycle,
      cause: starved === undefined ? { kind: "nobody" } : relays.store.noRoom,
      stored: relays.store.usedBytes,
    });
  }

  /** A stuck stream, or the input of workers, for which there is no room in the store. */
  #findStarved({ stuck }: WaitGraph): string | undefined {
    const { streams, pools } = this.#context.relays;
    const nodes = [
      ...streams.filter(({ log }) => log.lacksRoom).map(nodeOf.stream),
      ...pools.filter(({ lacksRoom }) => lacksRoom).map(({ topology }) => nodeOf.join({ id: topology.join })),
    ];
    return nodes.find((node) => stuck.has(node));
  }
}

/** True when its stream waits for room on this edge, and its reader is stuck too. */
function isStuckAt(
  { nodes, stuck }: WaitGraph,
  { stream, join }: { readonly stream: StreamState; readonly join: JoinState },
): boolean {
  const waiting = nodes.get(nodeOf.stream(stream));
  if (waiting === undefined || waiting.kind === "free" || !waiting.of.includes(nodeOf.join(join))) {
    return false;
  }
  return stuck.has(nodeOf.stream(stream)) && stuck.has(nodeOf.join(join));
}
