/**
 * What a spawned process can read: values and files, streams of the flow that are kept, and what other spawned ones
 * write.
 */
import type { Actor, Flow, StreamRef } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import { groupOf, toStream } from "../../core/instance.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readBytes, readFile } from "../../host/bytes/byte_reader.ts";
import { openFile } from "../../host/descriptors/descriptors.ts";
import type { GrowingLog } from "../logs/growing_log.ts";
import type { SpawnedStream } from "./spawned_stream.ts";

/** One stream, for one reader, from its beginning. */
export interface SpawnedSource {
  readonly open: () => ByteReader;
}

export interface Sources {
  readonly flow: Flow;
  /** Those that were spawned, by name. */
  readonly spawned: ReadonlyMap<string, Actor>;
  readonly streams: ReadonlyMap<string, SpawnedStream>;
  /** The streams of the flow that are kept, by name. */
  readonly kept: ReadonlyMap<string, GrowingLog>;
}

const NAMES_MAX = 20;

/** The streams of names as `in` has them; or why they cannot be read. */
export function findSources(
  names: readonly string[],
  sources: Sources,
): readonly SpawnedSource[] | { readonly problem: string } {
  const found: SpawnedSource[] = [];
  const taken = new Set<SpawnedStream>();
  for (const name of names) {
    for (const each of namesOf(name, sources.flow)) {
      const stream = sources.streams.get(each);
      // Of one that is not kept there is one reader, so nobody can read it twice.
      const source = stream !== undefined && taken.has(stream) ? whyTaken(each) : findSource(each, sources);
      if ("problem" in source) return source;
      if (stream !== undefined && !stream.isKept) taken.add(stream);
      found.push(source);
    }
  }
  return found;
}

/** The streams of an alias, or of all instances of an actor that is over sets. */
function namesOf(name: string, { aliases, groups }: Flow): readonly string[] {
  const { actor, port } = toStream(name);
  return aliases.get(name)?.map(streamName) ??
    groups.get(actor)?.map((instance) => streamName({ actor: instance, port })) ?? [name];
}

function findSource(name: string, sources: Sources): SpawnedSource | { readonly problem: string } {
  const { flow, spawned, streams, kept } = sources;
  const stream = streams.get(name);
  if (stream !== undefined) return stream.isFree ? { open: () => stream.open() } : whyTaken(name);
  const log = kept.get(name);
  if (log !== undefined) return { open: () => log.open() };
  const { actor: own } = toStream(name);
  const whole = spawned.get(name) ?? flow.actors.get(name);
  const actor = whole ?? flow.actors.get(own);
  if (actor === undefined) return { problem: `there is no stream "${name}" (${listNames(sources)})` };
  const { source } = actor;
  if (whole !== undefined && source.kind === "value") return { open: () => readBytes(source.bytes) };
  // What an actor has written in an earlier run is there when it is kept.
  const isThere = whole !== undefined && (actor.isLoaded !== true || actor.isKept === true);
  if (isThere && source.kind === "file") return { open: () => readFile(openFile(source.path, "read")) };
  if (actor.messaging !== undefined) {
    return { problem: `"${name}" talks in messages (a message actor gets its records by "Depend")` };
  }
  if (!flow.actors.has(own) || !hasPort(actor, name)) {
    return { problem: `there is no stream "${name}" (${listNames(sources)})` };
  }
  return {
    problem: `"${name}" is not kept for what is spawned later (write "keep": true for actor "${
      groupOf(own)
    }")`,
  };
}

function hasPort({ name, outputs }: Actor, stream: string): boolean {
  return ["stdout", "stderr", ...outputs.map((output) => output.name)].some((port) =>
    streamName({ actor: name, port } satisfies StreamRef) === stream
  );
}

function whyTaken(name: string): { readonly problem: string } {
  return { problem: `"${name}" is read already ("keep": true in its definition is for several readers)` };
}

function listNames({ flow, spawned, streams, kept }: Sources): string {
  const values = [...flow.actors.values(), ...spawned.values()]
    .filter(({ source: { kind } }) => kind === "value" || kind === "file").map(({ name }) => name);
  const names = [...new Set([...values, ...kept.keys(), ...streams.keys()])];
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return names.length === 0
    ? 'none can be read: "keep": true keeps that of an actor'
    : `can be read: ${names.slice(0, NAMES_MAX).join(", ")}${more}`;
}
