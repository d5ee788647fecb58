/**
 * What is drawn of a run as boxes and arrows: an actor over sets, and a flow that is used, are one box until they are
 * opened.
 */
import type { PageRun } from "./page_run.ts";

export interface FoldedNode {
  readonly name: string;
  readonly kind: "actor" | "group" | "frame" | "output";
  readonly label: string;
  /** The open frames around it, from the outside in. */
  readonly frames: readonly string[];
}

export interface FoldedLine {
  readonly from: string;
  readonly to: string;
  readonly edges: readonly number[];
  readonly isMessages: boolean;
  readonly label: string;
}

export interface FoldedPage {
  readonly nodes: readonly FoldedNode[];
  readonly lines: readonly FoldedLine[];
}

type Folded = Pick<PageRun, "actors" | "groups" | "edges" | "outputs" | "talks">;

const LABEL_CHARACTERS_MAX = 30;

/** `open` are the names of groups and frames that are not folded. */
export function foldPage(
  { actors, groups, edges, outputs, talks }: Folded,
  open: ReadonlySet<string>,
): FoldedPage {
  const nodes = new Map<string, FoldedNode>();
  const nodeOf = new Map<string, string>();
  const counts = new Map(groups.map(({ name, count }) => [name, count]));
  for (const { name, group, frames } of actors) {
    const closedAt = frames.findIndex((frame) => !open.has(frame));
    const closed = closedAt === -1 ? undefined : frames[closedAt];
    const folded = closed ?? (group !== undefined && !open.has(group) ? group : name);
    nodeOf.set(name, `actor ${folded}`);
    nodes.set(`actor ${folded}`, {
      name: folded,
      kind: closed !== undefined ? "frame" : folded === name ? "actor" : "group",
      label: shorten(folded) + (counts.has(folded) ? ` ×${counts.get(folded)}` : ""),
      frames: closed === undefined ? frames : frames.slice(0, closedAt),
    });
  }
  const lines = new Map<string, { -readonly [Key in keyof FoldedLine]: FoldedLine[Key] }>();
  const targets = new Map(outputs.map(({ target }) => [target, target]));
  for (const { id, fromActor, toActor, to, from } of edges) {
    const source = nodeOf.get(fromActor);
    const target = toActor === undefined ? `output ${targets.get(to) ?? to}` : nodeOf.get(toActor);
    if (source === undefined || target === undefined || source === target) continue;
    if (toActor === undefined && !nodes.has(target)) {
      nodes.set(target, {
        name: to,
        kind: "output",
        label: shorten(to === "-" ? "standard output" : to),
        frames: [],
      });
    }
    const key = `${source}\n${target}`;
    const known = lines.get(key);
    const port = labelOf({ from, fromActor, to, toActor });
    if (known === undefined) {
      lines.set(key, { from: source, to: target, edges: [id], isMessages: false, label: port });
    } else lines.set(key, { ...known, edges: [...known.edges, id], label: known.label === port ? port : "" });
  }
  for (const { from, to, words } of talks) {
    const [source, target] = [nodeOf.get(from), nodeOf.get(to)];
    if (source === undefined || target === undefined || source === target) continue;
    const key = `messages ${source}\n${target}`;
    if (!lines.has(key)) {
      const label = shorten(words.join(", "));
      lines.set(key, { from: source, to: target, edges: [], isMessages: true, label });
    }
  }
  return { nodes: [...nodes.values()], lines: [...lines.values()] };
}

function labelOf(
  { from, fromActor, to, toActor }: {
    readonly from: string;
    readonly fromActor: string;
    readonly to: string;
    readonly toActor: string | undefined;
  },
): string {
  const fromPort = from.slice(fromActor.length + 1);
  const toPort = toActor === undefined ? "" : to.slice(toActor.length + 1);
  return fromPort !== "" && toPort !== "" ? `${fromPort} → ${toPort}` : fromPort + toPort;
}

function shorten(text: string): string {
  return text.length <= LABEL_CHARACTERS_MAX ? text : `${text.slice(0, LABEL_CHARACTERS_MAX - 1)}…`;
}
