/**
 * The dependency tree of a flow: what an output needs, and what that needs in turn. Without recursion, so that
 * a chain of any length is no problem.
 */
import type { Actor, Flow, StreamRef } from "../core/flow.ts";
import { streamName } from "../core/flow.ts";
import { TREE_LINES_MAX } from "../core/limits.ts";
import type { ActorState } from "../core/result.ts";
import { unreachable } from "../core/unreachable.ts";
import { makeOneLine } from "./make_harmless.ts";
import type { Color } from "./paint.ts";
import { makePaint } from "./paint.ts";

/** How far an actor is, for the text in brackets. */
export interface TreeState {
  readonly state: ActorState;
  readonly exitCode?: number;
  readonly signal?: string;
}

export interface TreeOptions {
  /** By actor name. @default nothing has been started */
  readonly states?: ReadonlyMap<string, TreeState>;
  readonly color: boolean;
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

/**
 * The lines of the tree, made one after the other (those of a deep chain are long). Past `TREE_LINES_MAX` lines,
 * an actor whose inputs were shown already is one line: shared parts would else multiply without end.
 */
export function* listTreeLines(flow: Flow, options: TreeOptions): Generator<string, void, undefined> {
  const paint = makePaint(options.color);
  const expanded = new Set<string>();
  const stack = listRoots(flow, options.roots).map((stream): Entry => ({ kind: "stream", depth: 0, stream }));
  stack.reverse();
  let count = 0;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const indent = `${"│   ".repeat(entry.depth)}├── `;
    count += 1;
    if (entry.kind === "port") {
      yield `${indent}(param: ${entry.port})`;
      continue;
    }
    const actor = flow.actors.get(entry.stream.actor);
    if (actor === undefined) throw new Error(`No actor ${entry.stream.actor} in the checked flow`);
    const [color, status] = describeState(actor, options.states?.get(actor.name));
    const explain = actor.explain === undefined ? "" : ` (${makeOneLine(actor.explain)})`;
    const isKnown = count > TREE_LINES_MAX && actor.inputs.length > 0 && expanded.has(actor.name);
    yield `${indent}${streamName(entry.stream)} [${paint(color, status)}]${explain}${
      isKnown ? " [↩ shown above]" : ""
    }`;
    if (isKnown) continue;
    expanded.add(actor.name);
    const children = listChildren(actor, entry.depth + 1);
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
  return [...roots.values()];
}

function listChildren(actor: Actor, depth: number): readonly Entry[] {
  const children: Entry[] = [];
  const ports = [...actor.inputs].sort((a, b) => Number(b.name === "stdin") - Number(a.name === "stdin"));
  for (const port of ports) {
    const isNamed = port.name !== "stdin";
    if (isNamed) children.push({ kind: "port", depth, port: port.name });
    for (const stream of port.streams) {
      children.push({ kind: "stream", depth: isNamed ? depth + 1 : depth, stream });
    }
  }
  return children;
}

function describeState(actor: Actor, known: TreeState | undefined): readonly [Color, string] {
  const state = known?.state ?? "waiting";
  // What a value or a file holds is there from the start.
  const isReady = actor.source.kind === "value" || actor.source.kind === "file";
  if (isReady && state !== "failed") return ["green", "✓ built"];
  switch (state) {
    case "waiting":
      return ["yellow", "⋯ not built"];
    case "running":
      return ["magenta", "⚡ active"];
    case "done":
      return ["green", "✓ built"];
    case "failed":
      return ["red", `✗ failed${describeEnd(known)}`];
    case "stopped":
      return ["yellow", "⏹ stopped"];
    default:
      return unreachable(state);
  }
}

function describeEnd(known: TreeState | undefined): string {
  if (known?.signal !== undefined) return `: ${known.signal}`;
  return known?.exitCode === undefined ? "" : `: exit ${known.exitCode}`;
}
