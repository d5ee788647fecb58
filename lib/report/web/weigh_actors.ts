/**
 * How much each actor holds the others up, reckoned from the time line of a run: one that works while others wait for
 * it sets the pace.
 *
 * ```text
 * source ══full══▶ slow ──empty──▶ sink
 * waits to write   works           waits to read      slow: busy, the time of both is counted for it
 * ```
 *
 * An actor that others wait for because it waits itself is not to blame: what is counted for it is weighed by the share
 * of the time in which it worked.
 */
import type { PageActor } from "./page_actor.ts";
import type { PagePiece, PageRun } from "./page_run.ts";

export interface Weight {
  /** An actor, or an output of the flow. */
  readonly name: string;
  /** The share of its time in which it did not wait, from 0 to 1; undefined of what is no actor. */
  readonly busy?: number;
  /** How long others waited to write to it, because its input was full, in milliseconds. */
  readonly fullMs: number;
  /** How long others waited to read from it, because its output was empty. */
  readonly emptyMs: number;
  /** The share of one processor that it used over its life, where that is known. */
  readonly cpu?: number;
  /** Milliseconds of waiting that it is to blame for. */
  readonly score: number;
}

/** While a run goes on only its last seconds are looked at: what held it up before may be over. */
export const WINDOW_MS = 10_000;

/** All that somebody waited for, the one that holds up the most first. */
export function weighActors(run: PageRun): readonly Weight[] {
  const until = run.run.endedAt ?? run.run.at;
  const since = run.run.endedAt === undefined
    ? Math.max(run.run.startedAt, until - WINDOW_MS)
    : run.run.startedAt;
  const waited = new Map<string, number>();
  const full = new Map<string, number>();
  const empty = new Map<string, number>();
  for (const piece of run.pieces) {
    const ms = lengthIn(piece, since, until);
    if (ms === 0) continue;
    add(waited, piece.actor, ms);
    if (piece.waitsFor === undefined) continue;
    if (piece.does === "write") add(full, piece.waitsFor, ms);
    if (piece.does === "read") add(empty, piece.waitsFor, ms);
  }
  const actors = new Map(run.actors.map((actor) => [actor.name, actor]));
  return [...new Set([...full.keys(), ...empty.keys()])].map((name): Weight => {
    const fullMs = full.get(name) ?? 0;
    const emptyMs = empty.get(name) ?? 0;
    const actor = actors.get(name);
    if (actor === undefined) return { name, fullMs, emptyMs, score: fullMs + emptyMs };
    const busy = busyShare(actor, { since, until, waitedMs: waited.get(name) ?? 0 });
    return { name, busy, fullMs, emptyMs, ...cpuShare(actor, until), score: busy * (fullMs + emptyMs) };
  }).sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
}

/** How much of a piece lies between two moments, in milliseconds. */
function lengthIn({ from, to }: PagePiece, since: number, until: number): number {
  return Math.max(0, Math.min(to ?? until, until) - Math.max(from, since));
}

interface Window {
  readonly since: number;
  readonly until: number;
  readonly waitedMs: number;
}

function busyShare(actor: PageActor, { since, until, waitedMs }: Window): number {
  // A source that is no process, such as a file, has no life of its own: whoever waits for it waits for it.
  if (actor.startedAt === undefined) return actor.state === "waiting" && isProcess(actor) ? 0 : 1;
  const lived = Math.min(actor.endedAt ?? until, until) - Math.max(actor.startedAt, since);
  return lived <= 0 ? 0 : Math.max(0, 1 - waitedMs / lived);
}

export function isProcess({ kind }: PageActor): boolean {
  return kind === "run" || kind === "sh" || kind === "messages" || kind === "handler";
}

function cpuShare(actor: PageActor, until: number): { readonly cpu?: number } {
  if (actor.cpuMs === undefined || actor.startedAt === undefined) return {};
  const lived = (actor.endedAt ?? until) - actor.startedAt;
  return lived < 200 ? {} : { cpu: actor.cpuMs / lived };
}

function add(sums: Map<string, number>, name: string, ms: number): void {
  sums.set(name, (sums.get(name) ?? 0) + ms);
}
