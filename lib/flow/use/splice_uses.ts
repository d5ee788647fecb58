/**
 * Puts the actors of flows that are used in the place of the actors that stand for them: `clean` becomes `clean/words`,
 * `clean/sorted` and so on. Who reads `clean` reads what they write to standard output, and who reads an input of the
 * flow inside reads what is connected to it:
 *
 *     a ──▶ clean ──▶ b      a ──▶ clean/words ──▶ clean/sorted ──▶ b
 */
import { dirname, resolve } from "node:path";
import type { Actor, FlowOutput, InputPort, Retry, StreamRef, UsedFlow } from "../../core/flow.ts";
import { boxesOf, groupOf, innerName } from "../../core/instance.ts";
import type { ActorDraft } from "../check/actor_draft.ts";
import type { CheckContext } from "../check/check_context.ts";
import { checkCycles } from "../check/check_cycles.ts";
import type { MembersDraft } from "../check/actor_draft.ts";
import type { UsedDraft } from "../check/used_draft.ts";
import type { Expanded } from "../expand/expand_flow.ts";
import { checkInputsOfUse, checkRecordUse } from "./check_record_uses.ts";
import { checkUnits } from "./check_units.ts";
import { makeUseOfRecord, membersOfUse, outputOfUse, putTogether } from "./record_uses.ts";
import type { RecordUse, UseOfRecord } from "./record_uses.ts";
import { quote } from "../schema/names.ts";
import { SplicedStreams } from "./spliced_streams.ts";

/** A flow without actors that stand for others; what cannot be is reported. */
export function spliceUses(
  expanded: Expanded,
  drafts: ReadonlyMap<string, ActorDraft>,
  check: CheckContext,
): Expanded {
  const used = listUsed(drafts);
  const streams = new SplicedStreams(expanded.actors, used);
  const actors = new Map<string, Actor>();
  for (const [name, actor] of expanded.actors) {
    const box = used.get(name);
    if (box === undefined) {
      actors.set(name, placed(actor, { name, resolve: (list) => streams.resolve(list) }));
    } else {
      for (const inner of listInner(name, box, { streams, outer: actor })) actors.set(inner.name, inner);
    }
  }
  for (const [actor, { ports }] of used) {
    for (const port of ports.keys()) streams.resolve([{ actor, port }]); // Also those that nobody reads.
  }
  for (const name of streams.rings) {
    const message = `Cannot connect actor ${
      quote(groupOf(name))
    }: what it is given is its own output (expected another stream)`;
    check.report({ path: ["actors", groupOf(name), "in"], message, at: "key" });
  }
  reportCycles(actors, check);
  for (const [box, use] of used) {
    if (!isRecordUse(use)) continue;
    checkRecordUse(box, { use, check });
    checkInputsOfUse(actors, { box, set: use.stream.set, check });
  }
  checkUnits(actors, { used, check });
  const resolveAll = (lists: ReadonlyMap<string, readonly StreamRef[]>) =>
    new Map([...lists].map(([name, list]) => [name, streams.resolve(list)]));
  return {
    actors,
    secrets: [...used.values()].flatMap(({ flow }) => flow.secrets),
    aliases: resolveAll(expanded.aliases),
    ports: resolveAll(expanded.ports),
    groups: groupActors(expanded.groups, { used, actors }),
    uses: listBoxes({ used, drafts, streams }),
    outputs: joinOutputs(expanded.outputs, { used, streams, check }),
  };
}

/** By the names of actors and of instances. */
function listUsed(drafts: ReadonlyMap<string, ActorDraft>): ReadonlyMap<string, Box> {
  const all = [...drafts.values()].flatMap((draft): readonly (readonly [string, ActorDraft])[] =>
    draft.each === undefined || (draft.each.stream !== undefined && draft.each.sets.length === 1)
      ? [[draft.name, draft]]
      : draft.each.instances.map((instance) => [instance.name, instance.draft])
  );
  return new Map(all.flatMap(([name, { used, retry, each }]): readonly (readonly [string, Box])[] => {
    if (used === undefined) return [];
    const { stream } = each ?? {};
    if (stream === undefined) return [[name, { ...used, retry }]];
    const box = putTogether({ ...used, retry, stream });
    return [[name, { ...box, use: makeUseOfRecord(box) }]];
  }));
}

/** The actors inside, by their names outside. What stands for an input is not among them. */
function listInner(
  name: string,
  box: Box,
  { streams, outer }: { readonly streams: SplicedStreams; readonly outer: Actor },
): readonly Actor[] {
  const { flow, inputs, retry, use } = box;
  const open = new Set(inputs.values());
  return [...flow.actors.values()].filter((actor) => !open.has(actor.name)).map((actor) => {
    const inner = placed(actor, {
      name: innerName(name, actor.name),
      box: name,
      resolve: (list) => streams.resolveInner(name, list),
    });
    const { members } = outer;
    if (isRecordUse(box) && members !== undefined && use !== undefined) {
      const records = outer.inputs.filter((port) => port.name === members.port);
      const pattern = membersOfUse(inner, { use, of: box, outer: members, actor: actor.name });
      return {
        ...pattern,
        inputs: [...pattern.inputs, ...resolveInputs(records, (list) => streams.resolve(list))],
      };
    }
    if (retry !== undefined) return { ...inner, unit: { name, retry } };
    return inner.unit === undefined
      ? inner
      : { ...inner, unit: { ...inner.unit, name: innerName(name, inner.unit.name) } };
  });
}

/** A flow that is used, and how it is run again as a whole. */
export interface Box extends UsedDraft {
  readonly retry: Retry | undefined;
  /** Set when it is used for each record of a stream. */
  readonly stream?: MembersDraft;
  readonly use?: UseOfRecord;
}

function isRecordUse(box: Box): box is Box & RecordUse {
  return box.stream !== undefined;
}

interface Place {
  readonly name: string;
  /** The actor in whose place it is one of several. */
  readonly box?: string;
  readonly resolve: (streams: readonly StreamRef[]) => readonly StreamRef[];
}

/** An actor with other names for itself and what it reads; so are those of the records that it is over. */
function placed(actor: Actor, place: Place): Actor {
  const { members } = actor;
  const inputs = resolveInputs(actor.inputs, place.resolve);
  if (members === undefined) return { ...actor, name: place.name, inputs };
  const make: typeof members.make = (record, index) => {
    const made = members.make(record, index);
    const own = made.ok ? made.actor.name : made.name;
    const name = place.box === undefined ? own : innerName(place.box, own);
    return made.ok ? { ok: true, actor: placed(made.actor, { ...place, name }) } : { ...made, name };
  };
  const set = place.box === undefined ? members.set : innerName(place.box, members.set);
  const keysOf = place.box === undefined || members.keysOf === undefined
    ? {}
    : { keysOf: innerName(place.box, members.keysOf) };
  return { ...actor, name: place.name, inputs, members: { ...members, ...keysOf, set, make } };
}

function resolveInputs(
  inputs: readonly InputPort[],
  resolve: (streams: readonly StreamRef[]) => readonly StreamRef[],
): readonly InputPort[] {
  return inputs.map((port) => ({ ...port, streams: resolve(port.streams) }))
    .filter(({ streams }) => streams.length > 0);
}

/** Those that go through a flow that is used; the others are told before. */
function reportCycles(actors: ReadonlyMap<string, Actor>, check: CheckContext): void {
  const reads = new Map<string, StreamRef[]>();
  for (const { name, inputs } of actors.values()) {
    const streams = reads.get(groupOf(name)) ?? [];
    reads.set(groupOf(name), streams);
    for (const port of inputs) {
      for (const stream of port.streams) streams.push({ ...stream, actor: groupOf(stream.actor) });
    }
  }
  checkCycles(reads, {
    ...check,
    report: ({ path: [top = "actors", name = "", ...rest], ...issue }) =>
      check.report({ ...issue, path: [top, boxesOf(String(name))[0] ?? name, ...rest] }),
  });
}

/** `clean/count` of all that are called `clean[a]/count[b]`, and `clean[a]/count` of those of `a`. */
function groupActors(
  groups: Expanded["groups"],
  { used, actors }: {
    readonly used: ReadonlyMap<string, UsedDraft>;
    readonly actors: ReadonlyMap<string, Actor>;
  },
): Expanded["groups"] {
  const outer = [...groups].filter(([, [first = ""]]) => !used.has(first));
  const inner = [...used].flatMap(([box, { flow }]) =>
    [...flow.groups].map(([name, instances]): [string, readonly string[]] => [
      innerName(box, name),
      instances.map((instance) => innerName(box, instance)),
    ])
  );
  const whole = new Map<string, string[]>();
  for (const name of actors.keys()) {
    const group = groupOf(name);
    if (group === name) continue;
    const members = whole.get(group) ?? [];
    whole.set(group, members);
    members.push(name);
  }
  return new Map([...outer, ...inner, ...whole]);
}

function listBoxes({ used, drafts, streams }: {
  readonly used: ReadonlyMap<string, UsedDraft>;
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  readonly streams: SplicedStreams;
}): ReadonlyMap<string, UsedFlow> {
  const boxes = new Map<string, UsedFlow>();
  for (const [name, { flow, text }] of used) {
    const explain = drafts.get(groupOf(name))?.explain;
    boxes.set(name, {
      streams: streams.resolve([{ actor: name, port: "stdout" }]),
      text,
      ...(explain === undefined ? {} : { explain }),
    });
    for (const [inner, box] of flow.uses) {
      boxes.set(innerName(name, inner), { ...box, streams: streams.resolveInner(name, box.streams) });
    }
  }
  const whole = new Map<string, { readonly box: UsedFlow; readonly streams: StreamRef[] }>();
  for (const [name, box] of boxes) {
    const group = groupOf(name);
    if (group === name) continue;
    const all = whole.get(group) ?? { box, streams: [] };
    whole.set(group, all);
    all.streams.push(...box.streams);
  }
  for (const [name, { box, streams: all }] of whole) boxes.set(name, { ...box, streams: all });
  return boxes;
}

/** The files that flows inside write are written, too. */
function joinOutputs(
  outputs: readonly FlowOutput[],
  { used, streams, check }: {
    readonly used: ReadonlyMap<string, Box>;
    readonly streams: SplicedStreams;
    readonly check: CheckContext;
  },
): readonly FlowOutput[] {
  const all = outputs.map((output) => ({ ...output, streams: streams.resolve(output.streams) }));
  const writers = new Map(all.map(({ target }) => [target, "the flow"]));
  for (const [name, box] of used) {
    const { flow, text: { file }, use } = box;
    const ofRecord = (output: FlowOutput, at: number): FlowOutput =>
      isRecordUse(box) && use !== undefined ? outputOfUse(output, at, { use, set: box.stream.set }) : output;
    for (const { key: _, of, ...output } of flow.outputs.map(ofRecord)) {
      if (output.target === "-") continue;
      const other = writers.get(output.target);
      if (other !== undefined) {
        const message = `Cannot use ${quote(file)} as actor ${quote(name)}: it writes ${
          quote(output.target)
        }, as ${other} does (expected one that writes it)`;
        check.report({ path: ["actors", groupOf(name), "use"], message });
        break;
      }
      writers.set(output.target, `actor ${quote(name)}`);
      all.push({
        ...output,
        streams: streams.resolveInner(name, output.streams),
        ...(of === undefined ? {} : { of: resolve(dirname(flow.file ?? ""), of) }),
      });
    }
  }
  return all;
}
