/**
 * Looks at the edges of a run for whoever wants to see them: how full each is, and which process waits at it. Only what
 * has changed is told.
 */
import type { ActorWaiting, EdgeProgress } from "../../core/event.ts";
import { isMessageActor } from "../../core/flow.ts";
import { WAITS_LOOK_MS } from "../../core/limits/process.ts";
import type { Edge, Plan } from "../../core/plan.ts";
import { nameTarget } from "../../core/plan.ts";
import { streamName } from "../../core/flow.ts";
import type { PipeWait } from "../../process/proc/blocked.ts";
import { readWaits } from "../../process/proc/blocked.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";
import type { RelayClient } from "../relays/relay_client.ts";

export interface SampledEdges {
  readonly edges: readonly EdgeProgress[];
  readonly waits: readonly ActorWaiting[];
}

type Waits = Pick<ActorWaiting, "does" | "edge">;

const NOWHERE: Waits = {};

export class EdgeSampler {
  readonly #relays: Pick<RelayClient, "board" | "streamOf">;
  readonly #processes: () => readonly ProcessRun[];
  readonly #relayed: readonly { readonly id: number; readonly stream: number }[];
  /** The edges of each port of an actor, as `/proc`'s pipes are named: `reads join.left`, `writes src`. */
  readonly #edges = new Map<string, Edge[]>();
  readonly #told = new Map<number, EdgeProgress>();
  /** What each process was seen to wait for, by its number. */
  readonly #seen = new Map<number, Waits>();
  readonly #toldWaits = new Map<string, Waits>();
  #next = 0;

  constructor(
    { edges }: Pick<Plan, "edges">,
    { relays, processes }: {
      readonly relays: Pick<RelayClient, "board" | "streamOf">;
      /** All that may be a process now. */
      readonly processes: () => readonly ProcessRun[];
    },
  ) {
    this.#relays = relays;
    this.#processes = processes;
    this.#relayed = edges.flatMap((edge) => {
      const stream = relays.streamOf(edge);
      return stream === undefined ? [] : [{ id: edge.id, stream: stream.id }];
    });
    for (const edge of edges) {
      this.#add(`writes ${streamName(edge.from)}`, edge);
      if (edge.to.kind === "actor") this.#add(`reads ${nameTarget(edge.to)}`, edge);
    }
  }

  /** Undefined when nothing has changed. */
  look(): SampledEdges | undefined {
    const edges = this.#lookAtEdges();
    const waits = this.#lookAtProcesses();
    return edges.length + waits.length === 0 ? undefined : { edges, waits };
  }

  #add(port: string, edge: Edge): void {
    const known = this.#edges.get(port);
    if (known === undefined) this.#edges.set(port, [edge]);
    else known.push(edge);
  }

  #lookAtEdges(): readonly EdgeProgress[] {
    return this.#relayed.flatMap(({ id, stream }) => {
      const now = this.#readEdge(id, stream);
      const before = this.#told.get(id);
      if (
        before === undefined
          ? now.bytes + now.heldBytes === 0
          : before.bytes === now.bytes && before.heldBytes === now.heldBytes &&
            before.capacityBytes === now.capacityBytes
      ) return [];
      this.#told.set(id, now);
      return [now];
    });
  }

  #readEdge(id: number, stream: number): EdgeProgress {
    const { taken, given, capacity } = this.#relays.board;
    const bytes = given[id] ?? 0;
    // The other thread goes on meanwhile.
    const heldBytes = Math.max(0, (taken[stream] ?? 0) - bytes);
    const capacityBytes = capacity[id] ?? 0;
    const isBounded = capacityBytes > 0 && Number.isFinite(capacityBytes);
    return { id, bytes, heldBytes, ...isBounded ? { capacityBytes } : {} };
  }

  #lookAtProcesses(): readonly ActorWaiting[] {
    const running = this.#processes().filter(({ pid, actor }) => pid !== undefined && !isMessageActor(actor));
    const until = performance.now() + WAITS_LOOK_MS;
    const from = this.#next;
    let count = 0;
    for (; count < running.length && performance.now() < until; count++) {
      const run = running[(from + count) % running.length];
      if (run?.pid !== undefined) this.#seen.set(run.pid, this.#waitsOf(run.pid, run));
    }
    this.#next = running.length === 0 ? 0 : (from + count) % running.length;
    return this.#tellWaits(running);
  }

  /** An actor waits when all of its processes do. */
  #tellWaits(running: readonly ProcessRun[]): readonly ActorWaiting[] {
    const now = new Map<string, Waits>();
    const live = new Set<number>();
    for (const { pid = 0, actor: { name } } of running) {
      live.add(pid);
      const waits = this.#seen.get(pid) ?? NOWHERE;
      const known = now.get(name);
      now.set(name, known === undefined || waits.does === undefined ? waits : known);
    }
    for (const pid of this.#seen.keys()) if (!live.has(pid)) this.#seen.delete(pid);
    for (const name of this.#toldWaits.keys()) if (!now.has(name)) now.set(name, NOWHERE);
    return [...now].flatMap(([actor, waits]) => {
      const before = this.#toldWaits.get(actor) ?? NOWHERE;
      if (before.does === waits.does && before.edge === waits.edge) return [];
      if (waits.does === undefined) this.#toldWaits.delete(actor);
      else this.#toldWaits.set(actor, waits);
      return [{ actor, ...waits }];
    });
  }

  #waitsOf(pid: number, { open: { pipes } }: ProcessRun): Waits {
    const found = readWaits(pid, pipes);
    if (found.kind !== "waits" || found.isUnsure) return NOWHERE;
    const known = found.at.filter(({ pipe }) => pipes.has(pipe));
    const at = known.find(({ does }) => does === "write") ?? known[0];
    return at === undefined ? NOWHERE : this.#nameWait(at, pipes.get(at.pipe) ?? "");
  }

  /** Of several edges of a port it is the one that has something to say to it. */
  #nameWait({ does }: PipeWait, port: string): Waits {
    const edges = this.#edges.get(port) ?? [];
    const edge = does === "write" ? this.#fullest(edges) : this.#current(edges);
    return { does, ...edge === undefined ? {} : { edge: edge.id } };
  }

  #fullest(edges: readonly Edge[]): Edge | undefined {
    const held = (edge: Edge): number => this.#told.get(edge.id)?.heldBytes ?? 0;
    return edges.reduce<Edge | undefined>(
      (most, edge) => most === undefined || held(edge) > held(most) ? edge : most,
      undefined,
    );
  }

  /** Inputs that are read one after the other: the last one that has given something, or the first. */
  #current(edges: readonly Edge[]): Edge | undefined {
    return edges.findLast(({ id }) => (this.#told.get(id)?.bytes ?? 0) > 0) ?? edges[0];
  }
}
