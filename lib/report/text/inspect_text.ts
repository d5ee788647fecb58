/**
 * Captured runs for people: the list, one run as a tree, and how two differ.
 */
import type {
  ActorDifference,
  Archive,
  ArchivedActor,
  ArchivedRun,
  ArchivedStream,
  RunDifference,
  StreamDifference,
} from "../../core/archive.ts";
import type { StreamRef } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import type { ActorState } from "../../core/result.ts";
import { collapseArchive, type CollapsedArchive } from "./collapse_archive.ts";
import { formatBytes } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";
import { describeGroup } from "./group_text.ts";
import { makeOneLine } from "./make_harmless.ts";
import { makePaint } from "./paint.ts";
import { describeState, listLines } from "./tree.ts";
import type { TreeNode } from "./tree.ts";

const HEADINGS = ["run", "state", "started", "took", "streams", "flow", "identity"] as const;

/** A table with one line for each run. */
export function formatRuns(archives: readonly Archive[], { color }: { readonly color: boolean }): string {
  const rows = archives.map(({ run, streams }): readonly string[] => [
    String(run.number),
    describeRun(run),
    formatTime(run.startedAt),
    run.endedAt === undefined ? "" : formatDuration(run.endedAt - run.startedAt),
    `${streams.length}, ${formatBytes(streams.reduce((sum, { size }) => sum + size, 0))}`,
    makeOneLine(run.flow),
    run.uuid,
  ]);
  const widths = HEADINGS.map((heading, at) =>
    Math.max(heading.length, ...rows.map((row) => row[at]?.length ?? 0))
  );
  const toLine = (cells: readonly string[]): string =>
    cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd();
  const notes = archives.length === 0 ? [NO_RUN] : listNotes(archives);
  return [makePaint(color)("bold", toLine(HEADINGS)), ...rows.map(toLine), ...notes, ""].join("\n");
}

/** Its first bytes were refused. */
const NO_RUN = "no run is in it: none could be written into it yet";

/** Whoever writes the end of a run may be gone. */
const NOT_ENDED = "not ended: it goes on, was killed, or its end could not be written here (a full disk)";

function listNotes(archives: readonly Archive[]): readonly string[] {
  return [
    ...archives.some(({ run }) => run.state === "running" && run.cut === undefined) ? [NOT_ENDED] : [],
    ...archives.flatMap(({ run }) => run.cut === undefined ? [] : [describeCut(run.number, run.cut)]),
  ];
}

function describeCut(run: number, reason: string): string {
  return `run ${run} is here only in part: the database could not be written on (${makeOneLine(reason)})`;
}

function describeRun({ state, exitCode }: ArchivedRun): string {
  if (state === "running") return "not ended";
  return state === "done" ? state : `${state}, exit ${exitCode}`;
}

/** `2026-11-20 08:26:15Z` */
function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** A line for the run, then its tree: states, sizes and times. */
export function* listRunLines(
  given: Archive,
  { color, isExpanded = false }: { readonly color: boolean; readonly isExpanded?: boolean },
): Generator<string, void, undefined> {
  const { archive, groups }: CollapsedArchive = isExpanded
    ? { archive: given, groups: new Map() }
    : collapseArchive(given);
  const { run } = archive;
  const took = run.endedAt === undefined ? "" : ` in ${formatDuration(run.endedAt - run.startedAt)}`;
  yield `run ${run.number} of ${makeOneLine(run.flow)}: ${describeRun(run)}${took}, started ${
    formatTime(run.startedAt)
  } (${run.uuid})`;
  if (run.cut !== undefined) yield describeCut(run.number, run.cut);
  else if (run.state === "running") yield NOT_ENDED;
  const streams = new Map(archive.streams.map((stream) => [stream.name, stream]));
  const actors = new Map(archive.actors.map((actor) => [actor.name, actor]));
  yield* listLines(listRoots(archive), {
    color,
    describe(ref) {
      const actor = actors.get(ref.actor);
      if (actor === undefined) throw new Error(`No actor ${ref.actor} in the captured run`);
      return toNode(actor, {
        stream: streams.get(streamName(ref)),
        streams,
        run,
        states: groups.get(actor.name),
      });
    },
  });
}

/** The streams that nobody in the run reads, of those actors of which nobody reads any. */
function listRoots({ actors, streams }: Archive): readonly StreamRef[] {
  const read = new Set(actors.flatMap(({ inputs }) => inputs.map(({ stream }) => stream)));
  const readActors = new Set(streams.filter(({ name }) => read.has(name)).map(({ actor }) => actor));
  return actors.filter(({ name }) => !readActors.has(name)).map(({ name }) => ({
    actor: name,
    port: "stdout",
  }));
}

function toNode(
  actor: ArchivedActor,
  { stream, streams, run, states = [] }: {
    readonly stream: ArchivedStream | undefined;
    readonly streams: ReadonlyMap<string, ArchivedStream>;
    readonly run: ArchivedRun;
    /** Of its instances. */
    readonly states: readonly ActorState[] | undefined;
  },
): TreeNode {
  const ports = new Map<string, StreamRef[]>();
  for (const { port, stream: name } of actor.inputs) {
    const read = streams.get(name);
    if (read !== undefined) ports.set(port, [...ports.get(port) ?? [], read]);
  }
  const isReady = actor.kind === "value" || actor.kind === "file";
  const [color, state] = (isReady ? undefined : describeGroup(states)) ?? describeState(actor, { isReady });
  const isUnknown = (run.endedAt === undefined || run.cut !== undefined) && actor.state === "running";
  const told = [
    isUnknown ? "⚡ not ended" : state,
    ...(stream === undefined ? [] : [describeSize(stream)]),
    ...(actor.startedAt === undefined || actor.endedAt === undefined
      ? []
      : [formatDuration(actor.endedAt - actor.startedAt)]),
  ];
  return {
    inputs: [...ports].map(([name, read]) => ({ name, streams: read })),
    explain: actor.explain,
    ...(states.length === 0 ? {} : { times: ` ×${states.length}` }),
    status: [color, told.join(", ")],
  };
}

function describeSize({ size, isComplete }: ArchivedStream): string {
  return `${formatBytes(size)}${isComplete ? "" : " so far"}`;
}

/** How two runs differ, a line for each actor and stream that does. */
export function formatDifference(
  { actors, streams }: RunDifference,
  { before, after }: { readonly before: ArchivedRun; readonly after: ArchivedRun },
): string {
  const runs = `runs ${before.number} and ${after.number}`;
  if (actors.length + streams.length === 0) return `${runs} do not differ\n`;
  const lines = [...actors.map(describeActorDifference), ...streams.map(describeStreamDifference)];
  return `${runs} differ:\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function describeActorDifference(difference: ActorDifference): string {
  const name = `actor ${difference.name}`;
  if (difference.kind === "only in") return `${name} is only in run ${difference.run}`;
  const { before, after } = difference;
  const parts = [
    ...(difference.isDefinitionOther ? ["another command, environment or input"] : []),
    ...(difference.isStateOther ? [`${describeEnd(before)} → ${describeEnd(after)}`] : []),
    ...(difference.isTimeOther ? [`${describeTime(before)} → ${describeTime(after)}`] : []),
  ];
  return `${name}: ${parts.join("; ")}`;
}

function describeEnd({ state, exitCode, signal }: ArchivedActor): string {
  const end = signal ?? (exitCode === undefined ? undefined : `exit ${exitCode}`);
  return end === undefined ? state : `${state}, ${end}`;
}

function describeTime({ startedAt, endedAt }: ArchivedActor): string {
  return startedAt === undefined || endedAt === undefined ? "?" : formatDuration(endedAt - startedAt);
}

function describeStreamDifference(difference: StreamDifference): string {
  const name = `stream ${difference.name}`;
  if (difference.kind === "only in") return `${name} is only in run ${difference.run}`;
  const { before, after, first } = difference;
  const isSizeOther = before.size !== after.size || before.isComplete !== after.isComplete;
  const parts = [
    ...(isSizeOther ? [`${countBytes(before)} → ${countBytes(after)}`] : []),
    ...(first === undefined ? [] : [`first difference at byte ${first.byte}, line ${first.line}`]),
  ];
  return `${name}: ${parts.join("; ")}`;
}

function countBytes({ size, isComplete }: ArchivedStream): string {
  return `${size} bytes${isComplete ? "" : " so far"}`;
}
