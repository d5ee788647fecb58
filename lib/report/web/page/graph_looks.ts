/**
 * How each node and line of the graph looks, by what the run is doing.
 */
import { formatBytes } from "../../text/format_bytes.ts";
import type { PageActor } from "../page_actor.ts";
import type { PageLine, PageNode } from "../page_layout.ts";
import type { PageEdge, PageGroup, PageOutput, PageRing, PageRun } from "../page_run.ts";
import type { Tone } from "./facts.ts";
import {
  fillOf,
  frameAsGroup,
  groupText,
  groupTone,
  isFull,
  rateText,
  shortStatus,
  SIGNS,
  toneOf,
} from "./facts.ts";
import type { Palette } from "./palette.ts";

export interface Looks {
  readonly run: PageRun;
  readonly actors: ReadonlyMap<string, PageActor>;
  readonly groups: ReadonlyMap<string, PageGroup>;
  readonly outputs: ReadonlyMap<string, PageOutput>;
  readonly edges: ReadonlyMap<number, PageEdge>;
  /** The actors of the ring that is drawn; empty when there is none. */
  readonly ring: readonly string[];
  /** Which node stands for an actor: itself, or what it is folded into. */
  readonly nodeOf: (actor: string) => string;
}

/** A ring that was resolved is shown for so long. */
const RING_SHOWN_MS = 3_000;

export function lookAt(run: PageRun, open: ReadonlySet<string>): Looks {
  const actors = new Map(run.actors.map((actor) => [actor.name, actor]));
  return {
    run,
    actors,
    groups: new Map([
      ...run.frames.filter(({ name }) => !open.has(name)).map(({ name }) =>
        [name, frameAsGroup(run, name)] as const
      ),
      ...run.groups.map((group) => [group.name, group] as const),
    ]),
    outputs: new Map(run.outputs.map((output) => [output.target, output])),
    edges: new Map(run.edges.map((edge) => [edge.id, edge])),
    ring: shownRing(run)?.actors ?? [],
    nodeOf: (name) => {
      const actor = actors.get(name);
      if (actor === undefined) return name;
      const { group, frames } = actor;
      return frames.find((frame) => !open.has(frame)) ??
        (group !== undefined && !open.has(group) ? group : name);
    },
  };
}

export function shownRing({ rings, run }: PageRun): PageRing | undefined {
  const last = rings.at(-1);
  if (last === undefined) return undefined;
  return last.kind === "deadlock" || run.endedAt === undefined && run.at - last.at < RING_SHOWN_MS
    ? last
    : undefined;
}

export interface NodeLook {
  readonly tone: Tone;
  readonly sign: string;
  readonly title: string;
  readonly detail: string;
  readonly isStacked: boolean;
}

export function nodeLook({ actors, groups, outputs, run }: Looks, { name, kind }: PageNode): NodeLook {
  if (kind === "output") {
    const output = outputs.get(name);
    const tone = output?.isKept === false ? "failed" : run.run.endedAt === undefined ? "idle" : "done";
    const made = output?.files === undefined ? "" : `${output.files} files`;
    const bytes = output?.bytes === undefined ? "" : formatBytes(output.bytes);
    const detail = output?.isKept === false
      ? "not put in place"
      : [made, bytes].filter((text) => text !== "").join(", ");
    return { tone, sign: "→", title: name === "-" ? "standard output" : name, detail, isStacked: false };
  }
  const group = kind === "actor" ? undefined : groups.get(name);
  if (group !== undefined) {
    const tone = groupTone(group);
    return {
      tone,
      sign: SIGNS[tone],
      title: `${name} ×${group.count}`,
      detail: groupText(group),
      isStacked: true,
    };
  }
  const actor = actors.get(name);
  if (actor === undefined) {
    return { tone: "idle", sign: SIGNS.idle, title: name, detail: "", isStacked: kind !== "actor" };
  }
  const tone = toneOf(actor);
  return {
    tone,
    sign: SIGNS[tone],
    title: name,
    detail: [shortStatus(actor, run.run.endedAt ?? run.run.at), ...queueText(actor)].join(" · "),
    isStacked: actor.members !== undefined || actor.workers !== undefined,
  };
}

function queueText({ messages, state }: PageActor): readonly string[] {
  return messages?.queued === undefined || state !== "running" ? [] : [`${messages.queued} queued`];
}

export interface EdgeLook {
  readonly color: (palette: Palette) => string;
  readonly width: number;
  readonly dash: number[];
  readonly text: string;
  readonly fill?: number | undefined;
  readonly isFull: boolean;
}

const DASHES: Readonly<Record<PageEdge["carrier"], number[]>> = { pipe: [], descriptor: [], relay: [5, 3] };
const RANK = { failed: 3, works: 2, soft: 1, line: 0 } as const;

/** A line stands for several edges when they are folded: it shows the worst of them, and all that passes. */
export function edgeLook({ edges, run }: Looks, { edges: ids, isMessages, label }: PageLine): EdgeLook {
  if (isMessages) {
    return { color: ({ message }) => message, width: 1.3, dash: [2, 3], text: label, isFull: false };
  }
  const all = ids.flatMap((id) => edges.get(id) ?? []);
  const isAnyFull = run.run.endedAt === undefined && all.some(isFull);
  const rate = sumOf(all, (edge) => edge.rate);
  const bytes = sumOf(all, (edge) => edge.bytes);
  const kind = all.reduce<keyof typeof RANK>((worst, edge) => {
    const each = isAnyFull && isFull(edge)
      ? "failed"
      : (edge.rate ?? 0) > 0
      ? "works"
      : edge.state === "open"
      ? "soft"
      : "line";
    return RANK[each] > RANK[worst] ? each : worst;
  }, "line");
  const [only] = all;
  const isOver = run.run.endedAt !== undefined || all.every(({ state }) => state === "ended");
  return {
    color: ({ tones, soft, line }) => kind === "soft" ? soft : kind === "line" ? line : tones[kind],
    width: 1.2 + Math.min(2.8, Math.log10(1 + (rate ?? 0)) / 3) + (only?.carrier === "pipe" ? 0.6 : 0),
    dash: DASHES[only?.carrier ?? "pipe"],
    text: isOver || rate === undefined || rate === 0
      ? bytes === undefined ? "" : formatBytes(bytes)
      : rateText(rate),
    fill: isOver ? undefined : worthABar(all.map(fillOf).reduce(maxOf, undefined)),
    isFull: isAnyFull,
  };
}

function sumOf(edges: readonly PageEdge[], of: (edge: PageEdge) => number | undefined): number | undefined {
  return edges.map(of).reduce((sum, value) => value === undefined ? sum : (sum ?? 0) + value, undefined);
}

/** An edge that holds nothing has no bar. */
function worthABar(fill: number | undefined): number | undefined {
  return fill === undefined || fill < 0.005 ? undefined : fill;
}

function maxOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}
