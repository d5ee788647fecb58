/**
 * The dependency tree of a flow: what an output needs, and what that needs in turn. Without recursion, so that
 * a chain of any length is no problem.
 */
import type { Flow, StreamRef } from "../../core/flow.ts";
import { isMessageActor, streamName } from "../../core/flow.ts";
import { TREE_LINES_MAX } from "../../core/limits/flow.ts";
import type { ActorState } from "../../core/result.ts";
import { unreachable } from "../../core/unreachable.ts";
import { collapseFlow, type Counts, countText } from "./collapse.ts";
import { describeGroup } from "./group_text.ts";
import { makeOneLine } from "./make_harmless.ts";
import type { Color } from "./paint.ts";
import { makePaint } from "./paint.ts";

const NO_COUNTS: Counts = new Map();

/** How far an actor is, for the text in brackets. */
export interface TreeState {
  readonly state: ActorState;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly attempts?: number;
}

export interface TreeOptions {
  /** By actor name. @default nothing has been started */
  readonly states?: ReadonlyMap<string, TreeState>;
  readonly color: boolean;
  /** True: a line for each instance of an actor, not one for all. @default false */
  readonly isExpanded?: boolean;
  /** Names of the actors to start from. @default the streams of the flow's outputs, each actor once */
  readonly roots?: readonly string[];
}

/** The whole tree as one text, each line ended by a line break. */
export function formatTree(flow: Flow, options: TreeOptions): string {
  let text = "";
  for (const line of listTreeLines(flow, options)) text += `${line}\n`;
  return text;
}

/** A line that is still to be printed: a stream, or the heading of the streams of a named port. */
type Entry =
  | { readonly kind: "stream"; readonly depth: number; readonly stream: StreamRef }
  | { readonly kind: "port"; readonly depth: number; readonly port: string };

/** An actor as the tree shows it. */
export interface TreeNode {
  readonly inputs: readonly { readonly name: string; readonly streams: readonly StreamRef[] }[];
  readonly explain: string | undefined;
  /** What stands in brackets. */
  readonly status: readonly [Color, string];
  /** Behind its name: ` ×300`. */
  readonly times?: string;
}

/**
 * The lines of the tree, made one after the other (those of a deep chain are long). Past `TREE_LINES_MAX` lines,
 * an actor whose inputs were shown already is one line: shared parts would else multiply without end.
 */
export function listTreeLines(given: Flow, options: TreeOptions): Iterable<string> {
  const { flow, counts } = options.isExpanded === true
    ? { flow: given, counts: NO_COUNTS }
    : collapseFlow(given);
  return listLines(listRoots(flow, options.roots), {
    color: options.color,
    describe({ actor: name }) {
      const actor = flow.actors.get(name);
      if (actor === undefined) throw new Error(`No actor ${name} in the checked flow`);
      const { inputs, explain, source } = actor;
      // What a value or a file holds is there from the start.
      const isReady = source.kind === "value" || source.kind === "file";
      const states = (given.groups.get(name) ?? []).map((instance) =>
        options.states?.get(instance)?.state ?? "waiting"
      );
      const status = isReady || !counts.has(name) ? undefined : describeGroup(states);
      // Where all instances are in one state it is that of the first.
      const first = counts.has(name) ? given.groups.get(name)?.[0] ?? name : name;
      return {
        inputs,
        explain,
        times: countText(name, counts),
        status: status ?? describeState(options.states?.get(first), { isReady }),
      };
    },
  });
}

/** The same for whatever has such nodes. */
export function* listLines(
  roots: readonly StreamRef[],
  { color, describe }: { readonly color: boolean; readonly describe: (stream: StreamRef) => TreeNode },
): Generator<string, void, undefined> {
  const paint = makePaint(color);
  const expanded = new Set<string>();
  const stack = roots.map((stream): Entry => ({ kind: "stream", depth: 0, stream })).reverse();
  let count = 0;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const indent = `${"│   ".repeat(entry.depth)}├── `;
    count += 1;
    if (entry.kind === "port") {
      yield `${indent}(param: ${entry.port})`;
      continue;
    }
    const { actor } = entry.stream;
    const node = describe(entry.stream);
    const explain = node.explain === undefined ? "" : ` (${makeOneLine(node.explain)})`;
    const isKnown = count > TREE_LINES_MAX && node.inputs.length > 0 && expanded.has(actor);
    yield `${indent}${streamName(entry.stream)}${node.times ?? ""} [${paint(...node.status)}]${explain}${
      isKnown ? " [↩ shown above]" : ""
    }`;
    if (isKnown) continue;
    expanded.add(actor);
    const children = listChildren(node, entry.depth + 1);
    for (let at = children.length - 1; at >= 0; at--) {
      const child = children[at];
      if (child !== undefined) stack.push(child);
    }
  }
}

function listRoots(flow: Flow, names: readonly string[] | undefined): StreamRef[] {
  if (names !== undefined) return names.map((actor) => ({ actor, port: "stdout" }));
  const roots = new Map<string, StreamRef>();
  for (const output of flow.outputs) {
    for (const stream of output.streams) {
      if (!roots.has(stream.actor)) roots.set(stream.actor, stream);
    }
  }
  return [...roots.values(), ...listTalking(flow, [...roots.keys()])];
}

/** Message actors that no output leads to: they are there for others. */
function listTalking(flow: Flow, names: readonly string[]): readonly StreamRef[] {
  const reached = new Set<string>();
  const reach = (from: readonly string[]): void => {
    const open = [...from];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      for (const { streams } of flow.actors.get(name)?.inputs ?? []) {
        open.push(...streams.map(({ actor }) => actor));
      }
    }
  };
  reach(names);
  // Those that somebody reads come with whoever reads them.
  const talking = [...flow.actors.values()].filter(isMessageActor).map(({ name }) => name);
  const read = new Set(
    [...flow.actors.values()].flatMap(({ inputs }) =>
      inputs.flatMap(({ streams }) => streams.map(({ actor }) => actor))
    ),
  );
  return [...talking.filter((name) => !read.has(name)), ...talking].flatMap((name) => {
    if (reached.has(name)) return [];
    reach([name]);
    return [{ actor: name, port: "stdout" }];
  });
}

function listChildren(node: TreeNode, depth: number): readonly Entry[] {
  const children: Entry[] = [];
  const ports = [...node.inputs].sort((a, b) => Number(b.name === "stdin") - Number(a.name === "stdin"));
  for (const port of ports) {
    const isNamed = port.name !== "stdin";
    if (isNamed) children.push({ kind: "port", depth, port: port.name });
    for (const stream of port.streams) {
      children.push({ kind: "stream", depth: isNamed ? depth + 1 : depth, stream });
    }
  }
  return children;
}

/** The color and the text for what is known of an actor. */
export function describeState(
  known: TreeState | undefined,
  { isReady }: { readonly isReady: boolean },
): readonly [Color, string] {
  const state = known?.state ?? "waiting";
  if (isReady && state !== "failed") return ["green", "✓ built"];
  switch (state) {
    case "waiting":
      return ["yellow", "⋯ not built"];
    case "running":
      return ["magenta", "⚡ active"];
    case "done":
      return ["green", `✓ built${nameTry(known)}`];
    case "failed":
      return ["red", `✗ failed${describeEnd(known)}${nameTry(known)}`];
    case "stopped":
      return ["yellow", "⏹ stopped"];
    default:
      return unreachable(state);
  }
}

/** The try that has decided, where it was not the first. */
function nameTry({ attempts = 1 }: Partial<TreeState> = {}): string {
  return attempts === 1 ? "" : `, try ${attempts}`;
}

function describeEnd(known: TreeState | undefined): string {
  if (known?.signal !== undefined) return `: ${known.signal}`;
  return known?.exitCode === undefined ? "" : `: exit ${known.exitCode}`;
}
