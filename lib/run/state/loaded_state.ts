/**
 * What a flow goes on from: what was built in an earlier run, as files.
 */
import type { ArchivedStream } from "../../core/archive.ts";
import type { Flow } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";

export interface LoadedState {
  /** The flow to be planned: what is built is a file in it. */
  readonly flow: Flow;
  /** The flow as it was given. */
  readonly original: Flow;
  /** The actors that are built. */
  readonly built: ReadonlySet<string>;
  /** The files of built streams, by the streams' names. */
  readonly files: ReadonlyMap<string, string>;
  /** The built streams in the database, by name, when the run is captured into the same one. */
  readonly origins?: ReadonlyMap<string, ArchivedStream>;
  /** Writes the files that a plan of the flow reads; when it is captured, those that the next run may need. */
  prepare(plan: Plan, options: { readonly isCaptured: boolean }): Promise<void>;
  /** Removes the files. */
  remove(): Promise<void>;
}
