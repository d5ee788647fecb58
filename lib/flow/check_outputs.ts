/**
 * Last part of a check: what the flow gives out, and where to.
 */
import { resolve } from "node:path";
import { type FlowOutput, streamName, type StreamRef } from "../core/flow.ts";
import type { JsonPath } from "../core/issue.ts";
import type { ActorDraft } from "./check_actor.ts";
import type { CheckContext } from "./check_context.ts";
import { fillParams, type Params } from "./check_params.ts";
import { type FlowShape, isUnreadable } from "./check_shape.ts";
import type { StreamNames } from "./check_streams.ts";
import { quote } from "./names.ts";

/** The alias that is the output of a flow which says nothing else. */
const END_ALIAS = ".end";

interface OutputOptions {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  readonly names: StreamNames;
  /** Actor to the streams it reads. */
  readonly reads: ReadonlyMap<string, readonly StreamRef[]>;
  readonly params: Params;
  readonly check: CheckContext;
}

/** The outputs as `out` says, else alias `.end`, else what nobody reads, to standard output. */
export function checkOutputs(shape: FlowShape, options: OutputOptions): FlowOutput[] {
  const { out } = shape.top.keys;
  if (out === undefined) return isUnreadable(shape.top, "out") ? [] : defaultOutputs(shape, options);
  if (typeof out === "string" || Array.isArray(out)) {
    const streams = streamsOf(out, { path: ["out"], options });
    return streams === undefined ? [] : [{ target: "-", streams }];
  }
  const outputs: FlowOutput[] = [];
  const texts = new Map<string, string>();
  for (const [text, list] of Object.entries(out)) {
    const path = ["out", text];
    const streams = streamsOf(list, { path, options });
    const target = checkTarget(text, { path, options });
    if (target === undefined) continue;
    const other = texts.get(target);
    if (other !== undefined) {
      const message = `Cannot write ${quote(text)}: it is the same file as ${
        quote(other)
      } (expected one entry per file)`;
      options.check.report({ path, message, at: "key" });
    }
    texts.set(target, text);
    if (streams !== undefined) outputs.push({ target, streams });
  }
  return outputs;
}

function defaultOutputs(shape: FlowShape, { drafts, names, reads, check }: OutputOptions): FlowOutput[] {
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
  for (const streams of reads.values()) {
    for (const stream of streams) read.add(streamName(stream));
  }
  // Not stderr: without a reader it goes to the engine's stderr.
  const all = [...drafts.values()].flatMap(({ name, outputs }) => {
    return ["stdout", ...outputs.map((port) => port.name)].map((port) => ({ actor: name, port }));
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

/** `-`, or an absolute path. */
function checkTarget(
  text: string,
  { path, options }: { path: JsonPath; options: OutputOptions },
): string | undefined {
  const { params, check } = options;
  const filled = fillParams(text, { path, params, check });
  if (filled === undefined || filled === "-") return filled;
  if (filled === "") {
    check.report({
      path,
      message: `Cannot write ${quote(text)}: its path is empty (expected a file, or "-" for standard output)`,
      at: "key",
    });
    return undefined;
  }
  if (filled.endsWith("/")) {
    check.report({
      path,
      message: `Cannot write ${quote(text)}: it is a folder (expected a file)`,
      at: "key",
    });
    return undefined;
  }
  return resolve(check.folder, filled);
}
