/**
 * A PageRun with a change in it: what the browser does with what the server sends. What has not changed is the same
 * object as before, so that a view sees by identity what it has to draw anew.
 */
import type { PageChange, Patch } from "./page_change.ts";
import type { PageRun } from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";

export function applyChange(before: PageRun, change: PageChange): PageRun {
  return {
    ...before,
    run: change.run === undefined ? before.run : patch(before.run, change.run),
    actors: addLines(merge(before.actors, change.actors, ({ name }) => name, { stderr: [] }), change.stderr),
    groups: merge(before.groups, change.groups, ({ name }) => name),
    edges: merge(before.edges, change.edges, ({ id }) => id),
    outputs: merge(before.outputs, change.outputs, ({ target }) => target),
    pieces: newest(merge(before.pieces, change.pieces, ({ id }) => id), PAGE_LIMITS.pieces),
    failures: append(before.failures, change.failures, PAGE_LIMITS.failures),
    growths: append(before.growths, change.growths, PAGE_LIMITS.growths),
    undelivered: append(before.undelivered, change.undelivered, PAGE_LIMITS.undelivered),
    rings: append(before.rings, change.rings, PAGE_LIMITS.rings),
    messages: append(before.messages, change.messages, PAGE_LIMITS.messages),
    talks: change.talks ?? before.talks,
    streams: change.streams ?? before.streams,
    ...change.layout === undefined ? {} : { layout: change.layout },
    more: change.more ?? before.more,
  };
}

function patch<Value extends object>(before: Value, change: Patch<Value>): Value {
  const after = { ...before, ...change };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) Reflect.deleteProperty(after, key);
  }
  // Fields that were null are gone; all others have the type of the field.
  return after as Value;
}

/** Records by their keys, in the order in which they came; `fresh` is what a new one has beside what is told of it. */
function merge<Value extends object, Key>(
  before: readonly Value[],
  changes: readonly Patch<Value>[] | undefined,
  keyOf: (value: Value) => Key,
  fresh: Partial<Value> = {},
): readonly Value[] {
  if (changes === undefined || changes.length === 0) return before;
  // Each change has the key of its record.
  const byKey = new Map(changes.map((change) => [keyOf(change as Value), change]));
  const after = before.map((value) => {
    const change = byKey.get(keyOf(value));
    byKey.delete(keyOf(value));
    return change === undefined ? value : patch(value, change);
  });
  // What was not known is told whole.
  for (const change of byKey.values()) after.push(patch({ ...fresh } as Value, change));
  return after;
}

function addLines(actors: PageRun["actors"], stderr: PageChange["stderr"]): PageRun["actors"] {
  if (stderr === undefined || stderr.length === 0) return actors;
  const lines = new Map(stderr.map(({ actor, lines }) => [actor, lines]));
  return actors.map((actor) => {
    const more = lines.get(actor.name);
    return more === undefined
      ? actor
      : { ...actor, stderr: newest([...actor.stderr, ...more], PAGE_LIMITS.stderrLines) };
  });
}

function append<Value>(before: readonly Value[], more: readonly Value[] | undefined, max: number) {
  return more === undefined || more.length === 0 ? before : newest([...before, ...more], max);
}

function newest<Value>(values: readonly Value[], max: number): readonly Value[] {
  return values.length <= max ? values : values.slice(values.length - max);
}
