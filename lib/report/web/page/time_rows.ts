/**
 * The time line as rows and stretches. Pure.
 */
import type { PageActor } from "../page_actor.ts";
import type { PagePiece, PageRun } from "../page_run.ts";
import { matchesSearch } from "./list_rows.ts";

export interface Stretch {
  readonly does: "works" | PagePiece["does"];
  readonly from: number;
  readonly to: number;
  readonly waitsFor?: string | undefined;
}

export function piecesByActor(pieces: readonly PagePiece[]): ReadonlyMap<string, readonly PagePiece[]> {
  const found = new Map<string, PagePiece[]>();
  for (const piece of pieces) {
    const list = found.get(piece.actor);
    if (list === undefined) found.set(piece.actor, [piece]);
    else list.push(piece);
  }
  return found;
}

/** Those that have been started, or are said to wait, in the order in which they started. */
export function timeActors({ actors }: PageRun, search: string): readonly PageActor[] {
  return actors.filter((actor) => actor.startedAt !== undefined && matchesSearch(actor, search))
    .toSorted((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
}

/** What an actor did, without holes: it works where nothing else is told. */
export function stretchesOf(actor: PageActor, pieces: readonly PagePiece[], at: number): readonly Stretch[] {
  if (actor.startedAt === undefined) return [];
  const end = actor.endedAt ?? at;
  const made: Stretch[] = [];
  let since = actor.startedAt;
  for (const piece of pieces) {
    const from = Math.max(since, piece.from);
    const to = Math.min(piece.to ?? end, end);
    if (to <= from) continue;
    if (from > since) made.push({ does: "works", from: since, to: from });
    made.push({ does: piece.does, from, to, waitsFor: piece.waitsFor });
    since = to;
  }
  if (end > since || made.length === 0) made.push({ does: "works", from: since, to: Math.max(end, since) });
  return made;
}

/** Steps of 1, 2 or 5 that leave room for their texts. */
export function ticksOf(lengthMs: number, width: number): readonly number[] {
  const least = lengthMs / Math.max(1, width / 90);
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= least) ?? 10 * power;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, at) => at * step);
}
