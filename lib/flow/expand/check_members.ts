/**
 * Part of a check: sets of the records of a stream, and the actors over them. What is wrong with such an actor is told
 * once, of its pattern; its instances are checked like any other when their records come.
 */
import { type InputPort, KEYS_PORT, type MemberRecord, type Merge, type StreamRef } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import type { ActorDraft, MadeDraft } from "../check/actor_draft.ts";
import type { ActorSite } from "../check/actor_site.ts";
import { type CheckContext, didYouMean, someNames } from "../check/check_context.ts";
import { checkRun } from "../check/check_source.ts";
import type { RecordsSite } from "../check/rooms.ts";
import { quote } from "../schema/names.ts";
import { type Member, type MemberSet, recordsPort } from "./member.ts";
import { instanceName } from "../../core/instance.ts";
import type { Instance } from "./check_each.ts";
import { eachEnv, findReferences, makeScope } from "./set_scope.ts";
import { quietCheck, type StreamMemberSet, toMember } from "./stream_member.ts";

/** Checks the actor with these members, undefined for those that are not known. */
type CheckAt = (members: ReadonlyMap<string, Member | undefined>, told: CheckContext) => ActorDraft;

/** What an actor over many processes cannot be, and why. */
const USELESS = [
  ["workers", "each record has a process of its own"],
  ["keep", "each of its members is forgotten when it has ended"],
] as const;

/** The pattern, and how an instance is made of it. */
export function checkMembers(
  site: ActorSite,
  { set, names, at, instance }: {
    readonly set: StreamMemberSet;
    /** In the order of `each`. */
    readonly names: readonly string[];
    readonly at: CheckAt;
    /** The one over the other sets. */
    readonly instance?: Instance;
  },
): ActorDraft {
  const { name, check } = site;
  const beside = instance?.members ?? new Map<string, Member>();
  const membersWith = (member: Member | undefined): ReadonlyMap<string, Member | undefined> =>
    new Map(names.map((one) => [one, one === set.name ? member : beside.get(one)]));
  const nameOf = (key: string): string => instanceName(name, names.map((one) => beside.get(one)?.key ?? key));
  const pattern = asProcess(at(membersWith(undefined), check), check);
  if (!["process", "use", "unknown"].includes(pattern.kind)) {
    const message = `Cannot use "each" on actor ${quote(name)}: set ${
      quote(set.name)
    } is of a stream, and it is no process (expected run or sh)`;
    check.report({ path: ["actors", name, "each"], message, at: "key" });
  }
  reportUseless(site, set);
  const makeAt: CheckAt = isAlikeBesideCommand(site)
    ? (members, told) => fillMember(pattern, { site, members, check: told })
    : pattern.used?.open.size === 0
    ? () => pattern // The flow that it stands for is the same for all records.
    : at;
  const make = (record: MemberRecord, index: number): MadeDraft => {
    const member = toMember(record, { set, index });
    if (typeof member === "string") {
      return { ok: false, name: nameOf(String(index)), problem: member };
    }
    const own = nameOf(member.key);
    const issues: FlowIssue[] = [];
    const told = quietCheck(check, issues);
    const draft = asProcess(makeAt(membersWith(member), told), told);
    const [issue] = issues;
    return issue === undefined
      ? { ok: true, draft: { ...draft, name: own } }
      : { ok: false, name: own, problem: issue.message };
  };
  const { order, keysOf } = set.stream;
  return {
    ...pattern,
    name: instance?.name ?? name,
    isCached: false,
    each: {
      sets: [set.name],
      instances: [],
      stream: { set: set.name, keysOf, order, isCached: pattern.isCached, make },
    },
  };
}

function reportUseless({ name, shape: { keys }, check }: ActorSite, set: StreamMemberSet): void {
  for (const [key, reason] of USELESS) {
    if (keys[key] === undefined || keys[key] === false || keys[key] === 1) continue;
    const message = `Cannot use "${key}" on actor ${quote(name)}: it is over set ${
      quote(set.name)
    } of a stream, and ${reason} (expected it without)`;
    check.report({ path: ["actors", name, key], message, at: "key" });
  }
}

/** A file or a value of a member is what a small process writes: all else is as for any process of a member. */
function asProcess(draft: ActorDraft, check: CheckContext): ActorDraft {
  const { name, source } = draft;
  if (source?.kind === "file") {
    return { ...draft, kind: "process", source: { kind: "run", argv: ["cat", source.path] } };
  }
  if (source?.kind !== "value") return draft;
  if (source.bytes.includes(0)) {
    const message = `Cannot use "value" on actor ${
      quote(name)
    }: a NUL character is in it, and it is over a set of a stream (expected none)`;
    check.report({ path: ["actors", name, "value"], message });
  }
  const text = new TextDecoder().decode(source.bytes);
  return { ...draft, kind: "process", source: { kind: "run", argv: ["printf", "%s", text] } };
}

/** True when nothing but `run` names members. */
function isAlikeBesideCommand({ shape: { keys }, params: { scope } }: ActorSite): boolean {
  const texts = [...Object.values(keys.env ?? {}), keys.cwd ?? "", ...keys.reads ?? []];
  return keys.run !== undefined && scope !== undefined &&
    texts.every((text) => findReferences(text, scope.sets).length === 0);
}

/**
 * The pattern with the command and the variables of these members: all else was checked with the pattern, and is not looked at again for each of
 * thousands of records. What is wrong is reported.
 */
function fillMember(
  pattern: ActorDraft,
  { site, members, check }: {
    readonly site: ActorSite;
    readonly members: ReadonlyMap<string, Member | undefined>;
    readonly check: CheckContext;
  },
): ActorDraft {
  const { shape: { keys }, params } = site;
  const source = checkRun(keys.run ?? [], {
    site: {
      ...site,
      params: { ...params, scope: makeScope(params.scope?.sets ?? new Map(), members) },
      check,
    },
    ports: {
      in: [...pattern.inputs.keys()].filter((port) => port !== "stdin"),
      out: pattern.outputs.map(({ name }) => name),
    },
  });
  return { ...pattern, source, env: { ...eachEnv(members), ...pattern.env } };
}

/** By set, the input by which its records come. */
export function checkRecords(
  sets: ReadonlyMap<string, MemberSet>,
  { drafts, names, check }: RecordsSite,
): ReadonlyMap<string, InputPort> {
  const ports = new Map<string, InputPort>();
  for (const { name, stream } of sets.values()) {
    if (stream === undefined) continue;
    if (stream.keysOf !== undefined) {
      const streams = keysOf(stream.keysOf, { set: name, drafts, check });
      if (streams !== undefined) ports.set(name, { name: recordsPort(name), streams, merge: "concat" });
      continue;
    }
    const path = ["sets", name, "stream"];
    const { streams, isWhole } = names.expand(stream.names, path);
    if (streams.length > 0) {
      ports.set(name, { name: recordsPort(name), streams, merge: mergeOf(streams, drafts) });
    } else if (isWhole) {
      check.report({
        path,
        message: `Cannot fill set ${quote(name)}: it names no stream (expected at least one)`,
      });
    }
  }
  return ports;
}

/** The stream of the keys of a split; undefined when it is reported to be none. */
function keysOf(
  actor: string,
  { set, drafts, check }: Pick<RecordsSite, "drafts" | "check"> & { readonly set: string },
): readonly StreamRef[] | undefined {
  if (drafts.get(actor)?.kind === "split") return [{ actor, port: KEYS_PORT }];
  const splits = [...drafts.values()].filter(({ kind }) => kind === "split").map(({ name }) => name);
  const remedy = didYouMean(
    check.closest(actor, splits),
    splits.length === 0 ? 'expected an actor with "split"' : `expected one of ${someNames(splits)}`,
  );
  const message = `Cannot fill set ${quote(set)} with the keys of ${
    quote(actor)
  }: there is no such split (${remedy})`;
  check.report({ path: ["sets", set, "keys"], message });
  return undefined;
}

/** Message actors write as long as the flow lives. */
function mergeOf(streams: readonly StreamRef[], drafts: ReadonlyMap<string, ActorDraft>): Merge {
  return streams.some(({ actor }) => drafts.get(actor)?.messaging !== undefined) ? "lines" : "concat";
}

/** On one input a member reads of its own, or what all members read: both are not put together for each. */
export function checkMemberInputs(
  { name, each, hasNamedInputs }: ActorDraft,
  { ports, drafts, check }: Pick<RecordsSite, "drafts" | "check"> & { readonly ports: readonly InputPort[] },
): void {
  for (const port of ports) {
    if (port.streams.length < 2) continue;
    const isOfKey = (actor: string): boolean => actor === each?.stream?.keysOf;
    const isOwn = ({ actor }: StreamRef): boolean =>
      isOfKey(actor) || drafts.get(actor)?.each?.stream?.set === each?.stream?.set;
    const own = port.streams.find(isOwn);
    // Those of its own member are put together when they are whole.
    if (own === undefined || port.streams.every((stream) => isOwn(stream) && !isOfKey(stream.actor))) {
      continue;
    }
    const reason = isOfKey(own.actor)
      ? "gives each its own key (expected it alone there, or an input of its own for each)"
      : "is over the same set of a stream, and another one is not (expected an input of its own for each)";
    const message = `Cannot join streams on input ${quote(port.name)} of actor ${quote(name)}: actor ${
      quote(own.actor)
    } ${reason}`;
    check.report({ path: ["actors", name, "in", ...(hasNamedInputs ? [port.name] : [])], message });
  }
}
