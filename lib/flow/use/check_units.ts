/**
 * Flows that are used with `retry`: all of their actors are run again when one has failed. What that cannot be is told.
 */
import type { Actor, Retry, StreamRef } from "../../core/flow.ts";
import { isProcess, isSplit } from "../../core/flow.ts";
import { groupOf } from "../../core/instance.ts";
import type { CheckContext } from "../check/check_context.ts";
import type { UsedDraft } from "../check/used_draft.ts";
import { cycleThrough, isCyclic, strongComponents } from "../check/strong_components.ts";
import { quote } from "../schema/names.ts";

interface TriedFlow extends UsedDraft {
  readonly retry: Retry | undefined;
  /** Set when it is used for each record of a stream. */
  readonly stream?: unknown;
}

/** Tells what of flows with `retry` cannot be tried again. */
export function checkUnits(
  actors: ReadonlyMap<string, Actor>,
  { used, check }: { readonly used: ReadonlyMap<string, TriedFlow>; readonly check: CheckContext },
): void {
  const tried = [...used].filter(([, { retry }]) => retry !== undefined);
  const told = new Set<string>();
  for (const [name, { flow, stream }] of tried) {
    if (told.has(groupOf(name))) continue;
    if (stream !== undefined) {
      const message = `Cannot run actor ${
        quote(groupOf(name))
      } again as a whole: it is over the records of a stream (expected "retry" at the actors inside)`;
      check.report({ path: ["actors", groupOf(name), "retry"], message });
      told.add(groupOf(name));
      continue;
    }
    for (const actor of flow.actors.values()) {
      const reason = whyNot(actor);
      if (reason === undefined) continue;
      const message = `Cannot run actor ${quote(groupOf(name))} again as a whole: its actor ${
        quote(groupOf(actor.name))
      } ${reason}`;
      check.report({ path: ["actors", groupOf(name), "retry"], message });
      told.add(groupOf(name));
      break;
    }
  }
  if (tried.length > 0) reportRings(actors, check);
}

/** What the engine cannot begin again in the middle of a run. */
function whyNot(actor: Actor): string | undefined {
  const { unit, workers, members, isCached, isKept } = actor;
  if (unit !== undefined) {
    return `is in ${
      quote(groupOf(unit.name))
    }, which is run again as a whole itself (expected one "retry" of them)`;
  }
  const remedy = 'expected "retry" at the actors inside';
  if (isSplit(actor)) return `splits what it reads (${remedy})`;
  if (workers !== undefined) return `has workers (${remedy})`;
  if (members !== undefined) return `is over the records of a stream (${remedy})`;
  if (isCached === true) return `has "cache", which keeps what has ended well already (${remedy})`;
  if (isKept === true) return `has "keep" (${remedy})`;
  return undefined;
}

/** Nothing is given on before the whole has ended well: what is made of it cannot come back into it. */
function reportRings(actors: ReadonlyMap<string, Actor>, check: CheckContext): void {
  const nameOf = ({ name, unit }: Actor): string => unit?.name ?? name;
  const names = [...new Set([...actors.values()].map(nameOf))];
  const places = new Map(names.map((name, place) => [name, place]));
  const arrows = names.map((): number[] => []);
  for (const reader of actors.values()) {
    for (const { actor } of reader.inputs.flatMap((port): readonly StreamRef[] => port.streams)) {
      const writer = actors.get(actor);
      // What is no process is there for each try.
      if (writer === undefined || !isProcess(writer) || nameOf(writer) === nameOf(reader)) continue;
      arrows[places.get(nameOf(writer)) ?? -1]?.push(places.get(nameOf(reader)) ?? -1);
    }
  }
  for (const component of strongComponents(arrows)) {
    if (!isCyclic(component, arrows)) continue;
    const ring = cycleThrough(component, arrows).map((place) => names[place] ?? "");
    const whole = ring.find((name) => [...actors.values()].some(({ unit }) => unit?.name === name));
    if (whole === undefined) continue; // A cycle of actors is told as one.
    const at = ring.indexOf(whole);
    const way = [...ring.slice(at), ...ring.slice(0, at), whole].map(groupOf).join(" -> ");
    const message = `Cannot run actor ${
      quote(groupOf(whole))
    } again as a whole: what it writes comes back into it, ${way} (expected "retry" at the actors inside)`;
    check.report({ path: ["actors", groupOf(whole), "retry"], message });
  }
}
