/**
 * What the search for rings of waiting knows of a run, and what its nodes are called.
 */
import type { JoinState, StreamState } from "../../pipe/state/relay_states.ts";
import type { RelayTopology } from "../../pipe/state/relay_topology.ts";
import type { Relays } from "../../pipe/relays.ts";
import type { PipeWait } from "../../process/proc/blocked.ts";
import type { ProcessState } from "../../process/state/process_run.ts";
import type { Waiting } from "./wait_graph.ts";

export const FREE: Waiting = { kind: "free" };

/** What is known of a process actor. */
export interface WatchedActor {
  readonly name: string;
  readonly streams: StreamState[];
  readonly joins: JoinState[];
  /** The actors that have to have ended before it starts: it is given the files that are kept of them. */
  readonly writers: string[];
  pid: number | undefined;
  /** The pipes it was given, as `/proc` names them. */
  pipes: ReadonlySet<string>;
  /** What is known of its process: one that rests is as one that waits. */
  is: Exclude<ProcessState["is"], "resting">;
  /** Of an actor with workers: the processes that live, by the numbers of the copies. */
  copies?: Map<number, WatchedCopy>;
}

/** One process of an actor with workers, or those of a member. */
export interface WatchedCopy {
  readonly processes: readonly {
    readonly pid: number;
    /** The pipes it was given, as `/proc` names them. */
    readonly pipes: ReadonlySet<string>;
  }[];
  /** Those of them that are its input and, in the order of the pool's streams, its outputs. */
  readonly input: string | undefined;
  readonly outputs: readonly (string | undefined)[];
}

export interface WaitContext {
  readonly relays: Relays;
  readonly topology: RelayTopology;
  readonly actors: ReadonlyMap<string, WatchedActor>;
  /** Which stream or join a pipe belongs to, by its name in `/proc`. */
  readonly pipes: { readonly get: (pipe: string) => StreamState | JoinState | undefined };
  readonly isLazy: boolean;
  /** True when an actor may have to wait until others have ended. */
  readonly hasPlaces: boolean;
}

/** The name of a node; a copy is a process of an actor with workers. */
export const nodeOf = {
  actor: (name: string): string => `actor ${name}`,
  copy: (pool: number, index: number): string => `copy ${pool} ${index}`,
  stream: ({ id }: Pick<StreamState, "id">): string => `stream ${id}`,
  join: ({ id }: Pick<JoinState, "id">): string => `join ${id}`,
  /** Actors that are run again together: what is withheld or kept waits until all of them have ended. */
  unit: (id: number): string => `unit ${id}`,
};

/** A process, and how what it waits for is found. */
export interface WatchedProcess {
  readonly node: string;
  readonly pid: number;
  readonly pipes: ReadonlySet<string>;
  /** The nodes of the pipes it waits at; `busy` when one of them is ready or leads out of sight. */
  readonly findPlaces: (waits: readonly PipeWait[]) => readonly string[] | "busy";
  /** Everything it could be waiting for. */
  readonly everything: () => readonly string[];
  /** When bytes of it last moved. */
  readonly movedAt: () => number;
}

/** When bytes of the actor last moved. */
export function lastMove({ streams, joins }: Pick<WatchedActor, "streams" | "joins">): number {
  return Math.max(...[...streams, ...joins.flatMap(({ edges }) => edges)].map(({ movedAt }) => movedAt));
}

export function any(of: readonly string[]): Waiting {
  return { kind: "any", of };
}
