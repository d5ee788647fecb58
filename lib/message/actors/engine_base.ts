/**
 * What most parts of the engine need of it. Each says by name which of it.
 */
import type { TimerHeap } from "../../data/timer_heap.ts";
import type { MessageChecks } from "../checks/message_checks.ts";
import type { MessageReport } from "../mail/message_report.ts";
import type { Origins } from "../mail/origins.ts";
import type { TraceGate } from "../mail/trace_gate.ts";
import type { MessageIds } from "../wire/message_ids.ts";
import type { Asks } from "./asks.ts";
import type { Directory } from "./directory.ts";
import type { Streams } from "./streams.ts";

export interface EngineBase {
  readonly ids: MessageIds;
  readonly origins: Origins;
  readonly directory: Directory;
  readonly streams: Streams;
  readonly asks: Asks;
  readonly heap: TimerHeap;
  readonly endpoint: string;
  readonly tracing: TraceGate;
  /** The time at which the turn has begun, in milliseconds. */
  readonly now: () => number;
  /** What messages are held against; undefined when they are not. */
  readonly checks: MessageChecks | undefined;
  readonly tell: (report: MessageReport) => void;
  /** The last state that an instance has saved, as JSON. */
  readonly stateOf: (address: string) => string | undefined;
}
