/**
 * How actors and edges are shown: one tone and one line of text for each.
 */
import { formatBytes } from "../../text/format_bytes.ts";
import { formatDuration } from "../../text/format_duration.ts";
import type { PageActor } from "../page_actor.ts";
import type { PageEdge, PageGroup, PageRun } from "../page_run.ts";

/** What a colour stands for; never by colour alone, there is always a sign or a word beside it. */
export type Tone = "idle" | "works" | "reads" | "full" | "done" | "failed" | "stopped" | "paused";

export const SIGNS: Readonly<Record<Tone, string>> = {
  idle: "○",
  works: "▶",
  reads: "◁",
  full: "▮",
  done: "✓",
  failed: "✗",
  stopped: "■",
  paused: "⏸",
};

export function toneOf(actor: PageActor): Tone {
  if (actor.state === "waiting") return "idle";
  if (actor.state !== "running") return actor.state;
  if (actor.isPaused === true) return "paused";
  const does = actor.waiting?.does;
  return does === "write" ? "full" : does === "read" ? "reads" : "works";
}

/** `waits to read from a, 2 s`, `works`, `done, 12 MiB out` */
export function statusOf(actor: PageActor, at: number): string {
  const { state, waiting, members } = actor;
  if (members !== undefined && (members.active > 0 || state === "running")) return memberText(members);
  if (state === "running") {
    if (actor.isPaused === true) return "paused";
    if (waiting !== undefined) return waitingText(waiting, at);
    return actor.life ?? "works";
  }
  if (state === "waiting") return waiting === undefined ? "not started" : waitingText(waiting, at);
  if (state === "failed") {
    return actor.signal === undefined
      ? actor.exitCode === undefined ? "failed" : `failed: exit ${actor.exitCode}`
      : `failed: ${actor.signal}`;
  }
  if (actor.cached === true) return "done, from the cache";
  return actor.startedAt === undefined || actor.endedAt === undefined
    ? state
    : `${state} in ${formatDuration(actor.endedAt - actor.startedAt)}`;
}

function memberText({ done, failed, active }: NonNullable<PageActor["members"]>): string {
  return [
    `${done} done`,
    ...active > 0 ? [`${active} active`] : [],
    ...failed > 0 ? [`${failed} failed`] : [],
  ]
    .join(", ");
}

export function waitingText(
  { does, waitsFor, since }: NonNullable<PageActor["waiting"]>,
  at: number,
): string {
  const whom = waitsFor === undefined ? "" : ` ${waitsFor}`;
  const long = at - since >= 1_000 ? `, ${formatDuration(at - since)}` : "";
  switch (does) {
    case "read":
      return `waits to read${whom === "" ? "" : ` from${whom}`}${long}`;
    case "write":
      return `waits to write${whom === "" ? "" : ` to${whom}`}${long}`;
    case "rest":
      return `rests before another try${long}`;
    default:
      return `not started${whom === "" ? "" : `: waits for${whom}`}`;
  }
}

/** How long it has waited, with what goes on now. */
export function waitedMs(actor: PageActor, does: "read" | "write", at: number): number {
  const { waiting, waitedReadMs = 0, waitedWriteMs = 0 } = actor;
  const now = waiting?.does === does ? Math.max(0, at - waiting.since) : 0;
  return now + (does === "read" ? waitedReadMs : waitedWriteMs);
}

/** As `statusOf`, in few letters: what fits into a box. */
export function shortStatus(actor: PageActor, at: number): string {
  const { state, waiting } = actor;
  if (state !== "running" || waiting?.waitsFor === undefined || actor.isPaused === true) {
    return statusOf(actor, at);
  }
  return waiting.does === "read" ? `waits for ${waiting.waitsFor}` : `held up by ${waiting.waitsFor}`;
}

export function isFull({ waits, heldBytes, capacityBytes, state }: PageEdge): boolean {
  return state === "open" && (waits === "writer" || waits === "both" ||
    heldBytes !== undefined && capacityBytes !== undefined && capacityBytes > 0 &&
      heldBytes >= capacityBytes);
}

/** From 0 to 1; undefined where nobody knows. */
export function fillOf({ heldBytes, capacityBytes, waits }: PageEdge): number | undefined {
  if (heldBytes !== undefined && capacityBytes !== undefined && capacityBytes > 0) {
    return Math.min(1, heldBytes / capacityBytes);
  }
  return waits === "writer" || waits === "both" ? 1 : waits === "reader" ? 0 : undefined;
}

export function rateText(rate: number | undefined): string {
  return rate === undefined ? "" : `${formatBytes(rate)}/s`;
}

export const CARRIER_TEXTS: Readonly<Record<PageEdge["carrier"], string>> = {
  pipe: "kernel pipe",
  descriptor: "descriptor handed over",
  relay: "through the engine",
};

export function groupTone({ states }: PageGroup): Tone {
  if (states.failed > 0) return "failed";
  if (states.running > 0) return "works";
  if (states.stopped > 0) return "stopped";
  return states.waiting > 0 ? "idle" : "done";
}

/** `120 done, 2 running, 1 failed` */
export function groupText({ states }: PageGroup): string {
  const text = (["done", "running", "failed", "stopped", "waiting"] as const)
    .filter((state) => states[state] > 0).map((state) => `${states[state]} ${state}`);
  return text.join(", ");
}

/** A frame as a group: what the actors in it do. */
export function frameAsGroup(run: PageRun, name: string): PageGroup {
  const inside = run.actors.filter(({ frames }) => frames.includes(name));
  const states = { waiting: 0, running: 0, done: 0, failed: 0, stopped: 0 };
  for (const { state } of inside) states[state] += 1;
  return { name, count: inside.length, states };
}
