/**
 * An output on its way through the checks.
 */
import type { FileOfMember, FlowOutput } from "../../core/flow.ts";
import type { Member } from "../expand/member.ts";

/** An output whose streams are those of actors. */
export interface OutputDraft extends Omit<FlowOutput, "members"> {
  /** The members of which its file name is made. */
  readonly members?: ReadonlyMap<string, Member>;
  /** It is a file for each member of a set of a stream. */
  readonly ofMembers?: { readonly set: string; readonly fileOf: FileOfMember };
}
