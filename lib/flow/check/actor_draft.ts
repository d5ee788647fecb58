/**
 * An actor that is checked by itself, before it is joined to others.
 */
import type {
  ActorLimits,
  ActorSource,
  MemberRecord,
  Merge,
  OutputPort,
  Retry,
  Workers,
} from "../../core/flow.ts";
import type { Messaging } from "../../core/messaging.ts";
import type { UsedDraft } from "./used_draft.ts";
import type { Instance } from "../expand/check_each.ts";

/** `unknown` when the actor says nothing, or several things; that is reported. */
export type SourceKind =
  | "process"
  | "value"
  | "file"
  | "stdin"
  | "input"
  | "use"
  | "split"
  | "remote"
  | "unknown";

/** An input whose streams are still names. */
export interface InputDraft {
  readonly names: string | readonly string[];
  readonly isFile: boolean;
}

/** An actor whose inputs are still names. */
export interface ActorDraft {
  readonly name: string;
  readonly kind: SourceKind;
  /** Undefined when it is reported to be wrong. */
  readonly source: ActorSource | undefined;
  readonly outputs: readonly OutputPort[];
  /** True when its outputs could not be read, so that any port may be one of them. */
  readonly hasOpenOutputs: boolean;
  /** By port, in order. */
  readonly inputs: ReadonlyMap<string, InputDraft>;
  /** True when `in` names ports, false when it holds the streams of stdin. */
  readonly hasNamedInputs: boolean;
  /** Undefined when the flow does not say it. */
  readonly merge: Merge | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly ok: readonly number[];
  readonly timeoutMs: number | undefined;
  readonly stallMs: number | undefined;
  readonly retry: Retry | undefined;
  readonly workers: Workers | undefined;
  readonly isCached: boolean;
  readonly reads: readonly string[] | undefined;
  readonly isKept: boolean;
  readonly limits: ActorLimits | undefined;
  readonly messaging: Messaging | undefined;
  readonly explain: string | undefined;
  /** The flow that it stands for; undefined for any other actor, and when that is reported to be wrong. */
  readonly used?: UsedDraft | undefined;
  /** The input of the flow that it stands for. */
  readonly port?: string | undefined;
  /** The sets that it is over, and its instances. */
  readonly each?: {
    readonly sets: readonly string[];
    readonly instances: readonly InstanceDraft[];
    /** The set is of a stream: its instances are made while the flow runs. */
    readonly stream?: MembersDraft;
  };
}

/** What makes the instances of an actor over a set of a stream. */
export interface MembersDraft {
  readonly set: string;
  /** Its records are the keys of this split. */
  readonly keysOf: string | undefined;
  readonly order: "input" | "any";
  readonly isCached: boolean;
  readonly make: (record: MemberRecord, index: number) => MadeDraft;
}

export type MadeDraft =
  | { readonly ok: true; readonly draft: ActorDraft }
  | { readonly ok: false; readonly name: string; readonly problem: string };

/** An instance that is checked; its inputs are still those of its actor. */
export interface InstanceDraft extends Instance {
  readonly draft: ActorDraft;
}
