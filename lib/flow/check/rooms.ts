/**
 * What the checks of a flow need to have done for actors over sets, for those that talk in messages, and for those that
 * split by key. Most flows have none: what does it is loaded where it is needed (`flow/load_rooms.ts`).
 */
import type { ActorSource, InputPort, StreamRef } from "../../core/flow.ts";
import type { Messaging } from "../../core/messaging.ts";
import type { FlowEndpoint } from "../../core/remote.ts";
import type { Expanded, Expanding, Unexpanded } from "../expand/expand_flow.ts";
import type { Member, MemberSet } from "../expand/member.ts";
import type { ActorFile } from "../schema/actor_schema.ts";
import type { ActorDraft } from "./actor_draft.ts";
import type { ActorSite } from "./actor_site.ts";
import type { CheckContext } from "./check_context.ts";
import type { Params, TextScope } from "./check_params.ts";
import type { FlowShape } from "./check_shape.ts";
import type { StreamNames } from "./check_streams.ts";
import type { OutputDraft } from "./output_draft.ts";
import type { Target, TargetSite } from "./check_target.ts";

/** Without a room, the flow has nothing of that kind. */
export interface Rooms {
  readonly sets?: SetRoom;
  readonly messages?: MessageRoom;
  readonly splits?: SplitRoom;
}

/** Processes of a flow, and what they are told of their members. */
export interface InstanceOptions {
  /** Of every process of the flow. */
  readonly env: Readonly<Record<string, string>>;
  readonly checkActor: (site: ActorSite, env: Readonly<Record<string, string>>) => ActorDraft;
}

export interface RecordsSite {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  readonly names: StreamNames;
  readonly check: CheckContext;
}

/** `flow/expand` */
export interface SetRoom {
  /** The sets with their members. */
  readonly checkSets: (
    shape: FlowShape,
    given: { readonly params: Params; readonly check: CheckContext },
  ) => ReadonlyMap<string, MemberSet>;
  /** What stands for members in texts. */
  readonly makeScope: (
    sets: ReadonlyMap<string, MemberSet>,
    members: ReadonlyMap<string, Member | undefined>,
  ) => TextScope;
  /** An actor, or what all of its instances are and the instances. */
  readonly checkInstances: (site: ActorSite, options: InstanceOptions) => ActorDraft;
  /** By set, the input by which its records come. */
  readonly checkRecords: (
    sets: ReadonlyMap<string, MemberSet>,
    site: RecordsSite,
  ) => ReadonlyMap<string, InputPort>;
  readonly checkMemberInputs: (
    draft: ActorDraft,
    site: Pick<RecordsSite, "drafts" | "check"> & { readonly ports: readonly InputPort[] },
  ) => void;
  /** The files that a name in `out` stands for. */
  readonly checkTargets: (text: string, site: TargetSite) => readonly Target[];
  readonly expandFlow: (unexpanded: Unexpanded, expanding: Expanding) => Expanded;
  /** The sets that nothing names. */
  readonly listUnused: (
    given: Pick<Unexpanded, "drafts" | "outputs"> & { readonly sets: ReadonlyMap<string, MemberSet> },
  ) => readonly string[];
  /** How many processes run at a time where the flow does not say. */
  readonly defaultProcesses: (drafts: ReadonlyMap<string, ActorDraft>) => number | undefined;
}

/** Of actors that talk in messages, and of plain functions, which do; also of those that live elsewhere. */
export interface MessageRoom {
  /** Where an actor lives; undefined when that is reported to be wrong. */
  readonly checkRemote: (remote: string, site: ActorSite) => ActorSource | undefined;
  /** Where the flow is reached; undefined when it is not, or that is reported to be wrong. */
  readonly checkEndpoint: (shape: FlowShape, site: EndpointSite) => FlowEndpoint | undefined;
  /** How a message actor is run; undefined for any other actor. */
  readonly checkMessaging: (site: ActorSite) => Messaging | undefined;
  /** The program that calls the function; undefined when it is reported that there is none. */
  readonly checkHandler: (handler: string, site: ActorSite) => ActorSource | undefined;
  /** What that program is told in its environment. */
  readonly handlerEnv: (
    site: ActorSite,
    source: ActorSource | undefined,
  ) => Readonly<Record<string, string>>;
}

export interface EndpointSite {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  readonly params: Params;
  readonly check: CheckContext;
}

export interface ReadersSite {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  /** Actor to its inputs. */
  readonly inputs: ReadonlyMap<string, readonly InputPort[]>;
  /** What the flow offers to those that use it. */
  readonly ports: ReadonlyMap<string, readonly StreamRef[]>;
  readonly check: CheckContext;
}

/** Of actors that split what they read by key. */
export interface SplitRoom {
  /** What an actor splits by; undefined when it is reported to be wrong. */
  readonly checkSplit: (
    split: Exclude<ActorFile["split"], undefined>,
    site: ActorSite,
  ) => ActorSource | undefined;
  /** The outputs, with those that are a file for each key; who reads what is split as one stream is told. */
  readonly checkReaders: (outputs: readonly OutputDraft[], site: ReadersSite) => readonly OutputDraft[];
}
