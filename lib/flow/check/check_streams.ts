/**
 * Fourth part of a check: names of streams become streams; aliases are expanded.
 *
 * A list keeps its order. A stream that is in it already counts once when either of the two came through an alias;
 * written twice by its own name, it is read twice:
 *
 *     ["a", "a"] is a, a        with .x = ["a"]: [".x", "a"], ["a", ".x"] and [".x", ".x"] are each a
 */
import type { StreamRef } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import { groupOf, instanceName, keyIn, toStream } from "../../core/instance.ts";
import type { FlowIssue, JsonPath } from "../../core/issue.ts";
import type { ActorDraft } from "./actor_draft.ts";
import { type CheckContext, didYouMean, someNames } from "./check_context.ts";
import { type FlowShape, isUnreadable } from "./check_shape.ts";
import { quote } from "../schema/names.ts";
import { cycleThrough, isCyclic, strongComponents } from "./strong_components.ts";

/** Streams by their names, once the aliases are known. */
export interface StreamNames {
  readonly aliases: ReadonlyMap<string, readonly StreamRef[]>;
  readonly expand: (list: string | readonly string[], path: JsonPath) => Expansion;
}

/** The streams of a list; those that are not there are left out, which is reported, and it is not whole. */
export interface Expansion {
  readonly streams: readonly StreamRef[];
  readonly isWhole: boolean;
}

interface Lookup {
  readonly drafts: ReadonlyMap<string, ActorDraft>;
  /** Instances of actors that are over sets. */
  readonly instances: ReadonlyMap<string, ActorDraft>;
  /** Of all aliases and actors. */
  readonly names: readonly string[];
  /** Alias to its streams; undefined while it is not expanded, and for one with mistakes. */
  readonly aliases: Map<string, readonly StreamRef[] | undefined>;
  /** True when the flow's aliases could not be read, so that any name may be one of them. */
  readonly hasOpenAliases: boolean;
  /** True when the flow's actors could not be read. */
  readonly hasOpenActors: boolean;
  /** One object per stream, however often it is read. */
  readonly streams: Map<string, StreamRef>;
  readonly check: CheckContext;
}

/** Expands the aliases, reports their loops, and gives back the way to expand any other list. */
export function checkStreams(
  shape: FlowShape,
  { drafts, check }: { drafts: ReadonlyMap<string, ActorDraft>; check: CheckContext },
): StreamNames {
  const lookup: Lookup = {
    drafts,
    instances: new Map(
      [...drafts.values()].flatMap(({ each }) =>
        (each?.instances ?? []).map(({ name, draft }) => [name, draft])
      ),
    ),
    names: [...shape.aliases.keys(), ...drafts.keys()],
    aliases: new Map([...shape.aliases.keys()].map((name) => [name, undefined])),
    hasOpenAliases: isUnreadable(shape.top, "aliases"),
    hasOpenActors: isUnreadable(shape.top, "actors"),
    streams: new Map(),
    check,
  };
  for (const name of shape.aliases.keys()) {
    if (!drafts.has(name)) continue;
    const message = `Cannot name an alias ${quote(name)}: there is an actor ${
      quote(name)
    } (expected another name)`;
    check.report({ path: ["aliases", name], message, at: "key" });
  }
  const expanded = expandAliases(shape.aliases, lookup);
  return { aliases: expanded, expand: (list, path) => expand(list, { path, lookup }) };
}

/** Each alias after those it names; what has a mistake stays undefined, so that it is told once and not at each use. */
function expandAliases(lists: FlowShape["aliases"], lookup: Lookup): Map<string, readonly StreamRef[]> {
  const names = [...lists.keys()];
  const places = new Map(names.map((name, index) => [name, index]));
  const arrows = names.map((name) => {
    return listOf(lists.get(name)).map((item) => places.get(item)).filter((place) => place !== undefined);
  });
  for (const component of strongComponents(arrows)) {
    if (isCyclic(component, arrows)) {
      reportLoop(cycleThrough(component, arrows).map((place) => names[place] ?? ""), lookup.check);
      continue;
    }
    for (const name of component.map((place) => names[place] ?? "")) {
      const list = lists.get(name);
      if (list === undefined) continue;
      const { streams, isWhole } = expand(list, { path: ["aliases", name], lookup });
      lookup.aliases.set(name, isWhole ? [...new Set(streams)] : undefined);
    }
  }
  // In the order of declaration, which is not the order of expansion.
  const expanded = new Map<string, readonly StreamRef[]>();
  for (const name of names) expanded.set(name, lookup.aliases.get(name) ?? []);
  return expanded;
}

function reportLoop(loop: readonly string[], check: CheckContext): void {
  const [first = ""] = loop;
  const names = [...loop, first].join(" -> ");
  check.report({
    path: ["aliases", first],
    message: `Cannot expand alias ${quote(first)}: it names itself, ${names} (expected no loop)`,
  });
}

function expand(
  list: string | readonly string[],
  { path, lookup }: { path: JsonPath; lookup: Lookup },
): Expansion {
  const streams: StreamRef[] = [];
  const throughAlias = new Set<StreamRef>();
  const byName = new Set<StreamRef>();
  let isWhole = true;
  for (const [index, name] of listOf(list).entries()) {
    if (lookup.aliases.has(name) && !lookup.drafts.has(name)) {
      const expansion = lookup.aliases.get(name);
      if (expansion === undefined) isWhole = false;
      for (const stream of expansion ?? []) {
        if (throughAlias.has(stream)) continue;
        throughAlias.add(stream);
        if (!byName.has(stream)) streams.push(stream);
      }
      continue;
    }
    const stream = findStream(name, { path: typeof list === "string" ? path : [...path, index], lookup });
    if (stream === undefined) {
      isWhole = false;
      continue;
    }
    byName.add(stream);
    if (!throughAlias.has(stream)) streams.push(stream);
  }
  return { streams, isWhole };
}

function findStream(
  name: string,
  { path, lookup }: { path: JsonPath; lookup: Lookup },
): StreamRef | undefined {
  const { actor: actorName, port } = toStream(name);
  const draft = lookup.drafts.get(actorName) ?? lookup.instances.get(actorName);
  const split = draft === undefined ? lookup.drafts.get(groupOf(actorName)) : undefined;
  const key = split?.kind === "split" && port === "stdout" ? keyIn(actorName) : undefined;
  // However its name is written, a key has one stream.
  if (split !== undefined && key !== undefined) {
    return intern({ actor: split.name, port: instanceName("", [key]) }, lookup);
  }
  if (draft === undefined) {
    reportUnknownName(name, { actorName, path, lookup });
    return undefined;
  }
  const ports = portsOf(draft);
  if (!ports.includes(port) && !draft.hasOpenOutputs) {
    const meant = lookup.check.closest(port, ports);
    const outputs = ports.length === 0 ? "it has none" : `outputs: ${someNames(ports)}`;
    const remedy = meant === undefined ? outputs : `${didYouMean(`${actorName}.${meant}`, "")} ${outputs}`;
    const message = `Cannot connect ${quote(name)}: actor ${quote(actorName)} has no output ${
      quote(port)
    } (${remedy})`;
    lookup.check.report({ path, message });
    return undefined;
  }
  return intern({ actor: actorName, port }, lookup);
}

function reportUnknownName(
  name: string,
  { actorName, path, lookup }: { actorName: string; path: JsonPath; lookup: Lookup },
): void {
  if (lookup.hasOpenActors || (lookup.hasOpenAliases && actorName === name)) return;
  const each = lookup.drafts.get(groupOf(actorName))?.each;
  if (each?.stream !== undefined && actorName !== groupOf(actorName)) {
    const message = `Cannot connect ${quote(name)}: set ${
      quote(each.stream.set)
    } is of a stream, whose members nobody knows yet (expected ${
      quote(groupOf(actorName))
    }, which is all of them)`;
    return lookup.check.report({ path, message });
  }
  const names = each === undefined ? lookup.names : each.instances.map((instance) => instance.name);
  const whole = lookup.check.closest(name, names);
  const actor = actorName === name ? undefined : lookup.check.closest(actorName, lookup.drafts.keys());
  const meant = whole ?? (actor === undefined ? undefined : `${actor}${name.slice(actorName.length)}`);
  const remedy = didYouMean(meant, `expected one of ${someNames(names)}`);
  const what = actorName === name ? `actor or alias ${quote(name)}` : `actor ${quote(actorName)}`;
  const issue: FlowIssue = {
    path,
    message: `Cannot connect ${quote(name)}: there is no ${what} (${remedy})`,
  };
  lookup.check.report(issue);
}

function portsOf({ kind, outputs, messaging, used }: ActorDraft): readonly string[] {
  if (kind === "use") return [...used?.ports.keys() ?? []];
  if (kind !== "process" && kind !== "unknown") return ["stdout"];
  if (messaging !== undefined) return ["stdout"];
  return ["stdout", "stderr", ...outputs.map((port) => port.name)];
}

function intern(stream: StreamRef, { streams }: Lookup): StreamRef {
  const name = streamName(stream);
  const known = streams.get(name);
  if (known !== undefined) return known;
  streams.set(name, stream);
  return stream;
}

function listOf(list: string | readonly string[] | undefined): readonly string[] {
  if (list === undefined) return [];
  return typeof list === "string" ? [list] : list;
}
