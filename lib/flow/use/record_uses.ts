/**
 * Flows that are used for each record of a stream: their actors are processes of its member. What they are is known of a
 * pattern, with what stands for the values that a record brings; when the record has come, the flow is checked again
 * with these, and each of its processes is taken from there.
 *
 *   urls ──records──▶ clean/words ──▶ clean/sorted ──▶ all      clean[a]/words, clean[a]/sorted, clean[b]/words, …
 */
import { dirname } from "node:path";
import type { Actor, Flow, FlowOutput, MemberRecord, Members, StreamRef } from "../../core/flow.ts";
import { innerName } from "../../core/instance.ts";
import type { MembersDraft } from "../check/actor_draft.ts";
import type { UsedDraft } from "../check/used_draft.ts";
import { quote } from "../schema/names.ts";

/** A flow that is used for each record, and what makes those of the records. */
export interface RecordUse extends UsedDraft {
  readonly stream: MembersDraft;
}

/** The flow of one record, by the name that it has there: `clean[http://a/]`; or why there is none. */
type MadeUse =
  | { readonly ok: true; readonly name: string; readonly flow: Flow }
  | { readonly ok: false; readonly name: string; readonly problem: string };

/** The flow as it is used for a record; each time the last one is remembered, which is asked for by every actor of it. */
export type UseOfRecord = (record: MemberRecord, index: number) => MadeUse;

/** Makes the flows of records. */
export function makeUseOfRecord({ stream, flow, text: { file } }: RecordUse): UseOfRecord {
  let last: { readonly record: MemberRecord; readonly index: number; readonly made: MadeUse } | undefined;
  const makeOne = (record: MemberRecord, index: number): MadeUse => {
    const made = stream.make(record, index);
    if (!made.ok) return made;
    const { name, used } = made.draft;
    const own = used === undefined ? undefined : putTogether(used).flow;
    // Which files a set of it finds may change while the flow runs.
    if (own === undefined || own.actors.size !== flow.actors.size) {
      const problem = `Cannot use ${
        quote(file)
      }: its actors are other ones than when the run began (expected sets that stay as they are)`;
      return { ok: false, name, problem };
    }
    return { ok: true, name, flow: own };
  };
  return (record, index) => {
    if (last?.record !== record || last.index !== index) {
      last = { record, index, made: makeOne(record, index) };
    }
    return last.made;
  };
}

/** How the processes of an actor inside are made; `inputs` are what its pattern reads of others. */
export function membersOfUse(
  pattern: Actor,
  { use, of, outer, actor }: {
    readonly use: UseOfRecord;
    readonly of: RecordUse;
    /** Of the actor that stands for the flow. */
    readonly outer: Members;
    /** Its name inside. */
    readonly actor: string;
  },
): Actor {
  const { isCached, ...plain } = asProcess(pattern);
  const make: Members["make"] = (record, index) => {
    const made = use(record, index);
    if (!made.ok) return made;
    const own = made.flow.actors.get(actor);
    if (own === undefined) throw new Error(`The flow of ${made.name} has no actor ${actor}`);
    return {
      ok: true,
      actor: { ...asProcess(own), name: innerName(made.name, actor), inputs: pattern.inputs },
    };
  };
  const { isCached: _, ...members } = outer;
  return {
    ...plain,
    members: {
      ...members,
      ...of.stream.keysOf === undefined ? {} : { keysOf: of.stream.keysOf },
      ...isCached === true ? { isCached } : {},
      make,
    },
  };
}

/** A file for each record, of the name that the flow of that record gives it. */
export function outputOfUse(
  output: FlowOutput,
  at: number,
  { use, set }: { readonly use: UseOfRecord; readonly set: string },
): FlowOutput {
  return {
    ...output,
    members: {
      set,
      fileOf: (record, index) => {
        const made = use(record, index);
        if (!made.ok) return made;
        const target = made.flow.outputs[at]?.target;
        if (target === undefined) throw new Error(`The flow of ${made.name} has no output ${at}`);
        return { ok: true, path: target };
      },
    },
  };
}

/** A file or a value is what a small process writes, as for any actor over records. */
function asProcess(actor: Actor): Actor {
  const { source } = actor;
  if (source.kind === "file") return { ...actor, source: { kind: "run", argv: ["cat", source.path] } };
  if (source.kind !== "value") return actor;
  const text = new TextDecoder().decode(source.bytes);
  return { ...actor, source: { kind: "run", argv: ["printf", "%s", text] } };
}

/**
 * The same flow, where what leaves it is one stream a port and a file: readers outside get the streams of all members one
 * after the other, and those of one member belong together.
 */
export function putTogether<T extends UsedDraft>(used: T): T {
  const { flow } = used;
  const joined = new Map<string, Actor>();
  const join = (streams: readonly StreamRef[], name: string): readonly StreamRef[] => {
    if (streams.length < 2) return streams;
    let own = name;
    while (flow.actors.has(own) || joined.has(own)) own += "-all";
    joined.set(own, {
      name: own,
      source: { kind: "run", argv: ["cat"] },
      inputs: [{ name: "stdin", streams, merge: "concat" }],
      outputs: [],
      env: {},
      cwd: dirname(flow.file ?? "/"),
      ok: [0],
      explain: "Puts streams together",
    });
    return [{ actor: own, port: "stdout" }];
  };
  const ports = new Map([...used.ports].map(([port, streams]) => [port, join(streams, port)]));
  const outputs = flow.outputs.map((output, at) =>
    output.target === "-" ? output : { ...output, streams: join(output.streams, `file-${at}`) }
  );
  if (joined.size === 0) return used;
  return { ...used, ports, flow: { ...flow, outputs, actors: new Map([...flow.actors, ...joined]) } };
}
