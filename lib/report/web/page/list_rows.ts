/**
 * The rows of the list of actors: groups and frames are one row until they are opened. Pure.
 */
import type { PageActor } from "../page_actor.ts";
import type { PageGroup, PageRun } from "../page_run.ts";
import { toneOf } from "./facts.ts";
import type { Filter } from "./page_state.ts";

export type ActorRow =
  | { readonly kind: "actor"; readonly actor: PageActor; readonly depth: number }
  | {
    readonly kind: "group" | "frame";
    readonly group: PageGroup;
    readonly depth: number;
    readonly isOpen: boolean;
  };

export interface Looked {
  readonly open: ReadonlySet<string>;
  readonly search: string;
  readonly filter: Filter;
}

export function listRows(run: PageRun, { open, search, filter }: Looked): readonly ActorRow[] {
  const found = run.actors.filter((actor) => matchesFilter(actor, filter) && matchesSearch(actor, search));
  // What was looked for is shown, wherever it is folded.
  if (search !== "" || filter !== "all") return found.map((actor) => ({ kind: "actor", actor, depth: 0 }));
  const groups = new Map(run.groups.map((group) => [group.name, group]));
  const frames = countFrames(run);
  const done = new Set<string>();
  const rows: ActorRow[] = [];
  const addFold = (kind: "group" | "frame", group: PageGroup | undefined, depth: number): void => {
    if (group === undefined || done.has(`${kind} ${group.name}`)) return;
    done.add(`${kind} ${group.name}`);
    rows.push({ kind, group, depth, isOpen: open.has(group.name) });
  };
  for (const actor of run.actors) {
    let depth = 0;
    let isFolded = false;
    for (const frame of actor.frames) {
      if (isFolded) break;
      addFold("frame", frames.get(frame), depth);
      isFolded = !open.has(frame);
      depth += 1;
    }
    if (isFolded) continue;
    const group = actor.group === undefined ? undefined : groups.get(actor.group);
    if (group !== undefined) {
      addFold("group", group, depth);
      if (!open.has(group.name)) continue;
      depth += 1;
    }
    rows.push({ kind: "actor", actor, depth });
  }
  return rows;
}

function countFrames({ actors }: PageRun): ReadonlyMap<string, PageGroup> {
  const found = new Map<
    string,
    { name: string; count: number; states: Record<PageActor["state"], number> }
  >();
  for (const { frames, state } of actors) {
    for (const name of frames) {
      const frame = found.get(name) ??
        { name, count: 0, states: { waiting: 0, running: 0, done: 0, failed: 0, stopped: 0 } };
      frame.count += 1;
      frame.states[state] += 1;
      found.set(name, frame);
    }
  }
  return found;
}

export function matchesSearch({ name, command, explain = "" }: PageActor, search: string): boolean {
  const looked = search.trim().toLowerCase();
  return looked === "" || `${name}\n${command}\n${explain}`.toLowerCase().includes(looked);
}

export function matchesFilter(actor: PageActor, filter: Filter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "running":
      return actor.state === "running";
    case "waiting":
      return actor.state === "waiting" || toneOf(actor) === "reads";
    case "full":
      return toneOf(actor) === "full";
    case "done":
      return actor.state === "done";
    default:
      return actor.state === "failed" || actor.state === "stopped";
  }
}
