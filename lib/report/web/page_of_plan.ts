/**
 * What the page shows of a run before anything has happened in it.
 */
import type { Actor, Flow } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import { boxesOf, groupOf, isInstance } from "../../core/instance.ts";
import type { Plan } from "../../core/plan.ts";
import { nameTarget } from "../../core/plan.ts";
import { hidePlan } from "../../core/secrets.ts";
import { describeActor, shortPath } from "../text/actor_text.ts";
import type { PageActor, PageActorKind } from "./page_actor.ts";
import type { PageEdge, PageFrame, PageGroup, PageRun, PageTalk } from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";

const COMMAND_CHARACTERS_MAX = 2_000;

export interface PageStart {
  readonly use: PageRun["use"];
  /** The engine: its version and runtime, and its process. */
  readonly engine: string;
  readonly pid: number;
  readonly mayControl: boolean;
  readonly talks: readonly PageTalk[];
  readonly at: number;
}

/** Secrets of the flow are not in it. */
export function pageOfPlan(given: Plan, { use, engine, pid, mayControl, talks, at }: PageStart): PageRun {
  const plan = hidePlan(given);
  const { flow } = plan;
  const shown = plan.actors.slice(0, PAGE_LIMITS.actors);
  const actors = shown.map((actor) => toActor(actor, flow));
  const edges = plan.edges.slice(0, PAGE_LIMITS.edges).map((edge): PageEdge => ({
    id: edge.id,
    from: streamName(edge.from),
    fromActor: edge.from.actor,
    to: edge.to.kind === "output" ? shortPath(edge.to.target, flow) : nameTarget(edge.to),
    ...edge.to.kind === "actor" ? { toActor: edge.to.actor } : {},
    carrier: edge.carrier,
    reason: edge.reason,
    isOnCycle: edge.isOnCycle,
    state: "waiting",
  }));
  return {
    version: 1,
    use,
    run: { id: "", flow: flow.name, state: "running", startedAt: at, at, pid, engine },
    mayControl,
    actors,
    groups: listGroups(actors),
    frames: listFrames(actors, flow),
    edges,
    talks,
    outputs: plan.outputs.slice(0, PAGE_LIMITS.actors).map(({ target }) => ({
      target: shortPath(target, flow),
    })),
    failures: [],
    growths: [],
    undelivered: [],
    rings: [],
    pieces: [],
    messages: [],
    streams: [],
    more: {
      actors: plan.actors.length - actors.length,
      edges: plan.edges.length - edges.length,
      messages: 0,
      pieces: 0,
      failures: 0,
    },
  };
}

function toActor(actor: Actor, flow: Flow): PageActor {
  const { name, explain, source, retry, workers, isLoaded } = actor;
  const isProcess = source.kind === "run" || source.kind === "sh";
  return {
    name,
    kind: kindOf(actor),
    ...isInstance(name) ? { group: groupOf(name) } : {},
    frames: boxesOf(name),
    ...explain === undefined ? {} : { explain },
    command: describeActor(actor, flow).slice(0, COMMAND_CHARACTERS_MAX),
    state: isProcess || (source.kind === "split" && isLoaded !== true) ? "waiting" : "done",
    ...retry === undefined ? {} : { attemptsMax: retry.max + 1 },
    ...workers === undefined ? {} : { workers: { count: workers.count, running: 0 } },
    stderr: [],
    stderrCount: 0,
  };
}

function kindOf({ source, messaging }: Actor): PageActorKind {
  if (source.kind === "run" && source.handler !== undefined) return "handler";
  return messaging !== undefined && (source.kind === "run" || source.kind === "sh")
    ? "messages"
    : source.kind;
}

/** One for all instances of an actor. */
export function listGroups(actors: readonly PageActor[]): readonly PageGroup[] {
  const groups = new Map<string, PageGroup>();
  for (const { group: name, state, explain } of actors) {
    if (name === undefined) continue;
    const known = groups.get(name);
    const states = known?.states ?? { waiting: 0, running: 0, done: 0, failed: 0, stopped: 0 };
    groups.set(name, {
      name,
      count: (known?.count ?? 0) + 1,
      ...explain === undefined ? {} : { explain },
      states: { ...states, [state]: states[state] + 1 },
    });
  }
  return [...groups.values()];
}

function listFrames(actors: readonly PageActor[], { uses }: Flow): readonly PageFrame[] {
  const names = new Set(actors.flatMap(({ frames }) => frames));
  return [...names].map((name) => {
    const explain = uses.get(name)?.explain;
    return { name, ...explain === undefined ? {} : { explain } };
  });
}
