/**
 * Last part of a check: what the flow gives out, and where to.
 */
import { dirname } from "node:path";
import { streamName, type StreamRef } from "../../core/flow.ts";
import type { JsonPath } from "../../core/issue.ts";
import type { ActorDraft } from "./actor_draft.ts";
import type { CheckContext } from "./check_context.ts";
import type { Params } from "./check_params.ts";
import { type FlowShape, isUnreadable } from "./check_shape.ts";
import type { StreamNames } from "./check_streams.ts";
import { checkTarget, type Target, type TargetSite } from "./check_target.ts";
import type { OutputDraft } from "./output_draft.ts";
import type { Rooms } from "./rooms.ts";
import { listNames, quote } from "../schema/names.ts";

/** The alias that is the output of a flow which says nothing else. */
const END_ALIAS = ".end";

interface OutputOptions {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  readonly names: StreamNames;
  /** Actor to the streams it reads. */
  readonly reads: ReadonlyMap<string, readonly StreamRef[]>;
  /** What it offers to flows that use it: somebody else's. */
  readonly ports: ReadonlyMap<string, readonly StreamRef[]>;
  readonly params: Params;
  readonly rooms: Rooms;
  readonly check: CheckContext;
}

/** The outputs as `out` says, else alias `.end`, else what nobody reads, to standard output. */
export function checkOutputs(shape: FlowShape, options: OutputOptions): OutputDraft[] {
  const { out } = shape.top.keys;
  if (out === undefined) return isUnreadable(shape.top, "out") ? [] : defaultOutputs(shape, options);
  if (typeof out === "string" || Array.isArray(out)) {
    const streams = streamsOf(out, { path: ["out"], options });
    return streams === undefined ? [] : [{ target: "-", streams }];
  }
  const outputs: OutputDraft[] = [];
  const texts = new Map<string, string>();
  for (const [text, list] of Object.entries(out)) {
    const path = ["out", text];
    const streams = streamsOf(list, { path, options });
    for (const { target, shown, ...file } of listTargets(text, { path, ...options })) {
      if (file.stream !== undefined && streams !== undefined) {
        const { stream: { set, sets, fileOf }, ...named } = file;
        if (!isOfMembers(text, { set, sets, streams, outputs, options })) break;
        outputs.push({ target, key: text, streams, ...named, ofMembers: { set, fileOf } });
        continue;
      }
      const other = texts.get(target);
      if (other !== undefined) {
        const message =
          `Cannot write ${shown}: it is the same file as ${other} (expected one entry per file)`;
        options.check.report({ path, message, at: "key" });
        break;
      }
      texts.set(target, shown);
      if (streams !== undefined) outputs.push({ target, key: text, streams, ...file });
    }
  }
  reportBelow(outputs, { texts, check: options.check });
  return outputs;
}

/** One file in another one; of many such the first is told. */
function reportBelow(
  outputs: readonly OutputDraft[],
  { texts, check }: { readonly texts: ReadonlyMap<string, string>; readonly check: CheckContext },
): void {
  if (texts.size < 2) return;
  for (const { target, key = target } of outputs) {
    const folder = foldersAbove(target).find((path) => texts.has(path));
    if (folder === undefined) continue;
    const message = `Cannot write ${texts.get(target)}: its folder is the file ${
      texts.get(folder)
    } (expected another name)`;
    return check.report({ path: ["out", key], message, at: "key" });
  }
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let above = dirname(path); above !== path; path = above, above = dirname(above)) folders.push(above);
  return folders;
}

/** Without sets, a name is that of one file. */
function listTargets(
  text: string,
  { rooms, ...site }: TargetSite & Pick<OutputOptions, "rooms">,
): readonly Target[] {
  if (rooms.sets !== undefined) return rooms.sets.checkTargets(text, site);
  const target = checkTarget(text, site);
  return target === undefined ? [] : [{ target, shown: quote(text) }];
}

/** A file for each member of a stream takes what one of its processes writes to one stream. */
function isOfMembers(
  text: string,
  { set, sets, streams, outputs, options: { drafts, check } }: {
    readonly set: string;
    /** All that the name names. */
    readonly sets: readonly string[];
    readonly streams: readonly StreamRef[];
    readonly outputs: readonly OutputDraft[];
    readonly options: OutputOptions;
  },
): boolean {
  const fail = (reason: string): boolean => {
    check.report({ path: ["out", text], message: `Cannot write ${quote(text)}: ${reason}` });
    return false;
  };
  const [stream, ...others] = streams;
  if (stream === undefined || others.length > 0 || drafts.get(stream.actor)?.each?.stream?.set !== set) {
    return fail(
      `it is a file for each member of set ${
        quote(set)
      } of a stream (expected one stream of an actor over that set)`,
    );
  }
  const over = drafts.get(stream.actor)?.each?.sets ?? [];
  if (over.length !== sets.length || over.some((one) => !sets.includes(one))) {
    return fail(
      `it is a file for each member of ${listNames(sets.map(quote))}, and actor ${
        quote(stream.actor)
      } is over ${listNames(over.map(quote))} (expected the same sets)`,
    );
  }
  const same = outputs.find((output) =>
    output.ofMembers !== undefined && output.key !== text && output.streams.includes(stream)
  );
  if (same === undefined) return true;
  return fail(
    `what is written there goes into ${quote(same.key ?? "")} already (expected one file for each)`,
  );
}

/** The streams that a flow has for those who use it. */
export function checkPorts(
  shape: FlowShape,
  { names, check }: Pick<OutputOptions, "names" | "check">,
): ReadonlyMap<string, readonly StreamRef[]> {
  const ports = new Map<string, readonly StreamRef[]>();
  for (const [name, list] of Object.entries(shape.top.keys.ports ?? {})) {
    const path = ["ports", name];
    const { streams, isWhole } = names.expand(list, path);
    ports.set(name, streams);
    if (!isWhole || streams.length > 0) continue;
    check.report({
      path,
      message: `Cannot offer ${quote(name)}: it names no stream (expected at least one)`,
    });
  }
  return ports;
}

function defaultOutputs(
  shape: FlowShape,
  { drafts, names, reads, ports, check }: OutputOptions,
): OutputDraft[] {
  if (shape.aliases.has(END_ALIAS)) {
    const streams = names.aliases.get(END_ALIAS) ?? [];
    // After other mistakes it may be empty because of them.
    if (streams.length === 0 && check.issues.length === 0) {
      const message =
        `Cannot write the output of the flow: alias "${END_ALIAS}" names no stream (expected at least one)`;
      check.report({ path: ["aliases", END_ALIAS], message });
    }
    return [{ target: "-", streams }];
  }
  const read = new Set<string>();
  const readActors = new Set<string>();
  for (const streams of reads.values()) {
    for (const stream of streams) {
      read.add(streamName(stream));
      readActors.add(stream.actor);
    }
  }
  for (const stream of [...ports.values()].flat()) read.add(streamName(stream));
  // Not stderr: without a reader it goes to the engine's stderr. Of a flow that is used only what it writes by itself.
  const all = [...drafts.values()].flatMap(({ name, kind, used, outputs, each }) => {
    if (kind === "use" && used?.ports.has("stdout") !== true) return [];
    if (kind === "remote") return []; // It writes nothing here.
    if (kind === "split" && readActors.has(name)) return []; // Nobody needs the streams of its other keys.
    const isReadInPart = each?.instances.some((instance) => readActors.has(instance.name)) === true;
    const names = isReadInPart ? each.instances.map((instance) => instance.name) : [name];
    return names.flatMap((actor) =>
      ["stdout", ...outputs.map((port) => port.name)].map((port) => ({ actor, port }))
    );
  });
  return [{ target: "-", streams: all.filter((stream) => !read.has(streamName(stream))) }];
}

function streamsOf(
  list: string | readonly string[],
  { path, options }: { path: JsonPath; options: OutputOptions },
): readonly StreamRef[] | undefined {
  const { streams, isWhole } = options.names.expand(list, path);
  if (!isWhole) return undefined;
  if (streams.length > 0) return streams;
  const target = quote(path.length > 1 ? String(path.at(-1)) : "out");
  options.check.report({
    path,
    message: `Cannot write ${target}: it names no stream (expected at least one)`,
  });
  return undefined;
}
