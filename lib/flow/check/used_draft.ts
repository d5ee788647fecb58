/**
 * A flow inside of a flow, as the checks of the outer one see it.
 */
import type { Flow, StreamRef } from "../../core/flow.ts";
import type { UsedText } from "../../core/issue.ts";

/** A flow that is used: checked, its inputs still open. */
export interface UsedDraft {
  readonly text: UsedText;
  readonly flow: Flow;
  /** Its streams by port; without `stdout` when it writes no standard output. */
  readonly ports: ReadonlyMap<string, readonly StreamRef[]>;
  /** Port to the actor that stands for it, whose readers read what the user connects. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Its parameters that are other ones for each record of a stream. */
  readonly open: ReadonlySet<string>;
}

/** A flow as it is offered to those that use it. */
export type OfferedFlow = Omit<UsedDraft, "text" | "open">;
