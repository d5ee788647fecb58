/**
 * From what was read to a checked flow. Each part reports what it finds and goes on with what is good, so that all
 * mistakes are told at once:
 *
 *     keys and types -> parameters -> sets -> each actor by itself -> names of streams -> cycles -> outputs -> instances
 */
import { basename, extname, resolve } from "node:path";
import type { Actor, Flow, InputPort, Merge, StreamRef } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import { GRACE_MS } from "../../core/limits/process.ts";
import type { ActorDraft } from "./actor_draft.ts";
import { checkActors } from "./check_actor.ts";
import { type CheckContext, createCheck, type Outside } from "./check_context.ts";
import { checkCycles } from "./check_cycles.ts";
import { portOf } from "./check_inputs.ts";
import { checkOutputs, checkPorts } from "./check_outputs.ts";
import { checkParams, secretsOf } from "./check_params.ts";
import { checkShape, type FlowShape } from "./check_shape.ts";
import { checkStreams, type StreamNames } from "./check_streams.ts";
import { checkDuration } from "./check_duration.ts";
import { quote } from "../schema/names.ts";
import { checkSize } from "./check_size.ts";
import type { OfferedFlow } from "./used_draft.ts";
import type { UseReader } from "./uses.ts";
import { groupOf } from "../../core/instance.ts";
import { makeHide } from "../../core/secrets.ts";
import type { MemberSet } from "../expand/member.ts";
import type { Expanded, Expanding, Unexpanded } from "../expand/expand_flow.ts";
import type { Rooms } from "./rooms.ts";

export interface CheckOptions {
  /** Where relative paths of the flow start. */
  readonly folder: string;
  /** Values of parameters by name. @default {} */
  readonly params?: Readonly<Record<string, string>>;
  /** Those of them that are other ones for each record of a stream, with what stands for their values. */
  readonly open?: ReadonlySet<string>;
  /** Name of a flow that does not name itself. @default the file's name, else "flow" */
  readonly name?: string;
  /** The file it was read from, absolute. */
  readonly file?: string;
  /** What it is given from outside. @default nothing */
  readonly outside?: Outside;
  /** What the flow needs (`loadRooms`). */
  readonly rooms: Rooms;
  /** What reads the flows that it uses. @default it uses none */
  readonly uses?: UseReader;
}

const NO_SETS: ReadonlyMap<string, MemberSet> = new Map();

export type CheckedFlow =
  | ({ readonly ok: true } & OfferedFlow)
  | { readonly ok: false; readonly issues: readonly FlowIssue[] };

/** Checks what was read as a flow; all of its mistakes are reported, in no particular order. */
export function checkFlow(input: unknown, options: CheckOptions): CheckedFlow {
  const check = createCheck(resolve(options.folder), options.outside);
  const shape = checkShape(input, check);
  if (shape === undefined) return { ok: false, issues: check.issues };
  const values = checkParams(shape, { given: options.params ?? {}, open: options.open, check });
  const { rooms } = options;
  const sets = rooms.sets?.checkSets(shape, {
    params: {
      ...values,
      refused: "the names of members are seen by all",
      fixed: "which members there are is known before",
    },
    check,
  }) ?? NO_SETS;
  const params = rooms.sets === undefined
    ? values
    : { ...values, scope: rooms.sets.makeScope(sets, new Map()) };
  const drafts = checkActors(shape, { params, rooms, uses: options.uses, check });
  const names = checkStreams(shape, { drafts, check });
  const inputs = checkInputs(drafts, { names, sets, rooms, check });
  const reads = new Map([...inputs].map(([name, ports]) => [name, ports.flatMap((port) => port.streams)]));
  checkOrder(reads, { drafts, check });
  const ports = checkPorts(shape, { names, check });
  const plainOutputs = checkOutputs(shape, { drafts, names, reads, ports, params, rooms, check });
  const outputs = rooms.splits?.checkReaders(plainOutputs, { drafts, inputs, ports, check }) ??
    plainOutputs;
  const bounds = checkBounds(shape, { drafts, rooms, check });
  const endpoint = rooms.messages?.checkEndpoint(shape, { drafts, params: values, check });
  const fail = (): CheckedFlow => ({
    ok: false,
    issues: makeHide({ secrets: secretsOf(values) })(check.issues),
  });
  if (check.issues.length > 0) return fail();
  const unexpanded = { drafts, inputs, aliases: names.aliases, outputs, ports };
  const plain = rooms.sets?.expandFlow(unexpanded, { actorOf, check }) ?? asTheyAre(unexpanded, actorOf);
  const { ports: offered, ...expanded } = options.uses?.splice(plain, drafts, check) ?? plain;
  if (check.issues.length > 0) return fail();
  const flow = flowOf({
    secrets: [...new Set([...secretsOf(values), ...expanded.secrets])],
    shape,
    options,
    expanded,
    unusedSets: rooms.sets?.listUnused({ drafts, outputs, sets }) ?? [],
    bounds: { ...bounds, ...(endpoint === undefined ? {} : { endpoint }) },
    check,
  });
  return { ok: true, flow, ports: withStdout(offered, flow), inputs: portsInto(drafts) };
}

/** Its standard output is a port like the others. */
function withStdout(
  ports: ReadonlyMap<string, readonly StreamRef[]>,
  { outputs }: Flow,
): ReadonlyMap<string, readonly StreamRef[]> {
  const streams = outputs.filter(({ target }) => target === "-").flatMap((output) => output.streams);
  return streams.length === 0 ? ports : new Map([["stdout", streams], ...ports]);
}

function portsInto(drafts: ReadonlyMap<string, ActorDraft>): ReadonlyMap<string, string> {
  return new Map([...drafts.values()].flatMap((draft) => {
    const port = portOf(draft);
    return port === undefined ? [] : [[port, draft.name]];
  }));
}

function checkInputs(
  drafts: ReadonlyMap<string, ActorDraft>,
  { names, sets, rooms, check }: {
    readonly names: StreamNames;
    readonly sets: ReadonlyMap<string, MemberSet>;
    readonly rooms: Rooms;
    readonly check: CheckContext;
  },
): Map<string, InputPort[]> {
  const inputs = new Map<string, InputPort[]>();
  const records = rooms.sets?.checkRecords(sets, { drafts, names, check });
  for (const draft of drafts.values()) {
    const ports: InputPort[] = [];
    for (const [name, input] of draft.inputs) {
      const isFile = input.isFile ? { isFile: true } as const : {};
      const path = ["actors", draft.name, "in", ...(draft.hasNamedInputs ? [name] : [])];
      // What is not there hides neither what else is read nor a cycle.
      const { streams, isWhole } = names.expand(input.names, input.isFile ? [...path, "from"] : path);
      if (streams.length > 0) {
        ports.push({ name, streams, merge: draft.merge ?? mergeOf(streams, drafts), ...isFile });
      } else if (isWhole && name !== "stdin") {
        const message = `Cannot fill input ${quote(name)} of actor ${
          quote(draft.name)
        }: it names no stream (expected at least one)`;
        check.report({ path, message });
      }
    }
    const port = draft.each?.stream === undefined ? undefined : records?.get(draft.each.stream.set);
    if (draft.each?.stream !== undefined) rooms.sets?.checkMemberInputs(draft, { ports, drafts, check });
    inputs.set(draft.name, port === undefined ? ports : [...ports, port]);
  }
  return inputs;
}

/** Message actors write as long as the flow lives: one of them after the other would be one of them only. */
function mergeOf(streams: readonly StreamRef[], drafts: ReadonlyMap<string, ActorDraft>): Merge {
  return streams.some(({ actor }) => drafts.get(actor)?.messaging !== undefined) ? "lines" : "concat";
}

/** A reader of one instance reads of its actor. What flows that are used read is known when they are in their places. */
function checkOrder(
  reads: ReadonlyMap<string, readonly StreamRef[]>,
  { drafts, check }: { drafts: ReadonlyMap<string, ActorDraft>; check: CheckContext },
): void {
  const arrows = [...reads].map(([name, streams]): [string, readonly StreamRef[]] => [
    name,
    drafts.get(name)?.kind === "use" ? [] : streams.map((stream) => {
      const actor = groupOf(stream.actor);
      return actor === stream.actor ? stream : { ...stream, actor };
    }),
  ]);
  checkCycles(new Map(arrows), check);
}

/** What bounds a run. */
function checkBounds(
  shape: FlowShape,
  { drafts, rooms, check }: {
    readonly drafts: ReadonlyMap<string, ActorDraft>;
    readonly rooms: Rooms;
    readonly check: CheckContext;
  },
): Pick<Flow, "graceMs" | "timeoutMs" | "limits"> {
  const { grace, timeout, limits = {} } = shape.top.keys;
  const timeoutMs = checkDuration(timeout, { path: ["timeout"], check });
  const processes = limits.processes ?? rooms.sets?.defaultProcesses(drafts);
  const memoryBytes = checkSize(limits.memory, { path: ["limits", "memory"], check });
  const spillBytes = checkSize(limits.spill, { path: ["limits", "spill"], check });
  return {
    graceMs: checkDuration(grace, { path: ["grace"], check, isPositive: false }) ?? GRACE_MS,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    limits: {
      ...(processes === undefined ? {} : { processes }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(spillBytes === undefined ? {} : { spillBytes }),
    },
  };
}

/** Without sets, actors are what they are, and so are their streams. */
function asTheyAre(
  { drafts, inputs, aliases, outputs, ports }: Unexpanded,
  actorOf: Expanding["actorOf"],
): Expanded {
  return {
    actors: new Map([...drafts].map(([name, draft]) => [name, actorOf(draft, inputs.get(name) ?? [])])),
    aliases,
    outputs: outputs.map(({ target, streams, key, keyed }) => ({
      target,
      streams,
      ...(key === undefined ? {} : { key }),
      ...(keyed === undefined ? {} : { keyed }),
    })),
    groups: new Map(),
    uses: new Map(),
    secrets: [],
    ports,
  };
}

function actorOf(draft: ActorDraft, inputs: readonly InputPort[]): Actor {
  const {
    name,
    source,
    outputs,
    env,
    cwd,
    ok,
    timeoutMs,
    stallMs,
    retry,
    limits,
    workers,
    isCached,
    reads,
    isKept,
    messaging,
    explain,
  } = draft;
  if (source === undefined) throw new Error(`Actor ${quote(name)} has no source, and no issue says so`);
  return {
    name,
    source,
    inputs,
    outputs,
    env,
    cwd,
    ok,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(stallMs === undefined ? {} : { stallMs }),
    ...(retry === undefined ? {} : { retry }),
    ...(limits === undefined ? {} : { limits }),
    ...(workers === undefined ? {} : { workers }),
    ...(isCached ? { isCached: true } : {}),
    ...(reads === undefined ? {} : { reads }),
    ...(isKept ? { isKept: true } : {}),
    ...(messaging === undefined ? {} : { messaging }),
    ...(explain === undefined ? {} : { explain }),
  };
}

function flowOf({ secrets, shape, options, expanded, unusedSets, bounds, check }: {
  secrets: readonly string[];
  shape: FlowShape;
  options: CheckOptions;
  expanded: Omit<Expanded, "ports">;
  unusedSets: readonly string[];
  bounds: Pick<Flow, "graceMs" | "timeoutMs" | "limits" | "endpoint">;
  check: Pick<CheckContext, "files" | "folders">;
}): Flow {
  const { name, start, onFailure } = shape.top.keys;
  const { file } = options;
  const flow: Pick<Flow, Exclude<keyof Flow, symbol>> = {
    name: name ?? options.name ?? (file === undefined ? "flow" : basename(file, extname(file))),
    ...(file === undefined ? {} : { file }),
    ...expanded,
    origins: { files: [...(file === undefined ? [] : [file]), ...check.files], folders: [...check.folders] },
    secrets,
    unusedSets,
    start: start ?? "eager",
    onFailure: onFailure ?? "stop",
    ...bounds,
  };
  // The only place that makes a Flow: everything in it went through the checks above.
  return flow as unknown as Flow;
}
