/**
 * A flow made ready: which actors take part, in which order they start, and how each edge is carried.
 * `lib/graph` makes it, `lib/run` carries it out, `lib/report` shows it.
 */
import type { Actor, Flow, FlowOutput, KeyedOutput, Merge, StreamRef } from "./flow.ts";

/**
 * How the bytes of an edge travel.
 * - `pipe`: one kernel pipe from process to process; no byte passes through the engine.
 * - `descriptor`: an open file, the engine's standard input or its standard output is handed to the process.
 * - `relay`: through the engine, with exact counts and backpressure.
 */
export type Carrier = "pipe" | "descriptor" | "relay";

/** Where an edge ends: an input port of an actor, or an output of the flow. */
export type EdgeTarget =
  | { readonly kind: "actor"; readonly actor: string; readonly port: string }
  | { readonly kind: "output"; readonly target: string };

/** An input as people write it: `join`, `join.left`; an output by its target. */
export function nameTarget(to: EdgeTarget): string {
  if (to.kind === "output") return to.target;
  return to.port === "stdin" ? to.actor : `${to.actor}.${to.port}`;
}

/** A stream going to one input. */
export interface Edge {
  readonly id: number;
  readonly from: StreamRef;
  readonly to: EdgeTarget;
  readonly carrier: Carrier;
  /** Why it is carried so, for people: `fan-out to 3 readers`. */
  readonly reason: string;
  /** True when the edge lies on a cycle of the undirected graph: only there bounded pipes can deadlock. */
  readonly isOnCycle: boolean;
}

/** All edges of one input, in the order they are read. */
export interface Join {
  readonly to: EdgeTarget;
  readonly merge: Merge;
  /** Its actor is given a complete regular file. */
  readonly isFile?: true;
  readonly edges: readonly Edge[];
}

export interface Plan {
  readonly flow: Flow;
  /** The actors that take part, producers before their consumers. */
  readonly actors: readonly Actor[];
  /** The outputs that are made in this run, but for files of members and of keys. */
  readonly outputs: readonly FlowOutput[];
  readonly joins: readonly Join[];
  readonly edges: readonly Edge[];
  readonly start: "eager" | "lazy";
  /** The `file` actors that are named pipes. */
  readonly namedPipes: ReadonlySet<string>;
  /** Those, and devices that let their readers wait (terminals): what is read from one cannot be read again. */
  readonly readOnce: ReadonlySet<string>;
  /** The actors over sets of streams. */
  readonly memberPools: readonly MemberPool[];
  /** The actors that split what they read by key. */
  readonly splits: readonly PlannedSplit[];
  /** How many processes run at the same time, when that is fewer than there are; members have places of their own. */
  readonly processes?: number;
}

/** An actor that splits what it reads, and the outputs that are a file for each of its keys. */
export interface PlannedSplit {
  readonly actor: Actor;
  readonly files: readonly KeyedOutput[];
  /** Members are made of its keys, and read the records of their own. */
  readonly isGrouped: boolean;
}

/** The actors over one set of a stream: for each record a process of each of them. */
export interface MemberPool {
  readonly set: string;
  /** In start order; the records come to the first of them. */
  readonly actors: readonly Actor[];
  /** How many records are worked on at a time. */
  readonly count: number;
  /** The outputs that are a file for each member, of streams of these actors. */
  readonly files: readonly FlowOutput[];
  /** What a member has written is given on when all of its processes have ended well. */
  readonly isWithheld: boolean;
}

/** Which part of a flow to run, by actor names; at most one of the keys is set. */
export type Selection =
  | { readonly kind: "all" }
  | { readonly kind: "only"; readonly actors: readonly string[] }
  | { readonly kind: "stop-before"; readonly actor: string }
  | { readonly kind: "stop-after"; readonly actor: string }
  | { readonly kind: "one-step" };
