/**
 * What the checks of a flow need to have done for the flows that it uses. `flow/use` does it, and is loaded only where a
 * flow uses another one.
 */
import type { Expanded } from "../expand/expand_flow.ts";
import type { ActorDraft, InputDraft } from "./actor_draft.ts";
import type { ActorSite } from "./actor_site.ts";
import type { CheckContext } from "./check_context.ts";
import type { UsedDraft } from "./used_draft.ts";

export interface UseReader {
  /** Reads and checks the flow of an actor; undefined when it is reported what is wrong. */
  readonly open: (
    site: ActorSite,
    given: {
      readonly inputs: ReadonlyMap<string, InputDraft>;
      readonly env: Readonly<Record<string, string>>;
    },
  ) => UsedDraft | undefined;
  /** Puts the actors of the flows in the place of those that stand for them. */
  readonly splice: (
    expanded: Expanded,
    drafts: ReadonlyMap<string, ActorDraft>,
    check: CheckContext,
  ) => Expanded;
}
