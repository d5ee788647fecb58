/**
 * What the bus of a run is given.
 */
import type { Tracing } from "../core/messaging.ts";
import type { BlockStore } from "../data/block_store.ts";
import type { ActorProcess } from "./actors/actor_process.ts";
import type { MessageChecks } from "./checks/message_checks.ts";
import type { Doing } from "./actors/doing.ts";
import type { ActorSetup } from "./actors/message_actor.ts";
import type { Journal, Leftover } from "./mail/journal.ts";
import type { MessageReport } from "./mail/message_report.ts";
import type { StateSpill } from "./system/kept_states.ts";

export interface EngineSetup {
  readonly run: string;
  readonly actors: readonly ActorSetup[];
  /** Others than the actors of the flow may send messages, and may be answered. */
  readonly hasStrangers: boolean;
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly tracing: Tracing;
  /** What messages are held against; undefined when they are not. */
  readonly checks: MessageChecks | undefined;
  /** What messages that wait may take, in memory and then in blocks on disk. */
  readonly memoryBytes: number;
  readonly blocks: BlockStore;
  /** Where is kept what has to outlive the engine, and what an engine before this one has left there. */
  readonly journal: Journal | undefined;
  readonly leftover: Leftover;
  /** Where states go that have no place in memory. */
  readonly stateSpill: StateSpill;
  readonly doingOf: (process: ActorProcess) => Doing;
  /** The engine may not look into processes: who is silent for a while is taken to have finished. */
  readonly isBlind: boolean;
  readonly tell: (report: MessageReport) => void;
}
