/**
 * What the page shows of a run that was captured, before its events are told anew.
 */
import type { Archive } from "../../core/archive.ts";
import { boxesOf, groupOf, isInstance, toStream } from "../../core/instance.ts";
import { makeOneLine } from "../text/make_harmless.ts";
import type { PageActor } from "./page_actor.ts";
import { listGroups } from "./page_of_plan.ts";
import type { PageEdge, PageRun, PageStream } from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";

/** What its events tell. */
const UNTOLD = {
  talks: [],
  outputs: [],
  failures: [],
  growths: [],
  undelivered: [],
  rings: [],
  pieces: [],
  messages: [],
} as const;

export function pageOfArchive(
  { run, actors: archived }: Archive,
  { engine, streams }: { readonly engine: string; readonly streams: readonly PageStream[] },
): PageRun {
  const actors = archived.slice(0, PAGE_LIMITS.actors).map((actor): PageActor => ({
    name: actor.name,
    kind: actor.kind,
    ...isInstance(actor.name) ? { group: groupOf(actor.name) } : {},
    frames: boxesOf(actor.name),
    ...actor.explain === undefined ? {} : { explain: actor.explain },
    command: makeOneLine((actor.command ?? []).join(" ")),
    state: actor.kind === "run" || actor.kind === "sh" ? "waiting" : actor.state,
    stderr: [],
    stderrCount: 0,
  }));
  const names = new Set(actors.map(({ name }) => name));
  const edges = archived.flatMap(({ name, inputs }) =>
    inputs.map(({ port, stream }) => ({
      from: stream,
      fromActor: toStream(stream).actor,
      to: port === "stdin" ? name : `${name}.${port}`,
      toActor: name,
    }))
  ).filter(({ fromActor, toActor }) => names.has(fromActor) && names.has(toActor));
  const shown = edges.slice(0, PAGE_LIMITS.edges);
  return {
    version: 1,
    use: "captured",
    run: {
      id: run.uuid,
      flow: run.flow,
      state: run.state,
      startedAt: run.startedAt,
      at: run.endedAt ?? run.startedAt,
      number: run.number,
      engine,
      ...run.exitCode === undefined ? {} : { exitCode: run.exitCode },
      ...run.endedAt === undefined ? {} : { endedAt: run.endedAt },
    },
    mayControl: false,
    actors,
    groups: listGroups(actors),
    frames: [...new Set(actors.flatMap(({ frames }) => frames))].map((name) => ({ name })),
    edges: shown.map((edge, id): PageEdge => ({
      id,
      ...edge,
      carrier: "relay",
      reason: "captured",
      isOnCycle: false,
      state: "waiting",
    })),
    ...UNTOLD,
    streams,
    more: {
      actors: archived.length - actors.length,
      edges: edges.length - shown.length,
      messages: 0,
      pieces: 0,
      failures: 0,
    },
  };
}
